#pragma once

#include "engine/admin.h"
#include "server/commands/command.h"
#include "server/config.h"
#include "server/epoch_file.h"
#include "server/state_lock.h"

namespace latchkey::server {

/// An authority's store, opened by its configuration, for operators.
struct Office {
  Config config;
  std::unique_ptr<engine::Store> store;
  std::unique_ptr<engine::Keys> keys;
  std::unique_ptr<engine::Admin> admin;
  std::unique_ptr<EpochFile> epoch;
  Instant now{};
};

/// Reads the configuration, makes the state directory (0700) if there is none,
/// reads the master key, and opens the store with it. A store that is older than what
/// was acknowledged is ended first (epoch_file.h), and standard error says so. With `lock`
/// it is for an authority that serves: kConflict when one does already.
Result<Office> open_office(const Edges& edges, const std::string& config_file,
                           std::optional<StateLock>* lock = nullptr);

/// The same of a configuration and a master key that were read before.
Result<Office> open_office(const Edges& edges, Config config, const Secret& master);

/// Makes it, 0700, with all above it, if it is missing.
Result<> make_state_directory(const std::string& path);
/// The database in it.
std::string store_path(const std::string& state_directory);

/// Null when the configuration wants none.
Result<std::unique_ptr<AuditLog>> open_audit(const Office& office);

/// A password from a file, from standard input ("-"), or typed twice.
Result<Secret> read_password(const std::string& file);

}  // namespace latchkey::server
