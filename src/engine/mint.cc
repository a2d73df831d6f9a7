#include "engine/mint.h"

#include "crypto/random.h"
#include "engine/row_number.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kHexBytes = 20;
constexpr std::size_t kOpaqueBytes = 32;

}  // namespace

Result<NewText> mint_jwt(const JwtForm& form, const std::optional<Signer>& signer,
                         const JwtFacts& facts) {
  if (!signer || signer->key.alg() != form.alg || !form.header || !form.payload) {
    return fail(Why::kBug, "", "a realm that issues JWTs has no signer or no form for them");
  }
  const std::string claims = form.payload(facts);
  return NewText{crypto::sign_compact(signer->key, form.header(signer->kid), claims),
                 says_id(claims, facts.id)};
}

Result<Secret> mint_id_token(const IdTokenForm& form, const std::optional<Signer>& signer,
                             const IdTokenFacts& facts) {
  if (!signer || !form.header || !form.payload)
    return fail(Why::kBug, "", "a realm that issues ID tokens has no signer or no form for them");
  return crypto::sign_compact(signer->key, form.header(signer->kid), form.payload(facts));
}

Secret mint_random(TokenForm form) {
  switch (form) {
    case TokenForm::kNone:
    case TokenForm::kJwt: return Secret{};
    case TokenForm::kHex40: return crypto::random_hex(kHexBytes);
    case TokenForm::kUuid: return Secret{crypto::random_uuid()};
    case TokenForm::kOpaque: return crypto::random_base64url(kOpaqueBytes);
  }
  return Secret{};
}

}  // namespace latchkey::engine
