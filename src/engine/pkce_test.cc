#include "engine/pkce.h"

#include <gtest/gtest.h>

namespace latchkey::engine {
namespace {

// RFC 7636, appendix B.
constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

TEST(Pkce, TheStandardsExampleMatches) {  // checklist 10
  EXPECT_EQ(pkce_challenge(Secret(kVerifier)), kChallenge);
  EXPECT_TRUE(pkce_matches(kChallenge, Secret(kVerifier)));
}

TEST(Pkce, AVerifierIs43To128UnreservedCharacters) {
  struct Row {
    std::string text;
    bool good;
  };
  const std::string all = "ABCXYZabcxyz0189-._~";
  const Row rows[] = {{"", false},
                      {std::string(42, 'a'), false},
                      {std::string(43, 'a'), true},
                      {std::string(128, 'a'), true},
                      {std::string(129, 'a'), false},
                      {all + all + all, true},
                      {std::string(42, 'a') + "+", false},
                      {std::string(42, 'a') + "/", false},
                      {std::string(43, 'a') + "=", false},
                      {std::string(43, 'a') + " ", false},
                      {std::string(43, 'a') + "\xc3\xa9", false},
                      {std::string(43, 'a') + '\0', false}};
  for (const Row& row : rows) EXPECT_EQ(is_pkce_verifier(row.text), row.good) << row.text;
}

TEST(Pkce, AChallengeStandsFor32Bytes) {
  EXPECT_TRUE(is_pkce_challenge(kChallenge));
  const std::string text(kChallenge);
  for (const std::string& bad :
       {std::string(), text.substr(1), text + "A", text + "=", "+" + text.substr(1),
        text.substr(0, 42) + "N"}) {  // the last two bits of it are not zero
    EXPECT_FALSE(is_pkce_challenge(bad)) << bad;
  }
}

TEST(Pkce, NothingButTheVerifierMatches) {  // checklist 10
  const std::string verifier(kVerifier);
  const std::string short_one(42, 'a');
  EXPECT_FALSE(pkce_matches(kChallenge, Secret()));
  EXPECT_FALSE(pkce_matches(kChallenge, Secret(kChallenge)));  // "plain"
  EXPECT_FALSE(pkce_matches(kVerifier, Secret(kVerifier)));
  EXPECT_FALSE(pkce_matches(kChallenge, Secret(verifier + "a")));
  EXPECT_FALSE(pkce_matches("", Secret(kVerifier)));
  EXPECT_FALSE(pkce_matches(pkce_challenge(Secret(short_one)), Secret(short_one)));
}

}  // namespace
}  // namespace latchkey::engine
