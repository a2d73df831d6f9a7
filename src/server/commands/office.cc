#include "server/commands/office.h"

#include <filesystem>

#include "base/log.h"
#include "server/master_key.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

constexpr const char* kDatabase = "/latchkeyd.db";

}  // namespace

std::string store_path(const std::string& state_directory) { return state_directory + kDatabase; }

Result<> make_state_directory(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::create_directories(path, error)) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return fail(Why::kStore, "cannot make " + path + ": " + error.message());
  return {};
}

Result<Office> open_office(const Edges& edges, const std::string& config_file,
                           std::optional<StateLock>* lock) {
  if (config_file.empty()) return fail(Why::kUsage, "which authority? give --config FILE");
  Config config = TRY(read_config(config_file, *edges.registry));
  const std::string& state = config.state_directory;
  TRY(make_state_directory(state));
  if (lock != nullptr) {
    auto held = TRY(StateLock::take(state));
    lock->emplace(std::move(held));
  }
  const Secret master =
      TRY(read_master_key(config.master_key, state, edges.environment("CREDENTIALS_DIRECTORY")));
  return open_office(edges, std::move(config), master);
}

Result<Office> open_office(const Edges& edges, Config config, const Secret& master) {
  Office office;
  office.config = std::move(config);
  office.now = edges.clock->now();
  const std::string& state = office.config.state_directory;
  office.keys = std::make_unique<engine::Keys>(master);
  office.store = TRY(edges.open_store(store_path(state)));
  TRY(check_master_key(*office.store, *office.keys, office.now));
  office.epoch = std::make_unique<EpochFile>(*office.store, state);
  const auto ended = TRY(office.epoch->check(office.now));
  if (ended) log::write(log::Level::kWarn, "store_is_older", {{"ended", std::to_string(*ended)}});
  office.admin = std::make_unique<engine::Admin>(*office.store, *office.keys);
  office.admin->after_ending([epoch = office.epoch.get()] { return epoch->raise(); });
  return office;
}

Result<std::unique_ptr<AuditLog>> open_audit(const Office& office) {
  if (office.config.audit.file.empty()) return nullptr;
  return AuditLog::open(office.config.audit, *office.keys);
}

Result<Secret> read_password(const std::string& file) {
  if (!file.empty()) return read_secret_file(file);
  auto first = TRY(ask_secret("Password"));
  const Secret second = TRY(ask_secret("Again"));
  if (first != second) return fail(Why::kUsage, "the two passwords differ");
  return first;
}

}  // namespace latchkey::server
