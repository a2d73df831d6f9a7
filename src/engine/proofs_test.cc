#include "engine/testing.h"

namespace latchkey::engine {
namespace {

Policy standard() {
  Policy policy = coded();
  policy.standard.on = true;
  return policy;
}

/// A client that registered a key for itself.
class Proofs : public ::testing::Test {
 protected:
  Proofs() {
    world_.add_client("signer", [](Client& client) { client.auth_method = "private_key_jwt"; });
    world_.add_client("app");
  }
  /// What an exchange of no code is refused for: kInvalidToken once the client was believed.
  Why exchange(ClientKey key, Instant now = kNoon) {
    return world_.refusal(Exchange{.client = std::move(key), .code = Secret("no such code")}, now);
  }
  static ClientKey key(const std::function<void(ClientAssertion&)>& change = {}) {
    ClientAssertion said{.text = Secret("a.b.c"),
                         .verified = true,
                         .id = "jti-1",
                         .issued = kNoon,
                         .until = kNoon + 60s};
    if (change) change(said);
    return {.id = ClientId("signer"), .assertion = said};
  }
  static DpopProof proof(const std::function<void(DpopProof&)>& change = {}) {
    DpopProof made{.verified = true,
                   .thumbprint = "thumb",
                   .id = "jti-1",
                   .issued = kNoon,
                   .method = "POST",
                   .uri = "https://a.example/token"};
    if (change) change(made);
    return made;
  }
  Why exchange(DpopProof proof, Instant now = kNoon) {
    return world_.refusal(
        Exchange{.client = World::key_of("app"), .code = Secret("no such code"), .dpop = proof},
        now);
  }
  World world_{standard()};
};

// checklist 41
TEST_F(Proofs, AnAssertionIsBelievedOnceAndOnlyWhileItLives) {
  EXPECT_EQ(exchange(key(), kNoon + 59s), Why::kInvalidToken);
  EXPECT_EQ(exchange(key(), kNoon + 59s), Why::kBadCredentials) << "twice";
  const auto other = [](ClientAssertion& said) { said.id = "jti-2"; };
  EXPECT_EQ(exchange(key(other), kNoon + 60s), Why::kBadCredentials) << "at its end";
  EXPECT_EQ(exchange(key(other)), Why::kInvalidToken);
}

TEST_F(Proofs, AnAssertionThatIsNotAsItShouldBeIsRefused) {
  const std::pair<const char*, std::function<void(ClientAssertion&)>> rows[] = {
      {"nobody verified it", [](auto& it) { it.verified = false; }},
      {"no jti", [](auto& it) { it.id.clear(); }},
      {"a long jti", [](auto& it) { it.id.assign(257, 'x'); }},
      {"it lives too long", [](auto& it) { it.until = kNoon + 3631s; }},
      {"it is of the future", [](auto& it) { it.issued = kNoon + 31s; }},
  };
  for (const auto& [name, change] : rows)
    EXPECT_EQ(exchange(key(change)), Why::kBadCredentials) << name;
  EXPECT_EQ(exchange(key([](auto& it) {
              it.until = kNoon + 3630s;
              it.issued = kNoon + 30s;
            })),
            Why::kInvalidToken);
}

TEST_F(Proofs, AClientHasOneWayOfSayingWhoItIs) {
  ClientKey both = key();
  both.secret = Secret("signer-secret");
  EXPECT_EQ(exchange(both), Why::kBadCredentials);
  EXPECT_EQ(exchange(World::key_of("signer")), Why::kBadCredentials) << "its secret is not asked";
  EXPECT_EQ(exchange(ClientKey{.id = ClientId("signer")}), Why::kBadCredentials);
  ClientKey wrong = key([](auto& it) { it.id = "jti-3"; });
  wrong.id = ClientId("app");
  EXPECT_EQ(exchange(wrong), Why::kBadCredentials) << "it registered no key";
}

TEST_F(Proofs, WhatIsSignedIsUsedUpBeforeAnythingIsBegun) {
  Refresh plain{.refresh_token = Secret("x"), .client = World::key_of("app")};
  EXPECT_TRUE(LocalAuthority::can_begin(plain));
  Refresh bound = plain, signs = plain;
  bound.dpop = proof();
  signs.client = key();
  EXPECT_FALSE(LocalAuthority::can_begin(bound));
  EXPECT_FALSE(LocalAuthority::can_begin(signs));
}

// checklist 39
TEST_F(Proofs, ADpopProofIsFreshAndComesOncePerUri) {
  EXPECT_EQ(exchange(proof()), Why::kInvalidToken);
  EXPECT_EQ(exchange(proof()), Why::kOtpWrong);
  EXPECT_EQ(exchange(proof([](auto& it) { it.uri += "2"; })), Why::kInvalidToken);
  const auto fresh = [](DpopProof& it) { it.id = "jti-2"; };
  EXPECT_EQ(exchange(proof(fresh), kNoon + 60s), Why::kOtpWrong) << "a minute old";
  EXPECT_EQ(exchange(proof(fresh), kNoon - 31s), Why::kOtpWrong) << "of the future";
  EXPECT_EQ(exchange(proof(fresh), kNoon - 30s), Why::kInvalidToken);
  EXPECT_EQ(exchange(proof([](auto& it) { it.verified = false; })), Why::kOtpWrong);
  EXPECT_EQ(exchange(proof([](auto& it) { it.id.clear(); })), Why::kOtpWrong);
  EXPECT_EQ(exchange(proof([](auto& it) { it.id.assign(257, 'x'); })), Why::kOtpWrong);
}

}  // namespace
}  // namespace latchkey::engine
