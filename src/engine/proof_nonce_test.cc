#include "engine/proof_nonce.h"

#include "engine/grants_testing.h"

namespace latchkey::engine {
namespace {

TEST(ProofNonce, IsGoodForItsTimeAndTheNext) {  // checklist 39
  const Keys keys{Secret{std::string(32, 'k')}};
  const Keys others{Secret{std::string(32, 'o')}};
  const std::string nonce = proof_nonce(keys, kRealm, kNoon);
  EXPECT_EQ(nonce.size(), 22u);
  EXPECT_EQ(proof_nonce(keys, kRealm, kNoon + 299s), nonce);  // noon begins a slot
  EXPECT_NE(proof_nonce(keys, kRealm, kNoon + 300s), nonce);
  EXPECT_TRUE(is_proof_nonce(keys, kRealm, nonce, kNoon));
  EXPECT_TRUE(is_proof_nonce(keys, kRealm, nonce, kNoon + 599s));
  EXPECT_FALSE(is_proof_nonce(keys, kRealm, nonce, kNoon + 600s));
  EXPECT_FALSE(is_proof_nonce(keys, kRealm, nonce, kNoon - 1s));
  EXPECT_FALSE(is_proof_nonce(keys, Realm("other"), nonce, kNoon));
  EXPECT_FALSE(is_proof_nonce(others, kRealm, nonce, kNoon));
  EXPECT_FALSE(is_proof_nonce(keys, kRealm, "", kNoon));
}

TEST(ProofNonce, IsNeededOnceItIsWanted) {  // checklist 39
  Policy policy = granting();
  policy.standard.proof_nonce = true;
  World world(policy);
  world.add_client("app");
  Exchange asked{
      .client = World::key_of("app"), .code = Secret("no such code"), .dpop = proof_by("key-1")};
  EXPECT_EQ(world.refusal(asked), Why::kOtpRequired);
  EXPECT_EQ(world.refusal(asked), Why::kOtpRequired) << "it was not used up";
  asked.dpop->nonce = "of-another-server";
  EXPECT_EQ(world.refusal(asked), Why::kOtpRequired);
  asked.dpop->nonce = proof_nonce(world.keys, kRealm, kNoon);
  EXPECT_EQ(world.refusal(asked), Why::kInvalidToken) << "the proof is good, the code is not";
  EXPECT_EQ(world.refusal(asked), Why::kOtpWrong) << "and good once";
}

}  // namespace
}  // namespace latchkey::engine
