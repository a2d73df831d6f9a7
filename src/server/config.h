#pragma once

#include "dialect/registry.h"
#include "net/http_server.h"
#include "server/audit_log.h"
#include "server/authority_service.h"
#include "server/site.h"

namespace latchkey::server {

/// Where the key comes from that seals all others. It never lies in the state
/// directory.
struct MasterKeySource {
  enum class Kind { kFile, kCredential, kPrompt };
  Kind kind = Kind::kPrompt;
  std::string name = {};  ///< the file, or the name of a systemd credential
};

/// Where operators' programs ask: a Unix socket for this user and root, and maybe TLS.
struct AdminConfig {
  std::string socket = {};  ///< a full path; "": none
  /// With a certificate, and a client_ca_file or a token file; never plain HTTP.
  std::optional<net::ServerOptions> listen = {};
  std::string token_file = {};  ///< "NAME TOKEN", a line each
};

/// `latchkeyd serve --config FILE`, checked. docs/latchkeyd.md has every key.
struct Config {
  std::string file = {};
  net::ServerOptions listen = {};
  bool behind_proxy = false;
  std::string state_directory = {};
  MasterKeySource master_key = {};
  Workers workers = {};
  bool log_requests = true;
  engine::GuardLimits guard = {};
  std::chrono::milliseconds drain{10'000};
  MonitorOptions monitor = {};
  AuditOptions audit = {};
  AdminConfig admin = {};
  std::vector<RealmSpec> realms = {};
};

/// Reads and checks everything that can be checked without touching the state.
/// kUsage, naming file and line: a key that is unknown or of the wrong kind, a
/// dialect or setting that is not there, two realms of one prefix, plain HTTP on
/// an address that is not loopback without `behind_proxy`.
Result<Config> read_config(const std::string& file, const dialect::Registry& registry);
Result<Config> parse_config(std::string_view text, const std::string& file,
                            const dialect::Registry& registry);

/// 127.0.0.0/8 or ::1.
bool is_loopback_address(std::string_view address);

}  // namespace latchkey::server
