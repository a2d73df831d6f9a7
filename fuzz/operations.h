#pragma once

#include <vector>

#include "engine/operations.h"

namespace latchkey::fuzz {

inline constexpr Instant kNow = from_epoch(1'772'366'400);

/// One of each operation, as if sent.
inline std::vector<engine::Operation> every_operation() {
  const Secret secret("a-secret-of-the-asker");
  const engine::ClientKey client{ClientId("client"), secret};
  const engine::UserKey user{SubjectId("user"), secret};
  return {engine::RequestOtp{client},
          engine::Login{.client = client, .user = user, .partner = "P"},
          engine::Authorize{client.id, "http://127.0.0.1/cb", "state"},
          engine::Exchange{client, secret, "http://127.0.0.1/cb"},
          engine::Delegate{.bearer = secret, .operator_id = 1, .expires_at = kNow + Seconds{60}},
          engine::Refresh{.refresh_token = secret, .client = client, .partner = "P"},
          engine::Validate{.bearer = secret, .token = secret},
          engine::ListOrganizations{secret},
          engine::ListOperators{secret, 1},
          engine::SynchronizeOperators{secret, {{1, "name"}}},
          engine::SetOperatorStatus{.bearer = secret, .operator_id = 1}};
}

}  // namespace latchkey::fuzz
