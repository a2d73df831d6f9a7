#include "server/authority_service.h"

#include <future>

#include "base/log.h"
#include "base/text.h"
#include "server/config.h"

namespace latchkey::server {

void log_event(const engine::Event& event) {
  std::vector<log::Field> fields{{"at", to_rfc3339(event.at)}, {"realm", event.realm.text}};
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) fields.emplace_back(name, printable(value));
  };
  add("client", event.client.text);
  add("subject", event.subject.text);
  add("grant", event.grant.text);
  add("detail", event.detail);
  add("network", event.network);
  log::write(log::Level::kInfo, event.what, fields);
}

namespace {

/// As a client on this machine writes it; elsewhere only the operator knows our name.
std::string base_url_of(const ServiceOptions& options, std::uint16_t port) {
  const std::string& address = options.listen.address;
  if (options.site.behind_proxy || !is_loopback_address(address)) return {};
  const bool v6 = address.find(':') != std::string::npos;
  return std::string(options.site.tls ? "https" : "http") + "://" +
         (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

Result<std::unique_ptr<Service>> Service::make(ServiceOptions options,
                                               const std::vector<RealmSpec>& realms,
                                               engine::Store& store, const engine::Keys& keys,
                                               const Clock& clock) {
  std::unique_ptr<Service> service(new Service);
  service->patience_ = options.drain;
  service->health_ = std::make_unique<Health>(store);
  options.site.tls = !options.listen.certificate_file.empty();
  service->site_ = std::make_unique<Site>(options.site, clock);
  Site& site = *service->site_;
  // Bound before the realms are made: some are named by where they are.
  options.listen.on_refused = [&site](const net::Refused& r) { return site.refused(r); };
  auto server =
      TRY(net::HttpServer::make(options.listen, [&site](http::Request r, net::Reply reply) {
        site.handle(std::move(r), std::move(reply));
      }));
  service->server_ = std::move(server);
  const auto listener = [more = options.listener](const engine::Event& event) {
    log_event(event);
    if (more) more(event);
  };
  EngineParts parts{store,
                    keys,
                    listener,
                    options.password_cost,
                    options.site.tls || options.site.behind_proxy,
                    base_url_of(options, service->server_->port())};
  if (options.guard) parts.guard = std::make_shared<engine::Guard>(*options.guard);
  // At the same time: a new realm may have to make its signing key, and RSA takes a while.
  std::vector<std::future<Result<std::unique_ptr<ServedRealm>>>> made;
  for (const RealmSpec& spec : realms)
    made.push_back(std::async(std::launch::async, [&spec, &parts, now = clock.now()] {
      return ServedRealm::make(spec, parts, now);
    }));
  for (auto& one : made) {
    auto realm = TRY(one.get());
    site.add(std::move(realm));
  }
  Health& health = *service->health_;
  site.add(Extra{"/livez", [&health](const http::Request& r, Instant) { return health.livez(r); }});
  site.add(Extra{"/readyz",
                 [&health](const http::Request& r, Instant now) { return health.readyz(r, now); }});
  service->sweeper_ = std::make_unique<Sweeper>(store, clock);
  return service;
}

Service::~Service() {
  if (site_) site_->stop();  // what its workers do uses the store
}

void Service::run() {
  server_->run();
  site_->stop();
}

void Service::drain() {
  health_->set_draining();
  server_->drain(patience_);
}

}  // namespace latchkey::server
