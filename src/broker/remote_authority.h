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
  RemoteAuthority(const dialect::Codec& codec, http::Client& client)
      : codec_(codec), client_(client) {}
  Result<engine::Outcome> perform(const engine::Operation& operation, Instant now) override;
  /// Of the last answer; 0 if there was none.
  int status() const { return status_; }

 private:
  const dialect::Codec& codec_;
  http::Client& client_;
  int status_ = 0;
};

}  // namespace latchkey::broker
