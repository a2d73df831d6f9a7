#pragma once

#include "dialect/codec.h"
#include "engine/authority.h"
#include "http/client.h"

namespace latchkey::broker {

/// An authority at the other end of a wire: a codec and a way to send. Errors are
/// the authority's refusals, or the client's kUnavailable and kNoAnswer. A server that
/// broke (5xx, but not 503) gives kNoAnswer: it may have done what was asked first.
class RemoteAuthority final : public engine::Authority {
 public:
  /// `ready`, if any, is asked as http::Client::send_when does, for each operation.
  RemoteAuthority(const dialect::Codec& codec, http::Client& client, http::Client::Ready ready = {})
      : codec_(codec), client_(client), ready_(std::move(ready)) {}
  Result<engine::Outcome> perform(const engine::Operation& operation, Instant now) override;
  /// Of the last answer; 0 if there was none.
  int status() const { return status_; }
  /// What the last answer wants to see in a proof: proof_nonce.h.
  const std::string& nonce() const { return nonce_; }

 private:
  const dialect::Codec& codec_;
  http::Client& client_;
  const http::Client::Ready ready_;
  int status_ = 0;
  std::string nonce_ = {};
};

}  // namespace latchkey::broker
