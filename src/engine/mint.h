#pragma once

#include "engine/keys.h"
#include "engine/policy.h"

namespace latchkey::engine {

/// A new token of that form; empty for kNone. Signs or draws random bytes;
/// touches no store. kBug for kJwt without a signer of the policy's algorithm.
Result<Secret> mint(TokenForm form, const Policy& policy, const std::optional<Signer>& signer,
                    const JwtFacts& facts);
/// An ID token; kBug without a signer.
Result<Secret> mint_id_token(const IdTokenForm& form, const std::optional<Signer>& signer,
                             const IdTokenFacts& facts);
/// A new opaque text for forms that need no facts; empty for kNone and kJwt.
Secret mint_random(TokenForm form);

}  // namespace latchkey::engine
