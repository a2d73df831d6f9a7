#include <gtest/gtest.h>

#include <algorithm>

#include "server/sandbox/fault_plan.h"

namespace latchkey::server {
namespace {

FaultRule rule_of(const std::string& body) {
  const auto rule = read_fault_rule(*json::parse(body)->as_object());
  EXPECT_TRUE(rule) << body << ": " << rule.error().say;
  return rule.value_or(FaultRule{});
}

Error refusal_of(const std::string& body) {
  const auto rule = read_fault_rule(*json::parse(body)->as_object());
  EXPECT_FALSE(rule) << body;
  return rule ? Error{} : rule.error();
}

TEST(FaultRule, StrikesOnceAfterTheCommitUnlessItSaysOtherwise) {
  EXPECT_EQ(rule_of(R"({"fault":"drop"})"), (FaultRule{.count = 1}));
  EXPECT_EQ(rule_of(R"({"fault":"drop","probability":1})"), (FaultRule{}));
  EXPECT_EQ(rule_of(R"({"fault":"drop","probability":0.5,"count":3,"seed":7})"),
            (FaultRule{.count = 3, .probability = 0.5, .seed = 7}));
}

TEST(FaultRule, IsReadWhole) {
  const FaultRule rule = rule_of(
      R"({"system":"x","operation":"refresh","client":"key","fault":"fail","after_commit":false,)"
      R"("after":"2m","status":429,"retry_after":"soon","skip":2,"count":5})");
  EXPECT_EQ(rule, (FaultRule{.system = "x",
                             .operation = "refresh",
                             .client = "key",
                             .fault = {.kind = FaultKind::kFail,
                                       .before = true,
                                       .after = Seconds{120},
                                       .status = 429,
                                       .retry_after = "soon"},
                             .skip = 2,
                             .count = 5}));
}

TEST(FaultRule, IsWrittenAsItIsRead) {
  for (
      const char* body :
      {R"({"after_commit":true,"fault":"cut","count":1})",
       R"({"system":"x","operation":"login","client":"k","fault":"fail","after_commit":false,"after":"3s","status":503,"retry_after":"-1","skip":1,"count":4})",
       R"({"fault":"absurd-expiry","value":"-5","probability":0.25,"seed":9})",
       R"({"fault":"huge","bytes":10,"count":1})"}) {
    const FaultRule rule = rule_of(body);
    EXPECT_EQ(rule_of(json::write(to_json(rule))), rule) << body;
  }
}

TEST(FaultRule, MayBeOfEveryKind) {
  for (const FaultKind kind : kEveryFaultKind) {
    const std::string name = name_of(kind);
    EXPECT_EQ(rule_of(R"({"after":"1s","fault":")" + name + "\"}").fault.kind, kind);
  }
}

TEST(FaultRule, ThatMakesNoSenseIsRefused) {
  for (const char* body : {R"({"fault":"drop","count":0})",
                           R"({"fault":"drop","count":-1})",
                           R"({"fault":"drop","count":"1"})",
                           R"({"fault":"drop","probability":0})",
                           R"({"fault":"drop","probability":1.1})",
                           R"({"fault":"drop","probability":-1})",
                           R"({"fault":"drop","probability":"x"})",
                           R"({"fault":"drop","skip":-1})",
                           R"({"fault":"drop","seed":-1})",
                           R"({"fault":"drop","seed":1.5})",
                           R"({"fault":"delay"})",
                           R"({"fault":"delay","after":"0s"})",
                           R"({"fault":"delay","after":"11m"})",
                           R"({"fault":"delay","after":"soon"})",
                           R"({"fault":"fail","status":399})",
                           R"({"fault":"fail","status":600})",
                           R"({"fault":"huge","bytes":0})",
                           R"({"fault":"huge","bytes":1073741825})",
                           R"({"fault":"absurd-expiry","value":"\"x\""})",
                           R"({"fault":"absurd-expiry","value":"x"})",
                           R"({"fault":"drop","after_commit":1})",
                           R"({"fault":"drop","sytem":"x"})",
                           R"({"fault":"cut","after_commit":false})",
                           R"({"fault":"twice","after_commit":false})",
                           R"({"fault":"revoke","after_commit":false})"})
    EXPECT_EQ(refusal_of(body).why, Why::kMalformed) << body;
  for (const char* body : {R"({"fault":"droop"})", "{}", R"({"fault":"drop","operation":"fresh"})"})
    EXPECT_EQ(refusal_of(body).why, Why::kUnknownName) << body;
}

TEST(FaultRule, KnowsTheOperationsByName) {
  const auto names = operation_names();
  for (const char* name : {"request_otp", "login", "exchange", "refresh", "revoke", "use"})
    EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
}

// The plan: which requests are struck.

struct Asking {
  const char* system;
  const char* operation;
  const char* client;
  const char* user;
};

std::string struck(FaultPlan& plan, const Asking& asking, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += plan.next(asking.system, asking.operation, asking.client, asking.user) ? 'x' : '.';
  return out;
}

constexpr Asking kRefresh{"ssi", "refresh", "key", "person"};

struct Row {
  const char* name;
  const char* rule;
  Asking asking;
  const char* struck;
};

class Plan : public ::testing::TestWithParam<Row> {};

TEST_P(Plan, Strikes) {
  FaultPlan plan;
  ASSERT_TRUE(plan.add(rule_of(GetParam().rule)));
  EXPECT_EQ(struck(plan, GetParam().asking, 6), GetParam().struck) << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(
    , Plan,
    ::testing::Values(
        Row{"the next one", R"({"fault":"drop"})", kRefresh, "x....."},
        Row{"three of them", R"({"fault":"drop","count":3})", kRefresh, "xxx..."},
        Row{"all of them", R"({"fault":"drop","probability":1})", kRefresh, "xxxxxx"},
        Row{"the third", R"({"fault":"drop","skip":2})", kRefresh, "..x..."},
        Row{"that operation", R"({"fault":"drop","operation":"refresh"})", kRefresh, "x....."},
        Row{"not another operation", R"({"fault":"drop","operation":"login"})", kRefresh, "......"},
        Row{"that system", R"({"fault":"drop","system":"ssi"})", kRefresh, "x....."},
        Row{"not another system", R"({"fault":"drop","system":"other"})", kRefresh, "......"},
        Row{"by its client", R"({"fault":"drop","client":"key"})", kRefresh, "x....."},
        Row{"by its user", R"({"fault":"drop","client":"person"})", kRefresh, "x....."},
        Row{"not another client", R"({"fault":"drop","client":"other"})", kRefresh, "......"},
        Row{"nobody's", R"({"fault":"drop","client":"key"})", {"ssi", "use", "", ""}, "......"}));

TEST(FaultPlan, StrikesTheSameOnesForTheSameSeed) {
  const auto run = [](std::uint64_t seed) {
    FaultPlan plan;
    EXPECT_TRUE(plan.add(
        rule_of(R"({"fault":"drop","probability":0.5,"seed":)" + std::to_string(seed) + "}")));
    return struck(plan, kRefresh, 64);
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST(FaultPlan, KeepsToItsProbability) {
  for (const double p : {0.05, 0.5, 0.95}) {
    int hits = 0;
    for (std::uint64_t n = 0; n < 10'000; ++n) hits += strikes_at(42, p, n) ? 1 : 0;
    EXPECT_NEAR(hits, p * 10'000, 200) << p;
  }
}

// splitmix64 of seed 0, as its authors' reference code prints it.
TEST(FaultPlan, UsesAGeneratorThatOthersHaveToo) {
  const double first = static_cast<double>(0xe220a8397b1dcdafu) / 0x1p64;
  const double second = static_cast<double>(0x6e789e6aa1b965f4u) / 0x1p64;
  EXPECT_TRUE(strikes_at(0, first + 1e-9, 0));
  EXPECT_FALSE(strikes_at(0, first - 1e-9, 0));
  EXPECT_TRUE(strikes_at(0, second + 1e-9, 1));
  EXPECT_FALSE(strikes_at(0, second - 1e-9, 1));
}

TEST(FaultPlan, LetsOneRuleStrikeAtATimeInTheirOrder) {
  FaultPlan plan;
  ASSERT_EQ(*plan.add(rule_of(R"({"fault":"drop"})")), 1);
  ASSERT_EQ(*plan.add(rule_of(R"({"fault":"cut"})")), 2);
  EXPECT_EQ(plan.next("", "refresh", "", "")->kind, FaultKind::kDrop);
  EXPECT_EQ(plan.next("", "refresh", "", "")->kind, FaultKind::kCut);
  EXPECT_FALSE(plan.next("", "refresh", "", ""));
  const auto states = plan.states();
  EXPECT_EQ(states[0].matched, 3);
  EXPECT_EQ(states[0].struck, 1);
  EXPECT_EQ(states[1].matched, 2);
  EXPECT_EQ(states[1].struck, 1);
}

TEST(FaultPlan, CanBeClearedAndHoldsOnlySoMany) {
  FaultPlan plan;
  for (std::size_t i = 0; i < FaultPlan::kMostRules; ++i) ASSERT_TRUE(plan.add({}));
  EXPECT_EQ(plan.add({}).error().why, Why::kConflict);
  EXPECT_EQ(plan.clear(), FaultPlan::kMostRules);
  EXPECT_FALSE(plan.next("", "", "", ""));
  EXPECT_EQ(*plan.add({}), 101);
}

}  // namespace
}  // namespace latchkey::server
