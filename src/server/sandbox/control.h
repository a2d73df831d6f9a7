#pragma once

#include "engine/admin.h"
#include "net/clock.h"
#include "server/sandbox/demo.h"
#include "server/sandbox/recorder.h"

namespace latchkey::server {

/// What the sandbox's control endpoint does. Everything below /_sandbox/, in
/// JSON; a production authority has no such paths.
///
///   GET  info                          the document printed at start
///   GET  outbox?system=                what would have been sent
///   GET  requests?last=                what was asked, without secrets
///   POST advance {"by"}                moves the clock forward
///   POST revoke {"system","client","user"}   ends matching families; the last two may be absent
///   POST enable {"system","user"}      lets suspended accounts in again; without user: all
///   POST restart-day {"system"}        drops what accounts did since it began
///   POST push {"approve","transaction"}   answers a push: that one, the newest of a client's
///                                      id, or the newest of all
///
/// A browser's page cannot use it: the Host must be this machine and a POST must
/// be application/json. Thread-safe.
class Control {
 public:
  /// Told of each family that a `revoke` has ended, before it is answered.
  using Revoked = std::function<Result<>(const engine::Grant&, Instant now)>;

  Control(engine::Admin& admin, net::SettableClock& clock, const Recorder& recorder,
          const std::vector<DemoRealm>& realms, std::function<json::Object()> info,
          Revoked revoked = {})
      : admin_(admin),
        clock_(clock),
        recorder_(recorder),
        realms_(realms),
        info_(std::move(info)),
        revoked_(std::move(revoked)) {}

  http::Response answer(const http::Request& request, Instant now);

 private:
  Result<json::Value> dispatch(const http::Request& request, Instant now);
  Result<json::Value> post(std::string_view verb, const json::Object& body, Instant now);
  Result<json::Value> advance(const json::Object& body);
  Result<json::Value> revoke(const json::Object& body, Instant now);
  Result<json::Value> enable(const json::Object& body, Instant now);
  Result<json::Value> restart_day(const json::Object& body);
  Result<json::Value> push(const json::Object& body, Instant now);
  Result<json::Value> outbox(const std::string* system);
  /// All of them when `system` is null.
  Result<std::vector<const DemoRealm*>> realms_of(const std::string* system) const;

  engine::Admin& admin_;
  net::SettableClock& clock_;
  const Recorder& recorder_;
  const std::vector<DemoRealm>& realms_;
  const std::function<json::Object()> info_;
  const Revoked revoked_;
};

}  // namespace latchkey::server
