#pragma once

#include "engine/operations.h"

namespace latchkey::engine {

/// The port that joins both halves: somebody who can perform an operation.
/// LocalAuthority does it over a store; broker::RemoteAuthority over a wire.
/// Thread-safe.
class Authority {
 public:
  virtual ~Authority() = default;
  virtual Result<Outcome> perform(const Operation& operation, Instant now) = 0;
};

}  // namespace latchkey::engine
