#include "engine/proof_nonce.h"

#include "crypto/digest.h"

namespace latchkey::engine {

std::string proof_nonce(const Keys& keys, const Realm& realm, Instant now) {
  constexpr std::size_t kBytes = 16;
  const long long slot = epoch(now) / kProofNonceLifetime.count();
  const Hash mac = keys.hash_of(Secret("proof nonce\n" + realm.text + "\n" + std::to_string(slot)));
  return to_base64url(ByteView(mac).first(kBytes));
}

bool is_proof_nonce(const Keys& keys, const Realm& realm, std::string_view nonce, Instant now) {
  const auto is_of = [&](Instant at) {
    return crypto::same_bytes(bytes_of(proof_nonce(keys, realm, at)), bytes_of(nonce));
  };
  return is_of(now) || is_of(now - kProofNonceLifetime);
}

}  // namespace latchkey::engine
