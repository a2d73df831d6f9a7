#include "kinds.h"

#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace latchkey::store_contract {

namespace {

std::unique_ptr<engine::Store> open_memory(const TempDir&) {
  return std::make_unique<store::MemoryStore>();
}

std::unique_ptr<engine::Store> open_sqlite(const TempDir& dir) {
  return must(store::SqliteStore::open(dir / "store.db"));
}

}  // namespace

std::vector<Kind> every_kind() {
  return {{.name = "Memory", .open = open_memory}, {.name = "Sqlite", .open = open_sqlite}};
}

}  // namespace latchkey::store_contract
