#include "server/authority_service.h"

#include <future>

#include "base/log.h"
#include "base/text.h"
#include "server/config.h"
#include "server/openapi.h"

namespace latchkey::server {
namespace {

http::Response metrics_answer(const Metrics& metrics, const http::Request& request) {
  http::Response response{.status = request.method == "GET" ? 200 : 405};
  response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
      .add("Cache-Control", "no-store");
  if (response.status == 200) response.body = metrics.text();
  else response.headers.add("Allow", "GET, HEAD");
  return response;
}

}  // namespace

void log_event(const engine::Event& event) {
  if (!log::is_on(log::Level::kInfo)) return;
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

Result<> Service::add_realms(const ServiceOptions& options, const std::vector<RealmSpec>& realms,
                             engine::Store& store, const engine::Keys& keys, const Clock& clock) {
  const auto listener = [metrics = metrics_.get(),
                         more = options.listener](const engine::Event& event) {
    log_event(event);
    metrics->told(event);
    if (more) more(event);
  };
  EngineParts parts{store,
                    keys,
                    listener,
                    options.password_cost,
                    options.site.tls || options.site.behind_proxy,
                    base_url_of(options, server_->port())};
  if (options.guard) parts.guard = std::make_shared<engine::Guard>(*options.guard);
  // At the same time: a new realm may have to make its signing key, and RSA takes a while.
  std::vector<std::future<Result<std::unique_ptr<ServedRealm>>>> made;
  for (const RealmSpec& spec : realms)
    made.push_back(std::async(std::launch::async, [&spec, &parts, now = clock.now()] {
      return ServedRealm::make(spec, parts, now);
    }));
  for (auto& one : made) {
    auto realm = TRY(one.get());
    site_->add(std::move(realm));
  }
  return {};
}

std::vector<Extra> Service::monitoring(MonitorOptions::Public what) const {
  if (what == MonitorOptions::Public::kNone) return {};
  std::vector<Extra> all;
  all.push_back(
      {"/livez",
       [health = health_.get()](const http::Request& r, Instant) { return health->livez(r); },
       true});
  all.push_back({"/readyz",
                 [health = health_.get()](const http::Request& r, Instant now) {
                   return health->readyz(r, now);
                 },
                 true});
  if (what == MonitorOptions::Public::kHealth) return all;
  all.push_back({"/metrics",
                 [metrics = metrics_.get()](const http::Request& r, Instant) {
                   return metrics_answer(*metrics, r);
                 },
                 true});
  return all;
}

void Service::add_gauges(const std::string& version, Instant started) {
  Metrics& metrics = *metrics_;
  metrics.add({"latchkeyd_build_info", "The version that runs.", "{version=\"" + version + "\"}",
               [] { return 1.0; }});
  metrics.add({"latchkeyd_ready", "Whether /readyz said yes when it was asked last.", "",
               [health = health_.get()] { return health->was_ready() ? 1.0 : 0.0; }});
  metrics.add({"latchkeyd_connections", "Connections of the public listener.", "",
               [server = server_.get()] { return static_cast<double>(server->connections()); }});
  for (const auto& [lane, name] : {std::pair(Lane::kCommit, "commit"), {Lane::kSlow, "slow"}})
    metrics.add({"latchkeyd_queue_length", "Requests that wait for a worker.",
                 "{queue=\"" + std::string(name) + "\"}", [site = site_.get(), which = lane] {
                   return static_cast<double>(site->waiting(which));
                 }});
  add_process_gauges(metrics, started);
}

/// Bound before the realms are made: some are named by where they are.
Result<> Service::listen(net::ServerOptions options) {
  Site& site = *site_;
  options.on_refused = [&site](const net::Refused& r) { return site.refused(r); };
  server_ =
      TRY(net::HttpServer::make(std::move(options), [&site](http::Request r, net::Reply reply) {
        site.handle(std::move(r), std::move(reply));
      }));
  return {};
}

Result<std::unique_ptr<Service>> Service::make(ServiceOptions options,
                                               const std::vector<RealmSpec>& realms,
                                               engine::Store& store, const engine::Keys& keys,
                                               const Clock& clock) {
  std::unique_ptr<Service> service(new Service);
  std::vector<std::string> names;
  for (const auto& realm : realms) names.push_back(realm.name.text);
  service->metrics_ = std::make_unique<Metrics>(names);
  service->patience_ = options.drain;
  service->health_ = std::make_unique<Health>(store);
  options.site.tls = !options.listen.certificate_file.empty();
  service->site_ = std::make_unique<Site>(options.site, clock);
  TRY(service->listen(options.listen));
  TRY(service->add_realms(options, realms, store, keys, clock));
  Site& site = *service->site_;
  for (Extra& extra : service->monitoring(options.monitor.on_public)) site.add(std::move(extra));
  for (Extra& extra : openapi_extras(site.realms(), options.monitor.on_public, options.version))
    site.add(std::move(extra));
  site.on_served([metrics = service->metrics_.get()](const Served& one) { metrics->served(one); });
  if (options.monitor.listen)
    service->monitor_ = TRY(SideDoor::make(
        *options.monitor.listen, service->monitoring(MonitorOptions::Public::kAll), clock, false));
  service->add_gauges(options.version, clock.now());
  service->sweeper_ = std::make_unique<Sweeper>(store, clock);
  return service;
}

Service::~Service() {
  doors_.clear();
  monitor_.reset();
  if (site_) site_->stop();  // what its workers do uses the store
}

/// The side doors stay open to the end: who watches sees it drain.
void Service::run() {
  if (monitor_) monitor_->start();
  for (const auto& door : doors_) door->start();
  server_->run();
  doors_.clear();
  monitor_.reset();
  site_->stop();
}

void Service::drain() {
  health_->set_draining();
  server_->drain(patience_);
}

}  // namespace latchkey::server
