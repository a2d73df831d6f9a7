#include "engine/store.h"

namespace latchkey::engine {

void Store::do_transact_later(std::function<Result<>(Tx&)> work,
                              std::move_only_function<void(Result<>)> done) {
  Result<> result = fail(Why::kBug);
  try {
    result = do_transact(work);
  } catch (const std::exception& e) {
    result = fail(Why::kBug, "", e.what());
  }
  done(std::move(result));
}

}  // namespace latchkey::engine
