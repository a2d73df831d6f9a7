#include "kinds.h"

#include "store/memory/memory_store.h"

namespace latchkey::store_contract {

std::vector<Kind> every_kind() {
  return {{"Memory", [](const TempDir&) -> std::unique_ptr<engine::Store> {
             return std::make_unique<store::MemoryStore>();
           }}};
}

}  // namespace latchkey::store_contract
