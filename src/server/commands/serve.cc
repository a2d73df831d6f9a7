#include <unistd.h>

#include <mutex>

#include "base/log.h"
#include "net/unix_listener.h"
#include "server/admin/admin_api.h"
#include "server/audit_verify.h"
#include "server/commands/office.h"
#include "server/commands/stopper.h"
#include "server/secret_file.h"
#include "server/state_lock.h"

namespace latchkey::server {
namespace {

/// SIGHUP may come at any time, also when the log is not open yet, or no more.
class Rotation {
 public:
  /// For as long as this lives, `audit` (maybe null) hears of it.
  class Heard {
   public:
    Heard(Rotation& rotation, AuditLog* audit) : rotation_(rotation) { rotation_.set(audit); }
    ~Heard() { rotation_.set(nullptr); }
    Heard(const Heard&) = delete;

   private:
    Rotation& rotation_;
  };

  void happened() {
    std::scoped_lock lock(mutex_);
    if (audit_ != nullptr) audit_->reopen();
  }

 private:
  void set(AuditLog* audit) {
    std::scoped_lock lock(mutex_);
    audit_ = audit;
  }
  std::mutex mutex_;
  AuditLog* audit_ = nullptr;
};

struct None {};
void bind_none(CLI::App&, None&) {}

ServiceOptions options_of(const Config& config, EpochKeeper& keeper, AuditLog* audit,
                          const std::string& version) {
  ServiceOptions options{.listen = config.listen, .drain = config.drain};
  options.guard = config.guard;
  options.listener = [&keeper, audit](const engine::Event& event) {
    keeper.told(event);
    if (audit != nullptr) audit->told(event);
  };
  options.site = {.workers = config.workers,
                  .behind_proxy = config.behind_proxy,
                  .log_requests = config.log_requests};
  options.monitor = config.monitor;
  options.version = version;
  return options;
}

/// The doors for operators; the socket is removed when `listener` goes.
Result<> open_doors(const Office& office, const AdminApi& api, const Clock& clock, Service& service,
                    std::optional<net::UnixListener>& listener) {
  const AdminConfig& admin = office.config.admin;
  if (!admin.socket.empty()) {
    auto made = TRY(net::UnixListener::make(admin.socket));
    listener.emplace(std::move(made));
    net::ServerOptions listen{
        .listener = listener->release(), .only_user = geteuid(), .admit_root = true};
    auto door = TRY(SideDoor::make(std::move(listen), api.extras({}), clock, true));
    service.add(std::move(door));
    log::write(log::Level::kInfo, "admin_open", {{"socket", admin.socket}});
  }
  if (!admin.listen) return {};
  AdminApi::Door who;
  if (!admin.token_file.empty()) {
    const Secret text = TRY(read_secret_file(admin.token_file));
    who.tokens = TRY(read_admin_tokens(text));
  }
  auto door = TRY(SideDoor::make(*admin.listen, api.extras(std::move(who)), clock, true));
  log::write(log::Level::kInfo, "admin_open",
             {{"address", admin.listen->address}, {"port", door->port()}});
  service.add(std::move(door));
  return {};
}

void tell_listening(const Config& config, const Service& service) {
  if (config.monitor.listen)
    log::write(log::Level::kInfo, "monitor_open",
               {{"address", config.monitor.listen->address}, {"port", service.monitor_port()}});
  log::write(log::Level::kInfo, "listening",
             {{"address", config.listen.address},
              {"port", service.port()},
              {"tls", std::string_view(config.listen.certificate_file.empty() ? "no" : "yes")}});
}

/// Its lines are numbered in the store too, so that a cut at the end is seen.
void fit_audit(AuditLog& audit, engine::Store& store, Service& service) {
  audit.on_flush([&store](std::int64_t last) {
    if (const auto kept = keep_audit_mark(store, last); !kept)
      log::write(log::Level::kWarn, "audit_mark_failed",
                 {{"why", std::string_view(name_of(kept.error().why))}});
  });
  service.metrics().add({"latchkeyd_audit_lines_total", "Lines of the audit log.", "",
                         [&audit] { return static_cast<double>(audit.last()); }});
  service.metrics().add({"latchkeyd_audit_failures_total",
                         "Lines that could not be written to the audit log.", "",
                         [&audit] { return static_cast<double>(audit.failures()); }});
}

Result<> serve(const Edges& edges, const Chosen& chosen, const None&) {
  std::optional<StateLock> lock;  // before the store: no other version of us migrates it
  const Office office = TRY(open_office(edges, chosen.config, &lock));
  const Config& config = office.config;
  Rotation rotation;
  Stopper stopper([&rotation] { rotation.happened(); });
  const auto audit = TRY(open_audit(office));
  EpochKeeper keeper(*office.epoch);
  const Rotation::Heard heard(rotation, audit.get());
  const auto service = TRY(Service::make(options_of(config, keeper, audit.get(), edges.version),
                                         config.realms, *office.store, *office.keys, *edges.clock));
  const AdminApi api(config.realms, *office.admin, audit.get(), edges.version);
  std::optional<net::UnixListener> socket;
  TRY(open_doors(office, api, *edges.clock, *service, socket));
  if (audit) {
    fit_audit(*audit, *office.store, *service);
    TRY(audit->append(edges.clock->now(), "started", {{"version", edges.version}}, true));
  }
  tell_listening(config, *service);
  stopper.run(*service);
  if (audit) TRY(audit->append(edges.clock->now(), "stopped", {}, true));
  log::write(log::Level::kInfo, "stopped");
  return {};
}

}  // namespace

void add_serve(CLI::App& app, Chosen& chosen) {
  add_verb<None>(app, chosen, "serve", "serve the realms that --config names, until SIGTERM",
                 bind_none, serve);
}

}  // namespace latchkey::server
