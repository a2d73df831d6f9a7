#include "store/memory/memory_store.h"

#include "store/memory/memory_tx.h"

namespace latchkey::store {

MemoryStore::MemoryStore() : state_(std::make_shared<const State>()) {}
MemoryStore::~MemoryStore() = default;

std::shared_ptr<const State> MemoryStore::now() const {
  const std::lock_guard lock(swap_);
  return state_;
}

Result<> MemoryStore::do_transact(const Work& work) {
  const std::lock_guard writing(one_writer_);
  auto next = std::make_shared<State>(*now());
  MemoryTx tx(*next, next.get());
  TRY(work(tx));
  const std::lock_guard lock(swap_);
  state_ = std::move(next);
  return {};
}

Result<> MemoryStore::do_read(const Work& work) {
  const std::shared_ptr<const State> snapshot = now();
  MemoryTx tx(*snapshot, nullptr);
  return work(tx);
}

}  // namespace latchkey::store
