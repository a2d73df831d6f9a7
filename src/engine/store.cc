#include "engine/store.h"

namespace latchkey::engine {

void Store::do_transact_later(std::vector<Work> works, Done done) {
  std::vector<Result<>> results;
  results.reserve(works.size());
  for (const Work& work : works) {
    try {
      results.push_back(do_transact(work));
    } catch (const std::exception& e) {
      results.push_back(fail(Why::kBug, "", e.what()));
    }
  }
  done(std::move(results));
}

}  // namespace latchkey::engine
