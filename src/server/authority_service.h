#pragma once

#include "net/http_server.h"
#include "server/health.h"
#include "server/metrics.h"
#include "server/side_door.h"
#include "server/site.h"
#include "server/sweeper.h"

namespace latchkey::server {

/// Where /livez, /readyz and /metrics are answered. Never to the world unasked.
struct MonitorOptions {
  /// What the public listener answers besides its realms.
  enum class Public { kNone, kHealth, kAll };
  Public on_public = Public::kNone;
  std::optional<net::ServerOptions> listen = {};  ///< a listener of its own, plain HTTP
};

struct ServiceOptions {
  net::ServerOptions listen = {};
  SiteOptions site = {};
  std::chrono::milliseconds drain{10'000};
  crypto::PasswordCost password_cost = {};
  MonitorOptions monitor = {};
  engine::Listener listener = {};  ///< hears every event, besides the log and the metrics
  std::string version = {};
  std::optional<engine::GuardLimits> guard = {};  ///< none: guesses are not counted by network
};

/// An authority that is ready to serve: realms over a store, behind a listener.
/// `store`, `keys` and `clock` must outlive it.
class Service {
 public:
  static Result<std::unique_ptr<Service>> make(ServiceOptions options,
                                               const std::vector<RealmSpec>& realms,
                                               engine::Store& store, const engine::Keys& keys,
                                               const Clock& clock);
  ~Service();

  /// Before run().
  Site& site() { return *site_; }
  Metrics& metrics() { return *metrics_; }
  std::uint16_t port() const { return server_->port(); }
  /// Of the monitor's own listener; 0 when there is none.
  std::uint16_t monitor_port() const { return monitor_ ? monitor_->port() : 0; }
  /// The health and metrics endpoints, for another listener.
  std::vector<Extra> monitoring(MonitorOptions::Public what) const;
  /// Before run(): a listener that serves as long as this one does.
  void add(std::unique_ptr<SideDoor> door) { doors_.push_back(std::move(door)); }
  /// Serves until drain() was called and everybody was answered.
  void run();
  /// From any thread.
  void drain();

 private:
  Service() = default;
  Result<> add_realms(const ServiceOptions& options, const std::vector<RealmSpec>& realms,
                      engine::Store& store, const engine::Keys& keys, const Clock& clock);
  Result<> listen(net::ServerOptions options);
  void add_gauges(const std::string& version, Instant started);

  std::chrono::milliseconds patience_{};
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Health> health_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<SideDoor> monitor_;
  std::vector<std::unique_ptr<SideDoor>> doors_;
  std::unique_ptr<Sweeper> sweeper_;
};

/// Writes what the engine reports to the log, escaped.
void log_event(const engine::Event& event);

}  // namespace latchkey::server
