#pragma once

#include "engine/testing.h"

// For the tests of what extends OAuth: a realm with all of it switched on.

namespace latchkey::engine {

/// Scopes read, write and admin, of which read is given to who asks for none.
inline Policy granting() {
  Policy policy = coded();
  policy.access_lifetime = 30min;
  policy.scope = "read";
  StandardPolicy& standard = policy.standard;
  standard.on = true;
  standard.issuer = "https://as.example";
  standard.scopes = {"openid", "offline_access", "read", "write", "admin"};
  standard.audience = "https://api.example";
  standard.resources = {"https://files.example"};
  standard.device = standard.exchange = standard.pushed = standard.registration = true;
  standard.act = [](std::string_view actor, std::string_view before) -> Result<std::string> {
    return std::string(actor) + (before.empty() ? "" : "(" + std::string(before) + ")");
  };
  return policy;
}

/// What a codec makes of a good proof by the key `thumbprint`.
inline DpopProof proof_by(std::string_view thumbprint) {
  static int number = 0;
  return {.verified = true,
          .thumbprint = std::string(thumbprint),
          .id = "proof-" + std::to_string(++number),
          .issued = kNoon,
          .method = "POST",
          .uri = "https://as.example/oauth2/token"};
}

}  // namespace latchkey::engine
