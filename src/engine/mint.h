#pragma once

#include "engine/keys.h"
#include "engine/policy.h"

namespace latchkey::engine {

/// A new token of that form. Signs or draws random bytes; touches no store.
Secret mint(TokenForm form, const Policy& policy, const std::optional<Signer>& signer,
            const JwtFacts& facts);
/// A new opaque text for forms that need no facts.
Secret mint_random(TokenForm form);

}  // namespace latchkey::engine
