#pragma once

#include "dialect/issuer.h"

namespace latchkey::dialects::oauth2 {

// Proofs of possession (RFC 9449), as a client makes them: the other half of dpop.h.

/// What one proof is for.
struct ProofOf {
  std::string method = {};
  std::string uri = {};  ///< its query and fragment are left out
  Secret token = {};     ///< that the request carries, for "ath"; empty: none
  std::string nonce = {};
  Instant at{};
};

/// P-256, as Entry::proof_key keeps it.
Secret new_proof_key();
/// "dpop_jkt": of that key (RFC 7638). kStore for what new_proof_key() never gave.
Result<std::string> proof_thumbprint(const Secret& key);
/// With the public half in its header; another one each time. kStore as above.
Result<Secret> sign_proof(const Secret& key, const ProofOf& what);

/// The operation with a proof, where it takes one and `signing` has a key. A request for a code
/// names the key, so that the code is for that one only.
Result<engine::Operation> prove_operation(engine::Operation operation,
                                          const dialect::Signing& signing);
/// A protected call with the proof that the token is ours, and the scheme that says so.
Result<http::Request> prove_request(http::Request request, const dialect::Proving& proving);

}  // namespace latchkey::dialects::oauth2
