#pragma once

#include <mutex>

#include "broker/key_ring.h"

namespace latchkey::proxy {

/// One profile's token for the threads of a proxy, over one key ring. Thread-safe: while
/// one of them waits for a renewal, the others are given the old token as long as it lives.
class Tokens {
 public:
  /// At most one token in this time is called dead because of an answer: a provider that
  /// says 401 for something else must not cost a login.
  static constexpr Seconds kBetweenBurials{60};

  /// `ring` must outlive it, and nobody else may use it meanwhile.
  Tokens(broker::KeyRing& ring, broker::Profile profile)
      : ring_(ring), profile_(std::move(profile)) {}

  const broker::Profile& profile() const { return profile_; }
  /// As Broker::token, with the profile's `live_for`.
  Result<Secret> get();
  /// Another token than `dead`, which the provider has just refused: one that somebody
  /// else has renewed, or a renewed one. kInvalidToken when there is none to be had now, and
  /// where it is not the token that was refused (`alive`: broker::blames_proof).
  Result<Secret> instead_of(const Secret& dead, bool alive = false);
  /// The request as the provider takes it with that token, once: Broker::dress.
  Result<http::Request> dress(const Secret& token, http::Request request);
  /// What an answer says of the next request's proof, where tokens are bound to a key.
  void hear(const http::Headers& answer);
  /// Whether bodies are sealed, and must be there whole before they are sent.
  Result<bool> seals_bodies();

 private:
  broker::KeyRing& ring_;
  const broker::Profile profile_;
  std::mutex ring_mutex_;
  std::optional<Instant> buried_;  // under ring_mutex_

  std::mutex last_mutex_;
  broker::Handed last_;
};

}  // namespace latchkey::proxy
