#include <cmath>

#include "crypto/totp.h"
#include "engine/testing.h"

namespace latchkey::engine {
namespace {

class SecondFactorTest : public ::testing::Test {
 protected:
  explicit SecondFactorTest(OtpKind kind) : world(keyed()), kind_(kind) { add("app"); }
  void add(std::string_view id) {
    world.add_client(id, [&](Client& c) {
      c.otp = kind_;
      c.otp_address = "+84 900";
    });
  }
  OtpSent request(std::string_view id = "app", Instant now = kNoon) {
    return world.get<OtpSent>(RequestOtp{World::key_of(id)}, now);
  }
  static Login with_otp(const Secret& otp, std::string_view id = "app") {
    return {.client = World::key_of(id), .otp = otp};
  }
  static Login with_push(std::string transaction, std::string_view id = "app") {
    return {.client = World::key_of(id), .transaction_id = std::move(transaction)};
  }
  std::string tier_of(const TokenSet& set, Instant now = kNoon) {
    return world.get<Used>(Use{.bearer = set.access_token}, now).who.tier;
  }
  World world;

 private:
  OtpKind kind_;
};

class SentCode : public SecondFactorTest {
 protected:
  SentCode() : SecondFactorTest(OtpKind::kOutbox) {}
  // What the newest message says, without its words.
  Secret code() {
    const auto outbox = must(world.admin.outbox(kRealm, 1));
    const std::string_view text = outbox.at(0).text.reveal();
    return Secret{text.substr(text.size() - 6)};
  }
  Secret wrong_code() { return code() == Secret{"000000"} ? Secret{"000001"} : Secret{"000000"}; }
};

TEST_F(SentCode, ReachesTheClientsAddressAndOpensTheHigherTier) {
  EXPECT_EQ(request().transaction_id, "");
  const auto outbox = must(world.admin.outbox(kRealm, 10));
  ASSERT_EQ(outbox.size(), 1u);
  EXPECT_EQ(outbox[0].delivery.address, "+84 900");
  EXPECT_EQ(tier_of(world.tokens(with_otp(code()))), "trading");
  EXPECT_EQ(world.told("otp_sent"), 1);
}

TEST_F(SentCode, WorksOnce) {  // checklist 56
  request();
  const Login login = with_otp(code());
  world.tokens(login);
  EXPECT_EQ(world.refusal(login), Why::kOtpWrong);
}

TEST_F(SentCode, WorksOnceHoweverManySendItAtOnce) {
  request();
  const Login login = with_otp(code());
  const int successes =
      in_parallel(5, [&](int) { return world.perform(login, kNoon).has_value(); });
  EXPECT_EQ(successes, 1);
}

TEST_F(SentCode, DiesWithItsLifetime) {
  request();
  EXPECT_EQ(world.refusal(with_otp(code()), kNoon + 300s), Why::kOtpWrong);
  EXPECT_TRUE(world.perform(with_otp(code()), kNoon + 299s));
}

TEST_F(SentCode, IsEndedByTheNextOne) {
  request();
  const Secret first = code();
  request();
  if (first != code()) {
    EXPECT_EQ(world.refusal(with_otp(first)), Why::kOtpWrong);
  }
  EXPECT_TRUE(world.perform(with_otp(code()), kNoon));
}

TEST_F(SentCode, IsDeadAfterTheLastGuess) {
  request();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(world.refusal(with_otp(wrong_code())), Why::kOtpWrong);
  EXPECT_TRUE(world.perform(with_otp(code()), kNoon));
  request();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(world.refusal(with_otp(wrong_code())), Why::kOtpWrong);
  EXPECT_EQ(world.refusal(with_otp(code())), Why::kOtpWrong);
}

TEST_F(SentCode, CostsAGuessForEachOfManyAtOnce) {  // checklist 57
  request();
  const Secret wrong = wrong_code();
  in_parallel(4, [&](int) { return world.perform(with_otp(wrong), kNoon).has_value(); });
  EXPECT_EQ(world.refusal(with_otp(wrong)), Why::kOtpWrong);
  EXPECT_EQ(world.refusal(with_otp(code())), Why::kOtpWrong);
}

TEST_F(SentCode, AllowsSoManyGuessesADayOverAllCodes) {
  Policy policy = keyed();
  policy.otp_guesses_a_day = 7;
  world.rule_by(policy);
  for (int i = 0; i < 7; ++i) {
    if (i % 5 == 0) request();
    EXPECT_EQ(world.refusal(with_otp(wrong_code())), Why::kOtpWrong);
  }
  request();
  const auto refused = world.perform(with_otp(code()), kNoon);
  EXPECT_EQ(why(refused), Why::kTooMany);
  EXPECT_EQ(refused.error().retry_after, 27h);  // at the latest
  request("app", kNoon + 24h - 1s);
  EXPECT_EQ(world.refusal(with_otp(code()), kNoon + 24h - 1s), Why::kTooMany);
  request("app", kNoon + 27h);
  EXPECT_TRUE(world.perform(with_otp(code()), kNoon + 27h));
}

// promise N12: one in 10 000 for whoever guesses at full speed, whenever a day is said to begin.
TEST_F(SentCode, AllowsNoMoreGuessesWhereOneDayMeetsTheNext) {
  const Policy policy = keyed();
  world.rule_by(policy);
  request("app", kNoon);
  EXPECT_TRUE(world.perform(with_otp(code()), kNoon));
  int guesses = 0;
  for (Instant now = kNoon + 23h; now < kNoon + 26h; now += 30min) {
    for (int i = 0; i < 2 * policy.otp_guesses_a_day; ++i) {
      if (i % policy.otp_attempts == 0) request("app", now);
      if (world.refusal(with_otp(wrong_code()), now) == Why::kTooMany) break;
      ++guesses;
    }
  }
  EXPECT_EQ(guesses, policy.otp_guesses_a_day - 1);
  EXPECT_LE(policy.otp_guesses_a_day / std::pow(10, policy.otp_digits), 1e-4);
  request("app", kNoon + 53h);
  EXPECT_TRUE(world.perform(with_otp(code()), kNoon + 53h)) << "who is refused spends nothing";
}

TEST_F(SentCode, IsNobodyElses) {
  add("other");
  request();
  EXPECT_EQ(world.refusal(with_otp(code(), "other")), Why::kOtpWrong);
}

TEST_F(SentCode, IsNotSentToAStranger) {
  EXPECT_EQ(world.refusal(RequestOtp{{ClientId{"app"}, Secret{"wrong"}}}), Why::kBadCredentials);
  EXPECT_TRUE(must(world.admin.outbox(kRealm, 10)).empty());
  EXPECT_EQ(world.told("otp_refused"), 1);
}

TEST_F(SentCode, IsWrongWhenNoneWasSent) {
  EXPECT_EQ(world.refusal(with_otp(Secret{"123456"})), Why::kOtpWrong);
}

class TypedCode : public SecondFactorTest {
 protected:
  TypedCode() : SecondFactorTest(OtpKind::kTyped) {}
  static Secret code(Instant now = kNoon) { return crypto::totp(bytes_of(World::kSeed), now); }
};

TEST_F(TypedCode, OpensTheHigherTierOnceAStep) {
  EXPECT_EQ(tier_of(world.tokens(with_otp(code()))), "trading");
  EXPECT_EQ(world.refusal(with_otp(code())), Why::kOtpWrong);
  EXPECT_EQ(world.refusal(with_otp(code(kNoon - 30s))), Why::kOtpWrong);
  EXPECT_TRUE(world.perform(with_otp(code(kNoon + 30s)), kNoon));
  EXPECT_EQ(world.refusal(with_otp(code(kNoon + 30s)), kNoon + 30s), Why::kOtpWrong);
}

TEST_F(TypedCode, IsWrongOutsideItsSteps) {
  EXPECT_EQ(world.refusal(with_otp(code(kNoon - 60s))), Why::kOtpWrong);
  EXPECT_EQ(world.refusal(with_otp(code(kNoon + 60s))), Why::kOtpWrong);
  EXPECT_EQ(world.refusal(with_otp(Secret{"x"})), Why::kOtpWrong);
}

TEST_F(TypedCode, WorksOnceHoweverManySendItAtOnce) {
  const int successes =
      in_parallel(8, [&](int) { return world.perform(with_otp(code()), kNoon).has_value(); });
  EXPECT_EQ(successes, 1);
}

TEST_F(TypedCode, CostsThreeGuesses) {
  Policy policy = keyed();
  policy.otp_guesses_a_day = 9;
  world.rule_by(policy);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.refusal(with_otp(Secret{"x"})), Why::kOtpWrong);
  EXPECT_EQ(world.refusal(with_otp(code())), Why::kTooMany);
  EXPECT_TRUE(world.perform(Login{.client = World::key_of("app")}, kNoon));
}

TEST_F(TypedCode, IsNotSent) {
  EXPECT_EQ(world.refusal(RequestOtp{World::key_of("app")}), Why::kUnsupported);
}

class Push : public SecondFactorTest {
 protected:
  Push() : SecondFactorTest(OtpKind::kPush) {}
  void answer(const std::string& transaction, bool yes, Instant now = kNoon) {
    must(world.admin.answer_push(kRealm, ClientId{"app"}, transaction, yes, now));
  }
};

TEST_F(Push, IsPolledUntilAPersonApproves) {
  const std::string transaction = request().transaction_id;
  EXPECT_TRUE(is_uuid(transaction));
  EXPECT_EQ(world.refusal(with_push(transaction)), Why::kPending);
  EXPECT_EQ(world.refusal(with_push(transaction), kNoon + 59s), Why::kPending);
  EXPECT_EQ(world.told("login_refused"), 0);
  answer(transaction, true);
  EXPECT_EQ(tier_of(world.tokens(with_push(transaction))), "trading");
  EXPECT_EQ(world.refusal(with_push(transaction)), Why::kNotFound);
}

TEST_F(Push, EndsWhenDeclinedOrUnanswered) {
  const std::string declined = request().transaction_id;
  const std::string forgotten = request().transaction_id;
  answer(declined, false);
  EXPECT_EQ(world.refusal(with_push(declined)), Why::kDeclined);
  EXPECT_EQ(world.refusal(with_push(forgotten), kNoon + 60s), Why::kDeclined);
}

TEST_F(Push, IsNobodyElses) {
  add("other");
  const std::string transaction = request().transaction_id;
  answer(transaction, true);
  EXPECT_EQ(world.refusal(with_push(transaction, "other")), Why::kForbidden);
  EXPECT_EQ(world.refusal(with_push("no such transaction")), Why::kNotFound);
  EXPECT_TRUE(world.perform(with_push(transaction), kNoon));
}

TEST_F(Push, IsUsedOnceHoweverManyPollAtOnce) {
  const std::string transaction = request().transaction_id;
  answer(transaction, true);
  const int successes =
      in_parallel(8, [&](int) { return world.perform(with_push(transaction), kNoon).has_value(); });
  EXPECT_EQ(successes, 1);
}

TEST_F(Push, ComesAloneOrNotAtAll) {
  Login both = with_push(request().transaction_id);
  both.otp = Secret{"123456"};
  EXPECT_EQ(world.refusal(both), Why::kMalformed);
}

TEST(NoSecondFactor, MeansThatACodeIsWrong) {
  World world{keyed()};
  world.add_client("app");
  EXPECT_EQ(world.refusal(Login{.client = World::key_of("app"), .otp = Secret{"123456"}}),
            Why::kOtpWrong);
  EXPECT_EQ(world.refusal(RequestOtp{World::key_of("app")}), Why::kUnsupported);
}

}  // namespace
}  // namespace latchkey::engine
