#pragma once

#include "engine/policy.h"

namespace latchkey::dialects::oauth2 {

/// Access tokens as RFC 9068 has them: typ at+jwt, iss, exp, aud, sub, client_id, iat, jti
/// (checklist 36).
engine::JwtForm access_form(std::string issuer, std::string audience, crypto::Alg alg);

/// ID tokens (OpenID Connect Core section 2), with at_hash, nonce, auth_time and amr.
engine::IdTokenForm id_form(std::string issuer, crypto::Alg alg, Seconds lifetime);

}  // namespace latchkey::dialects::oauth2
