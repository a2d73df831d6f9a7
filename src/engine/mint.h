#pragma once

#include "engine/keys.h"
#include "engine/policy.h"

namespace latchkey::engine {

/// A new token's text.
struct NewText {
  Secret text = {};
  bool says_number = false;  ///< of its row (row_number.h), if that was given one
};

/// A new JWT; kBug without a signer of the form's algorithm. It says what its id says, where the
/// form shows the id.
Result<NewText> mint_jwt(const JwtForm& form, const std::optional<Signer>& signer,
                         const JwtFacts& facts);
/// An ID token; kBug without a signer.
Result<Secret> mint_id_token(const IdTokenForm& form, const std::optional<Signer>& signer,
                             const IdTokenFacts& facts);
/// A new opaque text for forms that need no facts; empty for kNone and kJwt.
Secret mint_random(TokenForm form);

}  // namespace latchkey::engine
