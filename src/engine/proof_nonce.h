#pragma once

#include "engine/keys.h"

namespace latchkey::engine {

/// What a DPoP proof must hold where the policy wants nonces (RFC 9449 section 8):
/// unguessable, the same for everybody, another one every kProofNonceLifetime. Nothing is
/// stored, and every program with the same master key knows it.
std::string proof_nonce(const Keys& keys, const Realm& realm, Instant now);

/// Whether it is the one of now or the one before.
bool is_proof_nonce(const Keys& keys, const Realm& realm, std::string_view nonce, Instant now);

inline constexpr Seconds kProofNonceLifetime{300};

}  // namespace latchkey::engine
