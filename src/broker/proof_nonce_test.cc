#include "broker/proof_nonce.h"

#include <gtest/gtest.h>

namespace latchkey::broker {
namespace {

TEST(ProofNonce, IsOneTextThatCanBeSentBack) {
  EXPECT_EQ(nonce_in({{"dpop-nonce", "eyJ7S_zG.eyJH0-Z"}}), "eyJ7S_zG.eyJH0-Z");
  EXPECT_EQ(nonce_in({}), "");
  EXPECT_EQ(nonce_in({{"DPoP-Nonce", "a"}, {"DPoP-Nonce", "b"}}), "");
  EXPECT_EQ(nonce_in({{"DPoP-Nonce", "a b"}}), "");
  EXPECT_EQ(nonce_in({{"DPoP-Nonce", "a\n"}}), "");
  EXPECT_EQ(nonce_in({{"DPoP-Nonce", std::string(kMostNonceBytes, 'x')}}).size(), kMostNonceBytes);
  EXPECT_EQ(nonce_in({{"DPoP-Nonce", std::string(kMostNonceBytes + 1, 'x')}}), "");
}

TEST(Refusal, OfAProofIsNoneOfTheToken) {
  const auto blames = [](int status, const char* challenge) {
    const http::Headers two = {{"WWW-Authenticate", "Bearer"}, {"www-authenticate", challenge}};
    return blames_proof({status, two, {}});
  };
  EXPECT_TRUE(blames(401, R"(DPoP error="use_dpop_nonce")"));
  EXPECT_TRUE(blames(401, R"(DPoP error="invalid_dpop_proof", algs="ES256")"));
  EXPECT_FALSE(blames(401, R"(DPoP error="invalid_token")"));
  EXPECT_FALSE(blames(403, R"(DPoP error="invalid_dpop_proof")"));
}

TEST(ProofNonce, IsWantedWhereTheServerSaysThatAndBringsOne) {
  const http::Headers both = {{"WWW-Authenticate", R"(DPoP error="use_dpop_nonce", algs="ES256")"},
                              {"DPoP-Nonce", "n"}};
  EXPECT_TRUE(wants_nonce({401, both, {}}));
  EXPECT_FALSE(wants_nonce({400, both, {}}));
  EXPECT_FALSE(wants_nonce({401, {both.begin()[0]}, {}})) << "there is none to be sent";
  EXPECT_FALSE(wants_nonce(
      {401, {{"WWW-Authenticate", R"(DPoP error="invalid_token")"}, {"DPoP-Nonce", "n"}}, {}}));
}

}  // namespace
}  // namespace latchkey::broker
