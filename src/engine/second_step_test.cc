#include "crypto/totp.h"
#include "engine/testing.h"

// The one-time password after the password, on the pages of a standard realm.

namespace latchkey::engine {
namespace {

Policy with_step() {
  Policy policy = coded();
  policy.standard.on = true;
  policy.standard.otp = true;
  return policy;
}

const SubjectId kAnn("ann");

class SecondStep : public ::testing::Test {
 protected:
  SecondStep() { world_.add_user("ann"); }
  void typed() {
    must(world_.admin.set_user_otp(kRealm, kAnn, OtpKind::kTyped, "", Secret(World::kSeed)));
  }
  void sent() { must(world_.admin.set_user_otp(kRealm, kAnn, OtpKind::kOutbox, "+84 900")); }
  Secret sign_in(Instant now = kNoon) {
    return must(world_.authority().sign_in(World::user_key("ann"), now));
  }
  static Secret code_at(Instant now) {
    return crypto::totp(bytes_of(std::string_view(World::kSeed)), now);
  }
  /// What the last message says at its end.
  Secret code_sent() {
    const auto shown = must(world_.admin.outbox(kRealm, 1));
    EXPECT_EQ(shown.at(0).delivery.subject, kAnn);
    EXPECT_EQ(shown.at(0).delivery.client, ClientId{});
    const std::string_view text = shown.at(0).text.reveal();
    return Secret(text.substr(text.size() - 6));
  }
  Why state(const Secret& session, Instant now = kNoon) {
    const auto who = world_.authority().session(session, now);
    return who ? Why::kBug : who.error().why;
  }
  Result<Secret> step(const Secret& session, const Secret& code, Instant now = kNoon) {
    return world_.authority().second_step(session, code, now);
  }
  World world_{with_step()};
};

TEST_F(SecondStep, WithoutOneTheSessionIsWhole) {
  EXPECT_EQ(state(sign_in()), Why::kBug);
  EXPECT_EQ(why(world_.authority().second_step_of(sign_in(), kNoon)), Why::kInvalidToken);
}

// checklist 62
TEST_F(SecondStep, TheSessionThatCountsHasAnotherId) {
  typed();
  const Secret half = sign_in();
  EXPECT_EQ(state(half), Why::kOtpRequired);
  EXPECT_EQ(must(world_.authority().second_step_of(half, kNoon)), OtpKind::kTyped);
  const Secret whole = must(step(half, code_at(kNoon)));
  EXPECT_NE(whole, half);
  EXPECT_EQ(must(world_.authority().session(whole, kNoon)).subject, kAnn);
  EXPECT_EQ(state(half), Why::kInvalidToken);
  EXPECT_EQ(why(step(half, code_at(kNoon))), Why::kInvalidToken);
}

TEST_F(SecondStep, AHalfSessionGivesNoCode) {
  typed();
  world_.add_client("app",
                    [](Client& client) { client.redirect_uris = {"https://app.example/cb"}; });
  const Authorize asked{.client = ClientId("app"), .redirect_uri = "https://app.example/cb"};
  EXPECT_EQ(why(world_.authority().consent(sign_in(), asked, kNoon)), Why::kOtpRequired);
}

// checklist 56
TEST_F(SecondStep, ACodeIsGoodOnce) {
  typed();
  must(step(sign_in(), code_at(kNoon)));
  EXPECT_EQ(why(step(sign_in(), code_at(kNoon))), Why::kOtpWrong);
  must(step(sign_in(), code_at(kNoon + 30s), kNoon + 30s));
  sent();
  const Secret half = sign_in();
  const Secret code = code_sent();
  EXPECT_EQ(why(step(half, Secret("no"))), Why::kOtpWrong);
  must(step(half, code));
  EXPECT_EQ(why(step(sign_in(), code)), Why::kOtpWrong) << "a new one was sent";
}

// checklist 55, 57
TEST_F(SecondStep, GuessesAreCountedWhateverSessionTheyComeFrom) {
  typed();
  int wrong = 0;
  for (; wrong < 200; ++wrong) {
    const Why refused = why(step(sign_in(), Secret("000000")));
    if (refused == Why::kTooMany) break;
    ASSERT_EQ(refused, Why::kOtpWrong);
  }
  EXPECT_LE(wrong, 34);
  EXPECT_EQ(why(step(sign_in(), code_at(kNoon))), Why::kTooMany) << "even the right one";
}

TEST_F(SecondStep, MessagesAreCounted) {
  sent();
  for (int i = 0; i < 20; ++i) sign_in();
  EXPECT_EQ(why(world_.authority().sign_in(World::user_key("ann"), kNoon)), Why::kTooMany);
}

TEST_F(SecondStep, ItEndsWithTheSessionAndTheAccount) {
  typed();
  const Secret half = sign_in();
  EXPECT_EQ(why(step(half, code_at(kNoon + 1h), kNoon + 1h)), Why::kInvalidToken);
  must(world_.admin.set_user_disabled(kRealm, kAnn, true, "test", kNoon));
  EXPECT_EQ(why(step(half, code_at(kNoon))), Why::kForbidden);
}

// It was switched on between the look at the account and the session.
TEST_F(SecondStep, ALoginUnderWayDoesNotPassByAStepThatWasJustSwitchedOn) {
  for (const int writes_before : {1, 2}) {
    must(world_.admin.set_user_otp(kRealm, kAnn, OtpKind::kNone, ""));
    world_.interrupted.interrupt([&] { typed(); }, writes_before);
    EXPECT_EQ(why(world_.authority().sign_in(World::user_key("ann"), kNoon)), Why::kBadCredentials)
        << writes_before;
  }
  EXPECT_EQ(state(sign_in()), Why::kOtpRequired);
}

TEST_F(SecondStep, AStepUnderWayDoesNotEndWithAnotherSeedsCode) {
  typed();
  const Secret half = sign_in();
  world_.interrupted.interrupt(
      [&] {
        must(world_.store.transact([&](Tx& tx) -> Result<> {
          Subject ann = *must(tx.subject(kRealm, kAnn));
          ann.totp_seed.push_back(0);
          return tx.put_subject(ann);
        }));
      },
      1);
  EXPECT_EQ(why(step(half, code_at(kNoon))), Why::kBadCredentials);
}

TEST_F(SecondStep, APushIsNoneAndACodeNeedsAnAddress) {
  EXPECT_EQ(why(world_.admin.set_user_otp(kRealm, kAnn, OtpKind::kPush, "")), Why::kUnsupported);
  EXPECT_EQ(why(world_.admin.set_user_otp(kRealm, kAnn, OtpKind::kOutbox, "")), Why::kMalformed);
  EXPECT_EQ(why(world_.admin.set_user_otp(kRealm, SubjectId("bob"), OtpKind::kTyped, "")),
            Why::kNotFound);
  EXPECT_EQ(must(world_.admin.set_user_otp(kRealm, kAnn, OtpKind::kTyped, "")).size(), 20u);
}

}  // namespace
}  // namespace latchkey::engine
