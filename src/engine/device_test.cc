#include "engine/device.h"

#include <atomic>

#include "engine/grants_testing.h"

namespace latchkey::engine {
namespace {

const std::string kGrant(kDeviceGrantType);

class Device : public ::testing::Test {
 protected:
  Device() {
    world_.add_client("tv", [](Client& client) { client.grants = {kGrant, "refresh_token"}; });
    world_.add_client("web", [](Client& client) { client.grants = {"authorization_code"}; });
    world_.add_client("other");
    world_.add_user("ann");
  }
  DeviceStarted begin(std::string_view scope = "", Instant now = kNoon) {
    return world_.get<DeviceStarted>(
        AuthorizeDevice{.client = World::key_of("tv"), .scope = std::string(scope)}, now);
  }
  static PollDevice poll(const DeviceStarted& begun, std::string_view client = "tv") {
    return {.client = World::key_of(client), .device_code = begun.device_code};
  }
  Secret sign_in(Instant now = kNoon) {
    return must(world_.authority().sign_in(World::user_key("ann"), now));
  }
  static std::string shown(const DeviceStarted& begun) {
    return std::string(begun.user_code.reveal());
  }
  Result<> answer(const DeviceStarted& begun, bool approve, Instant now = kNoon) {
    return world_.authority().answer_device(sign_in(now), shown(begun), approve, now);
  }
  World world_{granting()};
};

TEST_F(Device, GetsTokensOnceAPersonHasApprovedIt) {  // checklist 37
  const auto begun = begin("read write");
  EXPECT_EQ(begun.interval, 5s);
  EXPECT_EQ(begun.until, kNoon + 600s);
  EXPECT_EQ(world_.refusal(poll(begun)), Why::kPending);
  const auto asked = must(world_.authority().find_device(sign_in(), shown(begun), kNoon));
  EXPECT_EQ(asked.client.id, ClientId("tv"));
  EXPECT_EQ(asked.scope, "read write");
  must(answer(begun, true, kNoon + 3s));
  const auto tokens = world_.tokens(poll(begun), kNoon + 4s);
  EXPECT_EQ(tokens.scope, "read write");
  EXPECT_FALSE(tokens.refresh_token.empty());
  EXPECT_TRUE(world_.is_live(tokens.access_token, kNoon + 4s));
  EXPECT_EQ(world_.told("device_answered"), 1);
}

TEST_F(Device, ACodeIsGoodOnceAndASecondUseEndsWhatItGot) {  // checklist 37
  const auto begun = begin();
  must(answer(begun, true));
  const auto tokens = world_.tokens(poll(begun));
  EXPECT_EQ(world_.refusal(poll(begun)), Why::kReplayed);
  EXPECT_FALSE(world_.is_live(tokens.access_token));
  EXPECT_EQ(world_.told("reuse"), 1);
  EXPECT_FALSE(world_.events().back().grant.empty()) << "the family that it ended";
}

TEST_F(Device, OfManyPollsAtOnceOneGetsTokens) {
  const auto begun = begin();
  must(answer(begun, true));
  std::atomic<int> given = 0;
  in_parallel(8, [&](int) {
    const bool got = world_.perform(poll(begun), kNoon).has_value();
    given += got ? 1 : 0;
    return got;
  });
  EXPECT_EQ(given, 1);
}

TEST_F(Device, ThatAsksTooOftenIsToldToSlowDown) {  // checklist 37
  const auto begun = begin();
  EXPECT_EQ(world_.refusal(poll(begun), kNoon), Why::kPending);
  const auto soon = world_.perform(poll(begun), kNoon + 4s);
  ASSERT_FALSE(soon.has_value());
  EXPECT_EQ(soon.error().why, Why::kTooMany);
  EXPECT_EQ(soon.error().retry_after, 10s);
  EXPECT_EQ(world_.refusal(poll(begun), kNoon + 13s), Why::kTooMany) << "the interval is 10 s now";
  EXPECT_EQ(world_.refusal(poll(begun), kNoon + 28s), Why::kPending) << "and then 15 s";
  must(answer(begun, true, kNoon + 29s));
  EXPECT_TRUE(world_.perform(poll(begun), kNoon + 30s).has_value()) << "an answer need not wait";
}

TEST_F(Device, IsToldWhenThePersonSaidNoOrTheTimeIsOver) {
  const auto declined = begin();
  must(answer(declined, false));
  EXPECT_EQ(world_.refusal(poll(declined)), Why::kDeclined);
  const auto late = begin();
  EXPECT_EQ(world_.refusal(poll(late), kNoon + 599s), Why::kPending);
  EXPECT_EQ(world_.refusal(poll(late), kNoon + 600s), Why::kExpired);
  EXPECT_EQ(why(answer(late, true, kNoon + 600s)), Why::kNotFound);
  EXPECT_EQ(why(answer(declined, true)), Why::kNotFound) << "an answer is not taken back";
}

TEST_F(Device, OfAnotherClientLearnsNothing) {
  const auto begun = begin();
  must(answer(begun, true));
  EXPECT_EQ(world_.refusal(poll(begun, "other")), Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(PollDevice{.client = World::key_of("tv"), .device_code = Secret("x")}),
            Why::kInvalidToken);
  PollDevice stranger = poll(begun);
  stranger.client.secret = Secret("wrong");
  EXPECT_EQ(world_.refusal(stranger), Why::kBadCredentials);
  EXPECT_TRUE(world_.perform(poll(begun), kNoon).has_value());
}

TEST_F(Device, GrantIsForClientsThatHaveItAndScopesThatTheyMayHave) {
  EXPECT_EQ(world_.refusal(AuthorizeDevice{.client = World::key_of("web")}), Why::kForbidden);
  EXPECT_EQ(world_.refusal(AuthorizeDevice{.client = World::key_of("tv"), .scope = "root"}),
            Why::kConflict);
  EXPECT_EQ(world_.refusal(AuthorizeDevice{.client = World::key_of("tv"),
                                           .resources = {"https://evil.example"}}),
            Why::kNotFound);
  world_.rule_by([] {
    Policy off = granting();
    off.standard.device = false;
    return off;
  }());
  EXPECT_EQ(world_.refusal(AuthorizeDevice{.client = World::key_of("tv")}), Why::kUnsupported);
}

TEST_F(Device, OfALockedAccountStaysLockedOut) {  // checklist 37
  const auto begun = begin();
  must(answer(begun, true));
  must(world_.admin.set_user_disabled(kRealm, SubjectId("ann"), true, "", kNoon));
  EXPECT_EQ(world_.refusal(poll(begun)), Why::kInvalidToken);
  EXPECT_EQ(world_.live_families(), 0);
}

TEST_F(Device, AUserCodeCannotBeGuessed) {  // checklist 37, 57
  const auto begun = begin();
  const Secret session = sign_in();
  LocalAuthority& authority = world_.authority();
  const int most = granting().standard.user_code_attempts;
  for (int i = 0; i < most; ++i) {
    EXPECT_EQ(why(authority.find_device(session, "BBBB-BBBB", kNoon)), Why::kNotFound);
  }
  EXPECT_EQ(why(authority.find_device(session, shown(begun), kNoon)), Why::kTooMany)
      << "the right one too";
  EXPECT_EQ(why(authority.answer_device(session, shown(begun), true, kNoon)), Why::kTooMany);
  const Secret again = sign_in(kNoon + 1s);
  EXPECT_EQ(why(authority.find_device(again, shown(begun), kNoon + 1s)), Why::kTooMany)
      << "a new session buys no more";
  world_.add_user("bob");
  const Secret other = must(authority.sign_in(World::user_key("bob"), kNoon));
  EXPECT_TRUE(authority.find_device(other, shown(begun), kNoon).has_value());
  const Instant later = kNoon + granting().password_window;
  EXPECT_EQ(why(authority.find_device(sign_in(later), shown(begun), later)), Why::kNotFound)
      << "over by then, but looked at";
}

TEST_F(Device, NobodyAnswersWithoutALogin) {
  const auto begun = begin();
  LocalAuthority& authority = world_.authority();
  EXPECT_EQ(why(authority.find_device(Secret("x"), shown(begun), kNoon)), Why::kInvalidToken);
  EXPECT_EQ(why(authority.answer_device(Secret("x"), shown(begun), true, kNoon)),
            Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(poll(begun)), Why::kPending);
}

TEST_F(Device, CodesAreBegunInBounds) {  // a client may be anybody
  for (int i = 0; i < kMostDevices; ++i) begin();
  EXPECT_EQ(world_.refusal(AuthorizeDevice{.client = World::key_of("tv")}), Why::kTooMany);
  EXPECT_TRUE(world_.perform(AuthorizeDevice{.client = World::key_of("other")}, kNoon).has_value());
  EXPECT_TRUE(
      world_.perform(AuthorizeDevice{.client = World::key_of("tv")}, kNoon + 600s).has_value());
}

TEST_F(Device, WithAProofGetsTokensOfItsKey) {  // checklist 39
  const auto begun = begin();
  must(answer(begun, true));
  PollDevice asked = poll(begun);
  asked.dpop = proof_by("key-1");
  EXPECT_EQ(world_.tokens(asked).thumbprint, "key-1");
}

}  // namespace
}  // namespace latchkey::engine
