#include "server/config.h"

#include "base/text.h"
#include "server/toml_reader.h"

namespace latchkey::server {
namespace {

constexpr int kMostThreads = 256;
constexpr std::size_t kLongestQueue = 1 << 20;
constexpr std::size_t kMostBytes = 16 << 20;
constexpr int kMostConnections = 100'000;
constexpr int kMostGuesses = 1'000'000;

Result<> read_listen(TomlReader in, Config& config) {
  int port = config.listen.port;
  in.read("address", config.listen.address);
  in.read("port", port, 0, 65535);
  in.read("certificate", config.listen.certificate_file);
  in.read("key", config.listen.key_file);
  in.read("behind_proxy", config.behind_proxy);
  in.read("threads", config.listen.threads, 1, kMostThreads);
  in.read("drain", config.drain);
  config.listen.port = static_cast<std::uint16_t>(port);
  const bool certificate = !config.listen.certificate_file.empty();
  if (certificate != !config.listen.key_file.empty())
    in.reject(certificate ? "key" : "certificate", "is missing: TLS needs certificate and key");
  if (!certificate && !config.behind_proxy && !is_loopback_address(config.listen.address))
    in.reject("address",
              "is not loopback, and plain HTTP would show every token to the network: set "
              "certificate and key, or behind_proxy = true if a proxy in front does TLS");
  return in.finish();
}

/// So many wrong logins a minute and network; 0: no limit.
engine::Pace pace_a_minute(int most) {
  if (most == 0) return {};
  return {engine::Micros{60'000'000 / most}, most};
}

Result<> read_limits(TomlReader in, net::ServerLimits& limits, engine::GuardLimits& guard) {
  int logins = 100, secrets = 300;
  in.read("wrong_logins", logins, 0, kMostGuesses);
  in.read("wrong_secrets", secrets, 0, kMostGuesses);
  guard = {pace_a_minute(logins), pace_a_minute(secrets)};
  in.read("header_bytes", limits.header_bytes, 1024, kMostBytes);
  in.read("header_fields", limits.header_fields, 10, 10'000);
  in.read("body_bytes", limits.body_bytes, 1024, kMostBytes);
  in.read("connections", limits.connections, 1, kMostConnections);
  in.read("header_time", limits.header_time);
  in.read("body_time", limits.body_time);
  in.read("write_time", limits.write_time);
  in.read("idle_time", limits.idle_time);
  return in.finish();
}

Result<> read_workers(TomlReader in, Workers& workers) {
  in.read("slow_threads", workers.slow_threads, 1, kMostThreads);
  in.read("slow_queue", workers.slow_queue, 1, kLongestQueue);
  in.read("commit_threads", workers.commit_threads, 1, kMostThreads);
  in.read("commit_queue", workers.commit_queue, 1, kLongestQueue);
  return in.finish();
}

Result<> read_master_key(TomlReader in, MasterKeySource& source) {
  bool prompt = false;
  std::string file, credential;
  in.read("file", file);
  in.read("credential", credential);
  in.read("prompt", prompt);
  const int given = !file.empty() + !credential.empty() + prompt;
  if (given != 1)
    in.reject("file", "or credential or prompt = true must say where the master key is");
  using Kind = MasterKeySource::Kind;
  if (!file.empty()) source = {Kind::kFile, file};
  else if (!credential.empty()) source = {Kind::kCredential, credential};
  else source = {Kind::kPrompt, {}};
  if (credential.find('/') != credential.npos) in.reject("credential", "is a name, not a path");
  return in.finish();
}

Result<> read_monitor(TomlReader in, MonitorOptions& monitor) {
  using Public = MonitorOptions::Public;
  net::ServerOptions listen;
  std::string open = "none";
  int port = 0;
  in.read("address", listen.address);
  in.read("port", port, 0, 65535);
  in.read("public", open);
  if (open == "all") monitor.on_public = Public::kAll;
  else if (open == "health") monitor.on_public = Public::kHealth;
  else if (open != "none") in.reject("public", "must be none, health or all");
  if (in.has("address") && !in.has("port")) in.reject("address", "needs a port");
  listen.port = static_cast<std::uint16_t>(port);
  if (in.has("port")) monitor.listen = listen;
  return in.finish();
}

Result<> read_audit(TomlReader in, AuditOptions& audit) {
  std::string sync = "second";
  in.read("file", audit.file);
  in.read("sync", sync);
  in.read("routine", audit.routine);
  if (sync == "line") audit.sync = AuditSync::kEachLine;
  else if (sync == "never") audit.sync = AuditSync::kNever;
  else if (sync != "second") in.reject("sync", "must be line, second or never");
  if (!audit.file.empty() && !audit.file.starts_with('/'))
    in.reject("file", "must be a full path, or \"\" for none");
  return in.finish();
}

Result<> read_admin(TomlReader in, AdminConfig& admin) {
  net::ServerOptions listen;
  int port = 0;
  in.read("socket", admin.socket);
  in.read("address", listen.address);
  in.read("port", port, 0, 65535);
  in.read("certificate", listen.certificate_file);
  in.read("key", listen.key_file);
  in.read("client_ca", listen.client_ca_file);
  in.read("token_file", admin.token_file);
  if (!admin.socket.empty() && !admin.socket.starts_with('/'))
    in.reject("socket", "must be a full path, or \"\" for none");
  const bool tls = !listen.certificate_file.empty() && !listen.key_file.empty();
  const bool known = !listen.client_ca_file.empty() || !admin.token_file.empty();
  if (in.has("port") && !tls)
    in.reject("port", "needs certificate and key: operators are never served in the clear");
  if (in.has("port") && !known)
    in.reject("port", "needs client_ca or token_file: who may come in?");
  if (!in.has("port") && (tls || known || in.has("address")))
    in.reject(in.has("address") ? "address" : "certificate", "needs a port");
  listen.port = static_cast<std::uint16_t>(port);
  if (in.has("port")) admin.listen = listen;
  return in.finish();
}

bool is_prefix(std::string_view prefix) {
  if (prefix.empty()) return true;
  if (!prefix.starts_with('/') || prefix.ends_with('/')) return false;
  for (char c : prefix)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '/' && c != '-' && c != '_')
      return false;
  return prefix.find("//") == prefix.npos;
}

bool is_realm_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (char c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') return false;
  return true;
}

Result<RealmSpec> read_realm(TomlReader in, const std::string& name,
                             const dialect::Registry& registry) {
  RealmSpec realm{.name = Realm(name)};
  std::string dialect;
  in.read("dialect", dialect);
  in.read("prefix", realm.prefix);
  TomlReader settings_in = in.table("settings");
  const auto given = settings_in.texts();
  TRY(settings_in.finish());
  TRY(in.finish());
  if (!is_realm_name(name))
    in.reject("dialect", "stands in a realm whose name is not [A-Za-z0-9_-]+");
  if (!is_prefix(realm.prefix)) in.reject("prefix", "must look like \"/name\"");
  realm.dialect = registry.find(dialect);
  if (realm.dialect == nullptr) {
    std::string known;
    for (const auto* one : registry.all()) known += " " + std::string(one->traits().name);
    in.reject("dialect", "must be one of:" + known);
  }
  TRY(in.finish());
  auto settings = dialect::Settings::make(realm.dialect->settings(), given);
  if (!settings) in.reject("settings", settings.error().say);
  TRY(in.finish());
  realm.settings = std::move(*settings);
  return realm;
}

Result<> read_realms(TomlReader in, Config& config, const dialect::Registry& registry) {
  for (const auto& name : in.tables()) {
    auto realm = TRY(read_realm(in.table(name), name, registry));
    for (const auto& other : config.realms)
      if (other.dialect == realm.dialect && other.prefix == realm.prefix)
        in.reject(name, "has the same dialect and prefix as " + other.name.text);
    config.realms.push_back(std::move(realm));
  }
  return in.finish();
}

}  // namespace

bool is_loopback_address(std::string_view address) {
  return address == "::1" || (address.starts_with("127.") && split(address, '.').size() == 4);
}

Result<Config> parse_config(std::string_view text, const std::string& file,
                            const dialect::Registry& registry) {
  const toml::table table = TRY(parse_toml(text, file));
  TomlReader in(file, "", &table);
  Config config{.file = file};
  config.listen.port = 8443;
  TRY(read_listen(in.table("listen"), config));
  TRY(read_limits(in.table("limits"), config.listen.limits, config.guard));
  TRY(read_workers(in.table("workers"), config.workers));
  TRY(read_master_key(in.table("master_key"), config.master_key));

  TomlReader state = in.table("state");
  state.read("directory", config.state_directory);
  if (!config.state_directory.starts_with('/')) state.reject("directory", "must be a full path");
  TRY(state.finish());
  TRY(read_monitor(in.table("monitor"), config.monitor));
  config.audit.file = config.state_directory + "/audit.jsonl";
  TRY(read_audit(in.table("audit"), config.audit));
  config.admin.socket = config.state_directory + "/admin.sock";
  TRY(read_admin(in.table("admin"), config.admin));
  TomlReader log = in.table("log");
  log.read("requests", config.log_requests);
  TRY(log.finish());
  TRY(read_realms(in.table("realms"), config, registry));
  TRY(in.finish());
  if (config.realms.empty()) return fail(Why::kUsage, file + ": there is no [realms.NAME]");
  return config;
}

Result<Config> read_config(const std::string& file, const dialect::Registry& registry) {
  const std::string text = TRY(read_text(file));
  return parse_config(text, file, registry);
}

}  // namespace latchkey::server
