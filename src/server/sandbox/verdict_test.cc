#include "server/sandbox/verdict.h"

#include <gtest/gtest.h>

namespace latchkey::server {
namespace {

/// Lines by what stands in them; "@7" is the moment they began, in tenths of a
/// second, and they took a hundredth.
json::Array lines(std::initializer_list<const char*> texts) {
  json::Array all;
  for (const std::string text : texts) {
    const auto at = text.find('@');
    const long long tenths = std::stoll(text.substr(at + 1));
    const std::string began = std::to_string(1'000'000 + tenths * 100'000);
    const std::string real = std::to_string(1'010'000 + tenths * 100'000);
    auto line = json::parse("{\"system\":\"s\"," + text.substr(0, at) + ",\"began\":" + began +
                            ",\"real\":" + real + "}");
    EXPECT_TRUE(line) << text;
    all.push_back(*line);
  }
  return all;
}

#define OPEN R"("op":"open","rotation":"single_use","interval":1 @-1)"
#define LOGIN \
  R"("op":"login","client":"k","family":"f","access":"a1","refresh":"r1","result":"ok" @0)"
#define ROTATED                                                                           \
  R"("op":"refresh","client":"k","family":"f","token":"r1","parent":"r1","access":"a2",)" \
  R"("refresh":"r2","result":"ok")"

std::string said(std::initializer_list<const char*> texts) {
  const Verdict verdict = judge(lines(texts));
  std::string out = verdict.guilty() ? "guilty:" : "clean:";
  for (const auto& one : verdict.families) {
    out += " " + one.family + " " + std::to_string(one.issued);
    if (one.ended) out += " ended";
    if (one.reused) out += " reused";
    if (one.lost) out += " lost";
    if (one.spent_twice) out += " twice";
    if (one.orphaned) out += " orphan";
    if (one.risen) out += " risen";
  }
  for (const auto& one : verdict.hasty)
    out += " " + one.account + " hasty " + std::to_string(one.times);
  return out;
}

TEST(Verdict, FindsNothingInAnHonestHistory) {
  EXPECT_EQ(said({}), "clean:");
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED "@20", R"("op":"use","token":"a2","result":"ok" @30)"}),
            "clean: f 2");
}

TEST(Verdict, FindsATokenThatWasSpentTwice) {
  const char* again = R"("op":"refresh","client":"k","family":"f","token":"r1","access":"a3",)"
                      R"("refresh":"r3","result":"ok" @40)";
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED "@20", again}), "guilty: f 3 twice");
  const char* reissue = R"("op":"open","rotation":"reissue","interval":1 @-1)";
  EXPECT_EQ(said({reissue, LOGIN, ROTATED "@20", again}), "clean: f 3");
}

TEST(Verdict, FindsAFamilyWhoseNewestTokensNeverArrived) {
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED R"(,"fault":"drop" @20)"}), "guilty: f 2 lost orphan");
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED R"(,"fault":"delay" @20)"}), "clean: f 2");
  // Somebody has them after all, or it is over.
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED R"(,"fault":"cut" @20)",
                  R"("op":"use","token":"a2","result":"ok" @30)"}),
            "clean: f 2 lost");
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED R"(,"fault":"cut" @20)",
                  R"("op":"revoke","family":"f","ended":true,"result":"ok" @30)"}),
            "clean: f 2 ended lost");
}

TEST(Verdict, MissesNothingThatWasReplacedOrNeverHeld) {
  const char* again = R"("op":"login","client":"k","family":"g","access":"a9","refresh":"r9",)"
                      R"("result":"ok" @40)";
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED R"(,"fault":"drop" @20)", again}), "clean: f 2 lost g 1");
  EXPECT_EQ(said({OPEN, R"("op":"login","client":"k","family":"g","access":"a9","refresh":"r9",)"
                        R"("result":"ok","fault":"drop" @40)"}),
            "clean: g 1 lost");
  const char* reissue = R"("op":"open","rotation":"reissue","interval":1 @-1)";
  EXPECT_EQ(said({reissue, LOGIN, ROTATED R"(,"fault":"drop" @20)"}), "clean: f 2 lost");
}

TEST(Verdict, CountsReuse) {
  EXPECT_EQ(said({OPEN, LOGIN, ROTATED "@20",
                  R"("op":"refresh","client":"k","family":"f","token":"r1","result":"replayed",)"
                  R"("replayed":true,"ended":true @40)"}),
            "clean: f 2 ended reused");
}

TEST(Verdict, FindsWhatIsAcceptedAfterTheEnd) {
  const char* revoked = R"("op":"revoke","family":"f","ended":true,"result":"ok" @10)";
  EXPECT_EQ(said({OPEN, LOGIN, revoked, R"("op":"use","token":"a1","result":"ok" @9)"}),
            "clean: f 1 ended");
  EXPECT_EQ(said({OPEN, LOGIN, revoked, R"("op":"use","token":"a1","result":"revoked" @12)"}),
            "clean: f 1 ended");
  EXPECT_EQ(said({OPEN, LOGIN, revoked, R"("op":"use","token":"a1","result":"ok" @12)"}),
            "guilty: f 1 ended risen");
}

TEST(Verdict, KeepsTheEndOfADelegatedTokenApartFromTheTokenItCameFrom) {
  const char* delegated = R"("op":"delegate","family":"g","token":"a1","access":"a9",)"
                          R"("ended":true,"result":"ok" @20)";
  EXPECT_EQ(said({OPEN, LOGIN, delegated, R"("op":"delegate","token":"a1","result":"ok" @40)"}),
            "clean: f 1 g 1 ended");
}

TEST(Verdict, FindsWhoAsksTooOften) {
  const char* soon = R"("op":"login","client":"k","result":"too_many" @9)";
  const char* later = R"("op":"login","client":"k","result":"bad_credentials" @10)";
  EXPECT_EQ(said({OPEN, LOGIN, soon}), "guilty: f 1 k hasty 1");
  EXPECT_EQ(said({OPEN, LOGIN, later}), "clean: f 1");
  const char* told = R"("op":"refresh","client":"k","token":"r1","result":"prevented",)"
                     R"("retry_after":5 @20)";
  EXPECT_EQ(said({OPEN, LOGIN, told, ROTATED "@60"}), "guilty: f 2 k hasty 1");
  EXPECT_EQ(said({OPEN, LOGIN, told, ROTATED "@71"}), "clean: f 2");
}

TEST(Verdict, BelievesTheAuthoritysClockWhereItWasMoved) {
  const char* first = R"("op":"login","client":"k","time":"2026-03-01T12:00:00Z","result":"ok" @0)";
  const char* second =
      R"("op":"login","client":"k","time":"2026-03-01T13:00:00Z","result":"ok" @2)";
  EXPECT_EQ(said({OPEN, first, second}), "clean:");
}

TEST(Verdict, IsWrittenAsJson) {
  EXPECT_EQ(json::write(to_json(judge(lines({OPEN})))),
            R"({"verdict":"clean","families":[],"hasty":[]})");
}

}  // namespace
}  // namespace latchkey::server
