#pragma once

#include "engine/admin.h"
#include "server/commands/command.h"
#include "server/config.h"
#include "server/epoch_file.h"

namespace latchkey::server {

/// An authority's store, opened by its configuration, for operators.
struct Office {
  Config config;
  std::unique_ptr<engine::Store> store;
  std::unique_ptr<engine::Keys> keys;
  std::unique_ptr<engine::Admin> admin;
  std::unique_ptr<EpochFile> epoch;
  Instant now{};

  /// The realm of that name; the only one there is when `name` is empty.
  Result<const RealmSpec*> realm(const std::string& name) const;
};

/// Reads the configuration, makes the state directory (0700) if there is none,
/// reads the master key, and opens the store with it. A store that is older than what
/// was acknowledged is ended first (epoch_file.h), and standard error says so.
Result<Office> open_office(const Edges& edges, const std::string& config_file);

/// A password from a file, from standard input ("-"), or typed twice.
Result<Secret> read_password(const std::string& file);

}  // namespace latchkey::server
