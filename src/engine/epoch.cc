#include "engine/epoch.h"

namespace latchkey::engine {
namespace {

const Realm kOwn{"_authority"};
constexpr const char* kMark = "epoch";

Result<std::int64_t> read_epoch(Tx& tx) {
  const auto mark = TRY(tx.mark(kOwn, kMark));
  return mark.value_or(0);
}

}  // namespace

Result<std::int64_t> epoch_of(Store& store) { return store.read(read_epoch); }

Result<std::int64_t> raise_epoch(Store& store) {
  return store.transact([](Tx& tx) -> Result<std::int64_t> {
    const auto before = TRY(read_epoch(tx));
    TRY(tx.raise_mark(kOwn, kMark, before + 1));
    return before + 1;
  });
}

Result<int> begin_anew(Store& store, std::int64_t epoch, Instant now) {
  return store.transact([&](Tx& tx) -> Result<int> {
    TRY(tx.raise_mark(kOwn, kMark, epoch));
    TRY(tx.drop_pending(Realm{}));
    return tx.revoke_grants({}, "the store was put back to an older state", now);
  });
}

}  // namespace latchkey::engine
