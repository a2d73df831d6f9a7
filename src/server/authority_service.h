#pragma once

#include "net/http_server.h"
#include "server/health.h"
#include "server/site.h"
#include "server/sweeper.h"

namespace latchkey::server {

struct ServiceOptions {
  net::ServerOptions listen = {};
  SiteOptions site = {};
  std::chrono::milliseconds drain{10'000};
  crypto::PasswordCost password_cost = {};
  engine::Listener listener = {};                 ///< hears every event, besides the log
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
  std::uint16_t port() const { return server_->port(); }
  /// Serves until drain() was called and everybody was answered.
  void run();
  /// From any thread.
  void drain();

 private:
  Service() = default;

  std::chrono::milliseconds patience_{};
  std::unique_ptr<Health> health_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<Sweeper> sweeper_;
};

/// Writes what the engine reports to the log, escaped.
void log_event(const engine::Event& event);

}  // namespace latchkey::server
