#include <algorithm>

#include "engine/local_authority.h"
#include "engine/proof_nonce.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kLongestId = 256;  // a "jti": some make them of a UUID and a time

std::unexpected<Error> bad_assertion(const char* note) {
  return fail(Why::kBadCredentials, "client is invalid", note);
}
std::unexpected<Error> bad_proof(const char* say) { return fail(Why::kOtpWrong, say); }

template <class Asked>
const ClientKey* key_in(const Asked& asked) {
  if constexpr (requires { asked.client.assertion; }) return &asked.client;
  return nullptr;
}

template <class Asked>
const DpopProof* proof_in(const Asked& asked) {
  if constexpr (requires { asked.dpop; }) return asked.dpop ? &*asked.dpop : nullptr;
  return nullptr;
}

}  // namespace

// checklist 41: short, and each only once. A claim that was never verified is worth
// as much as a wrong one.
Result<> LocalAuthority::take(const ClientAssertion& said, const ClientId& client, Instant now) {
  const StandardPolicy& standard = policy_.standard;
  if (!said.verified) return bad_assertion("an assertion that nobody verified");
  if (now >= said.until) return bad_assertion("the assertion is over");
  if (said.until > now + standard.assertion_most + standard.clock_skew)
    return bad_assertion("the assertion lives too long");
  if (said.issued && *said.issued > now + standard.clock_skew)
    return bad_assertion("the assertion is of the future");
  if (said.id.empty() || said.id.size() > kLongestId)
    return bad_assertion("the assertion has no jti, or a long one");
  const Hash id = keys_.hash_of(Secret("assertion\n" + client.text + "\n" + said.id));
  const bool first =
      TRY(store_.transact([&](Tx& tx) { return tx.use_once(realm_, id, said.until, now); }));
  if (!first) return bad_assertion("the assertion came before");
  return {};
}

// checklist 39: fresh, and each only once per URI.
Result<> LocalAuthority::take(const DpopProof& proof, Instant now) {
  const StandardPolicy& standard = policy_.standard;
  if (!proof.verified) return bad_proof("the DPoP proof is wrong");
  const bool fresh =
      proof.issued <= now + standard.clock_skew && now < proof.issued + standard.proof_window;
  if (!fresh) return bad_proof("the DPoP proof is too old or of the future");
  if (proof.id.empty() || proof.id.size() > kLongestId)
    return bad_proof("the DPoP proof has no jti, or a long one");
  if (standard.proof_nonce && !is_proof_nonce(keys_, realm_, proof.nonce, now))
    return fail(Why::kOtpRequired, "the DPoP proof needs the nonce");
  const Instant until = proof.issued + standard.proof_window;
  const Hash id =
      keys_.hash_of(Secret("dpop\n" + proof.thumbprint + "\n" + proof.uri + "\n" + proof.id));
  const bool first =
      TRY(store_.transact([&](Tx& tx) { return tx.use_once(realm_, id, until, now); }));
  if (!first) return bad_proof("the DPoP proof came before");
  return {};
}

// In a transaction of their own, so that what follows may fail without giving them back.
Result<> LocalAuthority::take_proofs(const Operation& operation, Instant now) {
  const DpopProof* proof = std::visit([](const auto& asked) { return proof_in(asked); }, operation);
  if (proof != nullptr) TRY(take(*proof, now));
  const ClientKey* key = std::visit([](const auto& asked) { return key_in(asked); }, operation);
  if (key != nullptr && key->assertion) TRY(take(*key->assertion, key->id, now));
  return {};
}

}  // namespace latchkey::engine
