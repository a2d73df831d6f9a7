#include "server/config_show.h"

#include "base/json.h"

namespace latchkey::server {
namespace {

/// Writes one table after the other.
class Writer {
 public:
  explicit Writer(bool redacted) : redacted_(redacted) {}

  void table(const std::string& name) { out += (out.empty() ? "[" : "\n[") + name + "]\n"; }
  /// A JSON string is a TOML basic string too.
  void text(const char* key, const std::string& value) { line(key, json::write(value)); }
  /// Something that tells of this machine.
  void place(const char* key, const std::string& value) {
    text(key, redacted_ && !value.empty() ? "…" : value);
  }
  void number(const char* key, std::int64_t value) { line(key, std::to_string(value)); }
  void flag(const char* key, bool value) { line(key, value ? "true" : "false"); }
  void time(const char* key, std::chrono::milliseconds value) {
    text(key, std::to_string(value.count() / 1000) + "s");
  }
  void setting(const dialect::Setting& known, const dialect::Settings& settings) {
    const std::string value = settings.text(known.name);
    const bool says_where = value.starts_with('/') || value.find("://") != value.npos;
    line(std::string(known.name).c_str(),
         json::write(json::Value(redacted_ && says_where ? "…" : value)));
  }

  std::string out;

 private:
  void line(const char* key, const std::string& value) {
    out += std::string(key) + " = " + value + "\n";
  }
  const bool redacted_;
};

void write_listen(Writer& to, const Config& config) {
  to.table("listen");
  to.place("address", config.listen.address);
  to.number("port", config.listen.port);
  to.place("certificate", config.listen.certificate_file);
  to.place("key", config.listen.key_file);
  to.flag("behind_proxy", config.behind_proxy);
  to.number("threads", config.listen.threads);
  to.time("drain", config.drain);
}

void write_monitor(Writer& to, const MonitorOptions& monitor) {
  using Public = MonitorOptions::Public;
  to.table("monitor");
  to.text("public", monitor.on_public == Public::kAll      ? "all"
                    : monitor.on_public == Public::kHealth ? "health"
                                                           : "none");
  if (!monitor.listen) return;
  to.place("address", monitor.listen->address);
  to.number("port", monitor.listen->port);
}

void write_admin(Writer& to, const AdminConfig& admin) {
  to.table("admin");
  to.place("socket", admin.socket);
  if (!admin.listen) return;
  to.place("address", admin.listen->address);
  to.number("port", admin.listen->port);
  to.place("certificate", admin.listen->certificate_file);
  to.place("key", admin.listen->key_file);
  to.place("client_ca", admin.listen->client_ca_file);
  to.place("token_file", admin.token_file);
}

void write_state(Writer& to, const Config& config) {
  to.table("state");
  to.place("directory", config.state_directory);
  to.table("master_key");
  switch (config.master_key.kind) {
    case MasterKeySource::Kind::kFile: to.place("file", config.master_key.name); break;
    case MasterKeySource::Kind::kCredential: to.place("credential", config.master_key.name); break;
    case MasterKeySource::Kind::kPrompt: to.flag("prompt", true); break;
  }
  to.table("audit");
  to.place("file", config.audit.file);
  to.text("sync", config.audit.sync == AuditSync::kEachLine ? "line"
                  : config.audit.sync == AuditSync::kNever  ? "never"
                                                            : "second");
  to.flag("routine", config.audit.routine);
  to.table("log");
  to.flag("requests", config.log_requests);
}

void write_limits(Writer& to, const Config& config) {
  to.table("workers");
  to.number("slow_threads", config.workers.slow_threads);
  to.number("slow_queue", static_cast<std::int64_t>(config.workers.slow_queue));
  to.number("commit_threads", config.workers.commit_threads);
  to.number("commit_queue", static_cast<std::int64_t>(config.workers.commit_queue));
  const net::ServerLimits& limits = config.listen.limits;
  to.table("limits");
  to.number("header_bytes", static_cast<std::int64_t>(limits.header_bytes));
  to.number("header_fields", static_cast<std::int64_t>(limits.header_fields));
  to.number("body_bytes", static_cast<std::int64_t>(limits.body_bytes));
  to.number("connections", limits.connections);
  to.time("header_time", limits.header_time);
  to.time("body_time", limits.body_time);
  to.time("write_time", limits.write_time);
  to.time("idle_time", limits.idle_time);
}

}  // namespace

std::string config_text(const Config& config, bool redacted) {
  Writer to(redacted);
  write_listen(to, config);
  write_monitor(to, config.monitor);
  write_admin(to, config.admin);
  write_state(to, config);
  write_limits(to, config);
  for (const auto& realm : config.realms) {
    to.table("realms." + realm.name.text);
    to.text("dialect", std::string(realm.dialect->traits().name));
    to.text("prefix", realm.prefix);
    if (realm.dialect->settings().empty()) continue;
    to.table("realms." + realm.name.text + ".settings");
    for (const auto& known : realm.dialect->settings()) to.setting(known, realm.settings);
  }
  return std::move(to.out);
}

}  // namespace latchkey::server
