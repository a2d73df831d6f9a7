#include "dialects/oauth2/actor.h"

#include <gtest/gtest.h>

namespace latchkey::dialects::oauth2 {
namespace {

TEST(Actor, WhoActsNowStandsOutside) {  // checklist 38
  const auto portal = act_claim("portal", "");
  EXPECT_EQ(portal.value(), R"({"sub":"portal"})");
  const auto payroll = act_claim("payroll", *portal);
  EXPECT_EQ(payroll.value(), R"({"sub":"payroll","act":{"sub":"portal"}})");
  EXPECT_EQ(current_actor(*payroll), "payroll");
  EXPECT_EQ(current_actor(""), "");
}

TEST(Actor, TheChainKeepsEverybodyAndIsBounded) {  // checklist 38
  std::string chain;
  for (std::size_t i = 0; i < kMostActors; ++i) {
    const auto longer = act_claim("a" + std::to_string(i), chain);
    ASSERT_TRUE(longer.has_value());
    chain = *longer;
  }
  for (std::size_t i = 0; i < kMostActors; ++i) {
    EXPECT_TRUE(chain.contains("\"a" + std::to_string(i) + "\"")) << chain;
  }
  EXPECT_EQ(act_claim("one more", chain).error().why, Why::kForbidden);
}

TEST(Actor, ANameCannotEndItsOwnText) {
  const std::string odd = R"(x","act":{"sub":"root)";
  const auto claim = act_claim(odd, "");
  EXPECT_EQ(current_actor(claim.value()), odd);
}

TEST(Actor, AClaimThatIsNoneIsADefect) {
  for (const char* bad :
       {"{", "[]", "{}", R"({"sub":1})", R"({"sub":"a","act":"b"})", R"({"sub":"a","act":{}})"}) {
    EXPECT_EQ(act_claim("a", bad).error().why, Why::kBug) << bad;
  }
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
