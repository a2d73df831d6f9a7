#include <gtest/gtest.h>

#include <limits>

#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

struct TimeRow {
  const char* claims;
  std::optional<long long> seconds;
};

class TimeClaim : public ::testing::TestWithParam<TimeRow> {};

TEST_P(TimeClaim, IsANumberOfSecondsOrNothing) {  // checklist 48
  const auto claims = json::parse(GetParam().claims);
  ASSERT_TRUE(claims.has_value());
  const auto at = time_claim(*claims->as_object(), "exp");
  ASSERT_EQ(at.has_value(), GetParam().seconds.has_value()) << GetParam().claims;
  if (at) EXPECT_EQ(epoch(*at), *GetParam().seconds) << GetParam().claims;
}

INSTANTIATE_TEST_SUITE_P(
    , TimeClaim,
    ::testing::Values(
        TimeRow{R"({"exp":0})", 0}, TimeRow{R"({"exp":1})", 1},
        TimeRow{R"({"exp":1300819380})", 1300819380},
        TimeRow{R"({"exp":1300819380.0})", 1300819380},
        TimeRow{R"({"exp":1300819380.999})", 1300819380}, TimeRow{R"({"exp":1.3e9})", 1300000000},
        TimeRow{R"({"exp":253402300799})", 253402300799}, TimeRow{R"({"exp":253402300800})", {}},
        TimeRow{R"({"exp":253402300799.5})", {}}, TimeRow{R"({"exp":9223372036854775807})", {}},
        TimeRow{R"({"exp":9223372036854775808})", {}}, TimeRow{R"({"exp":1e300})", {}},
        TimeRow{R"({"exp":-1})", {}}, TimeRow{R"({"exp":-0.5})", {}},
        TimeRow{R"({"exp":-9223372036854775808})", {}}, TimeRow{R"({"exp":"1300819380"})", {}},
        TimeRow{R"({"exp":null})", {}}, TimeRow{R"({"exp":true})", {}},
        TimeRow{R"({"exp":[1]})", {}}, TimeRow{R"({"exp":{}})", {}}, TimeRow{R"({"EXP":1})", {}},
        TimeRow{R"({"iat":1})", {}}, TimeRow{"{}", {}}));

TEST(TimeClaimOfADouble, MustBeFinite) {  // checklist 48
  for (const double seconds :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(time_claim(json::Object{{"exp", seconds}}, "exp"), std::nullopt);
  }
}

TEST(PeekClaims, ReadsATokenThatNobodyVerified) {
  const std::string token = base64url(R"({"alg":"PS512"})") + "." +
                            base64url(R"({"exp":5,"sub":"x"})") + "." + base64url("anything");
  const auto claims = peek_claims(token);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(text_in(*claims, "sub"), "x");
  EXPECT_EQ(time_claim(*claims, "exp"), from_epoch(5));
}

TEST(PeekClaims, RefusesWhatIsNotAJwt) {
  const std::string header = base64url(R"({"alg":"HS256"})");
  const std::string payload = base64url(R"({"exp":5})");
  for (const std::string& token :
       {std::string(), std::string("12be28e4-2e15-44b8-983e-e6c119a1bcac"), std::string(".."),
        header, header + "." + payload, header + "." + payload + ".sig.more",
        header + "." + payload + ".s g", header + "." + base64url("[]") + ".AA",
        header + "." + base64url("x") + ".AA", header + "." + base64url(R"({"a":1,"a":2})") + ".AA",
        base64url("[]") + "." + payload + ".AA", base64url("x") + "." + payload + ".AA",
        header + "." + payload + "=.AA"}) {
    const auto claims = peek_claims(token);
    ASSERT_FALSE(claims.has_value()) << token;
    EXPECT_EQ(claims.error().why, Why::kInvalidToken);
  }
}

}  // namespace
}  // namespace latchkey::crypto
