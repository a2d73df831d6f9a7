// latchkeyd: the authority. The concrete parts are chosen here and nowhere else.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>

#include "apps/dialects.h"
#include "base/exit_code.h"
#include "net/clock.h"
#include "server/commands/commands.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/sqlite_store.h"

namespace {

using namespace latchkey;

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

Result<std::unique_ptr<engine::Store>> open_store(const std::string& path) {
  std::unique_ptr<engine::Store> store = TRY(store::SqliteStore::open(path));
  return store;
}

Result<server::StoreFile> look_at_store(const std::string& path) {
  auto file = TRY(store::look_at_store(path));
  return server::StoreFile{file.schema, file.newest, std::move(file.steps), std::move(file.facts)};
}

/// No core dump may hold a key, no other process may look into this one, and no
/// file that it makes is anybody else's.
void close_the_curtains() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  umask(077);
}

}  // namespace

int main(int argc, char** argv) {
  close_the_curtains();
  const dialect::Registry registry = apps::all_dialects();
  const net::SystemClock clock;
  return server::run(argc, argv,
                     {.registry = &registry,
                      .clock = &clock,
                      .open_store = open_store,
                      .store_tools = {look_at_store, store::back_up_store, store::unpack_store},
                      .environment = environment,
                      .exit_code = [](Why why) { return exit_code(why); },
                      .version = LATCHKEY_VERSION});
}
