#pragma once

#include "server/served_realm.h"

namespace latchkey::server {

/// Where an operation may run.
enum class Lane {
  kHere,    ///< a look-up: on the network thread
  kLater,   ///< the same, and then the store has the rest: no thread waits
  kCommit,  ///< waits for the disk: on threads that share a commit
  kSlow,    ///< hashes a password: on few threads, so that it slows nothing else
};

Lane lane_of(const engine::Policy& policy, const engine::Operation& operation);

/// A request on its way through a realm: decoded, then performed, then answered.
/// Decides nothing; what the dialect and the engine throw becomes kBug, in the
/// dialect's own words. Each step may run on another thread.
class DialectCall {
 public:
  /// Decodes. The request's path is without the realm's prefix, its peer the network
  /// that guesses are counted by (network.h).
  DialectCall(const ServedRealm& realm, http::Request request);

  /// kHere for a request that could not be decoded: there is only the refusal to say.
  Lane lane() const;
  /// "" when the request could not be decoded.
  const char* operation() const;

  /// ask(), then encode().
  http::Response perform(Instant now);
  /// What the engine says; why not, of a request that could not be decoded.
  Result<engine::Outcome> ask(Instant now);
  http::Response encode(Result<engine::Outcome> result, Instant now);
  /// Lane::kLater in two halves: the store runs the work of what begin() gives, and end() says
  /// how it ended. The call must outlive it.
  Result<std::unique_ptr<engine::Begun>> begin(Instant now);
  http::Response end(engine::Begun& begun, const Result<>& committed, Instant now);
  /// The answer of a realm that has no room for this now.
  http::Response turn_away(Instant now);

  /// Why the last answer was a refusal.
  const std::optional<Error>& error() const { return error_; }
  const http::Request& request() const { return request_; }

  const ServedRealm& realm() const { return realm_; }
  /// nullptr when the request could not be decoded.
  const engine::Operation* asked() const;

 private:
  const ServedRealm& realm_;
  http::Request request_;
  std::optional<Result<engine::Operation>> operation_;
  std::optional<Error> error_;
};

}  // namespace latchkey::server
