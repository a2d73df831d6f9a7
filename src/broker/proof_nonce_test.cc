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
