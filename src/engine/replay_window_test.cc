#include "engine/answer.h"
#include "engine/testing.h"

namespace latchkey::engine {
namespace {

/// Where a client that lost an answer gets it once more.
class ReplayWindow : public ::testing::Test {
 protected:
  ReplayWindow() {
    world.add_user("ann");
    world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
    world.rule_by(policy(30s));
    first = world.tokens(Login{.client = World::key_of("app")});
    second = world.tokens(Refresh{.refresh_token = first.refresh_token});
  }
  static Policy policy(Seconds window) {
    Policy policy = keyed();
    policy.replay_window = window;
    return policy;
  }
  static TokenSet once_more(TokenSet tokens, Instant given) {
    tokens.first_given = given;
    return tokens;
  }
  Refresh again() const { return {.refresh_token = first.refresh_token}; }

  World world{keyed()};
  TokenSet first, second;
};

// checklist 24
TEST_F(ReplayWindow, GivesTheSameAnswerToItsEndAndNoLonger) {
  EXPECT_EQ(second.first_given, std::nullopt);
  for (const Seconds later : {0s, 1s, 29s})
    EXPECT_EQ(world.tokens(again(), kNoon + later), once_more(second, kNoon));
  EXPECT_EQ(world.told("refresh"), 1);
  EXPECT_EQ(world.told("refresh_again"), 3);
  EXPECT_TRUE(world.is_live(second.access_token));
  EXPECT_EQ(world.refusal(again(), kNoon + 30s), Why::kReplayed);
  EXPECT_FALSE(world.is_live(second.access_token)) << "everything else is reuse";
  EXPECT_EQ(world.refusal(again(), kNoon), Why::kRevoked) << "a dead family answers nobody";
}

TEST_F(ReplayWindow, ClosesWhenTheSuccessorIsUsed) {
  const TokenSet third = world.tokens(Refresh{.refresh_token = second.refresh_token}, kNoon + 2s);
  EXPECT_EQ(world.tokens(Refresh{.refresh_token = second.refresh_token}, kNoon + 3s),
            once_more(third, kNoon + 2s));
  EXPECT_EQ(world.refusal(again(), kNoon + 4s), Why::kReplayed);
  EXPECT_FALSE(world.is_live(third.access_token, kNoon + 4s));
}

TEST_F(ReplayWindow, OfZeroIsNone) {
  world.rule_by(policy(0s));
  EXPECT_EQ(world.refusal(again()), Why::kReplayed) << "not even for what was kept before";
}

TEST_F(ReplayWindow, IsNotForASuspendedAccount) {
  must(world.admin.set_user_disabled(kRealm, SubjectId{"ann"}, true, "closed", kNoon));
  EXPECT_NE(world.refusal(again()), Why::kReplayed);
  EXPECT_FALSE(world.is_live(second.access_token));
}

TEST_F(ReplayWindow, OutlivesARestart) {
  world.rule_by(policy(30s));
  EXPECT_EQ(world.tokens(again(), kNoon + 5s), once_more(second, kNoon));
}

TEST_F(ReplayWindow, GivesTheSlowerOfTwoTheAnswerOfTheFaster) {
  const Refresh both{.refresh_token = second.refresh_token};
  TokenSet faster;
  world.interrupted.interrupt([&] { faster = world.tokens(both, kNoon + 1s); });
  const TokenSet slower = world.tokens(both, kNoon + 1s);
  EXPECT_EQ(slower, once_more(faster, kNoon + 1s));
}

TEST(KeptAnswer, ComesBackFieldByField) {
  const TokenSet full{.access_token = Secret("a,1:b"),
                      .access_until = kNoon + 1h,
                      .refresh_token = Secret("r"),
                      .refresh_until = kNoon + 2h,
                      .scope = "data trade",
                      .session = "s"};
  for (TokenSet tokens : {full, TokenSet{}}) {
    const TokenSet read = must(read_answer(write_answer(tokens, kNoon)));
    tokens.first_given = kNoon;
    EXPECT_EQ(read, tokens);
  }
}

TEST(KeptAnswer, IsRefusedWhenItIsNone) {
  for (const std::string_view text :
       {"", "x", "0:,0:,0:,0:,0:,0:,0:,", "0:,1:x,0:,0:,0:,0:,1:1,", "0:,0:,0:,0:,0:,0:,1:1,x"})
    EXPECT_EQ(why(read_answer(Secret(text))), Why::kStore) << text;
}

}  // namespace
}  // namespace latchkey::engine
