#include "engine/signing_keys.h"

#include <algorithm>
#include <thread>

#include "engine/testing.h"

namespace latchkey::engine {
namespace {

constexpr auto kEs256 = crypto::Alg::kEs256;

class KeyRing : public ::testing::Test {
 protected:
  std::shared_ptr<SigningKeys> open(Instant now = kNoon) {
    auto ring = must(SigningKeys::open(world.store, world.keys, kRealm, kEs256, now));
    must(ring->look(now));
    return ring;
  }
  std::string rotate(Seconds lead, Instant now = kNoon) {
    return must(rotate_key(world.store, world.keys, kRealm, kEs256, lead, 1h, now));
  }
  void retire(const std::string& kid, bool at_once, Instant now = kNoon) {
    must(retire_key(world.store, world.keys, kRealm, kid, at_once, 1h, now));
  }
  KeyState state(const std::string& kid, Instant now) {
    const auto all = must(world.store.read([](Tx& tx) { return tx.keys(kRealm); }));
    const auto found = std::ranges::find(all, kid, &StoredKey::kid);
    return found == all.end() ? KeyState::kOver : state_of(*found, all, now);
  }
  static std::vector<std::string> kids(const SigningKeys& ring) {
    std::vector<std::string> names;
    for (const Signer& one : ring.published()) names.push_back(one.kid);
    return names;
  }
  World world;
};

TEST_F(KeyRing, PublishesAKeyBeforeItSignsAndAsLongAsItIsNeeded) {
  const auto ring = open();
  const std::string first = ring->current()->kid;
  const std::string second = rotate(10min);
  EXPECT_EQ(state(second, kNoon), KeyState::kWaiting);
  must(ring->look(kNoon + 2s));
  EXPECT_EQ(kids(*ring), (std::vector{first, second})) << "known before it is used";
  must(ring->look(kNoon + 10min - SigningKeys::kLookAgain));
  EXPECT_EQ(ring->current()->kid, first);
  must(ring->look(kNoon + 10min));
  EXPECT_EQ(ring->current()->kid, second) << "without a restart";
  EXPECT_EQ(kids(*ring), (std::vector{second, first}));
  EXPECT_EQ(state(first, kNoon + 10min), KeyState::kVerifying);
  must(ring->look(kNoon + 70min - SigningKeys::kLookAgain));
  EXPECT_EQ(kids(*ring).size(), 2u) << "what it signed last lives for an hour";
  must(ring->look(kNoon + 70min));
  EXPECT_EQ(kids(*ring), std::vector{second});
  EXPECT_EQ(state(first, kNoon + 70min), KeyState::kOver);
}

TEST_F(KeyRing, GetsItsFirstKeyWhenItIsFirstLookedAt) {
  const auto ring = must(SigningKeys::open(world.store, world.keys, kRealm, kEs256, kNoon));
  EXPECT_FALSE(ring->current());
  std::vector<std::string> seen(8);
  {
    std::vector<std::jthread> all;
    for (std::string& kid : seen)
      all.emplace_back([&] {
        must(ring->look(kNoon));
        kid = ring->current() ? ring->current()->kid : "none";
      });
  }
  EXPECT_EQ(kids(*ring), std::vector{seen[0]});
  EXPECT_EQ(std::ranges::count(seen, seen[0]), 8) << "everybody waits for the one that is made";
}

TEST_F(KeyRing, IsLookedUpAnewAFewSecondsAfterAChange) {
  const auto ring = open();
  const std::string second = rotate(0s);
  must(ring->look(kNoon + 1s));
  EXPECT_NE(ring->current()->kid, second);
  must(ring->look(kNoon + SigningKeys::kLookAgain));
  EXPECT_EQ(ring->current()->kid, second);
  rotate(0s, kNoon + 1h);
  must(ring->look(kNoon - 1h));  // a clock that went back is no reason to wait for an hour
  EXPECT_NE(ring->current()->kid, "");
}

TEST_F(KeyRing, ForgetsAKeyAtOnceInAnEmergency) {
  const auto ring = open();
  const std::string stolen = ring->current()->kid;
  retire(stolen, true);
  must(ring->look(kNoon + 2s));
  EXPECT_NE(ring->current()->kid, stolen) << "another one was made";
  EXPECT_EQ(kids(*ring).size(), 1u);
  EXPECT_EQ(why(retire_key(world.store, world.keys, kRealm, stolen, true, 1h, kNoon + 2s)),
            Why::kNotFound);
}

TEST_F(KeyRing, BringsAWaitingKeyForwardWhenTheSigningOneRetires) {
  const auto ring = open();
  const std::string first = ring->current()->kid;
  const std::string second = rotate(10min);
  retire(first, false, kNoon + 1min);
  must(ring->look(kNoon + 1min));
  EXPECT_EQ(ring->current()->kid, second);
  EXPECT_EQ(kids(*ring), (std::vector{second, first}));
  EXPECT_EQ(state(first, kNoon + 61min - 1s), KeyState::kVerifying);
  EXPECT_EQ(state(first, kNoon + 61min), KeyState::kOver);
}

TEST_F(KeyRing, GoesOnWithWhatItKnowsWhenTheStoreIsGone) {
  const auto ring = open();
  const std::string kid = ring->current()->kid;
  const Keys other{Secret{std::string(32, 'x')}};
  must(rotate_key(world.store, other, kRealm, kEs256, 0s, 1h, kNoon));  // not to be opened
  must(ring->look(kNoon + 1h));
  EXPECT_EQ(ring->current()->kid, kid);
}

TEST_F(KeyRing, HasNoPublicHalfOfASharedSecret) {  // checklist 52
  const auto ring =
      must(SigningKeys::open(world.store, world.keys, kRealm, crypto::Alg::kHs256, kNoon));
  EXPECT_TRUE(ring->published().empty());
}

class KeyRingInUse : public KeyRing {
 protected:
  void serve(Policy policy) {
    policy.access_form = TokenForm::kJwt;
    policy.jwt.alg = kEs256;
    policy.jwt.header = [](std::string_view kid) {
      return R"({"alg":"ES256","kid":")" + std::string(kid) + "\"}";
    };
    policy.jwt.payload = [](const JwtFacts& facts) { return R"({"jti":")" + facts.id + "\"}"; };
    world.rule_by(policy);
    world.add_client("app");
    world.add_user("ann");
    world.authority().sign_with(open());
  }
  /// Whether it is by the key that signs then.
  bool is_signed_as_of(Instant now, const Secret& token) {
    return crypto::verify_compact(open(now)->current()->key, token.reveal()).has_value();
  }
};

TEST_F(KeyRingInUse, IsLookedAtByTheNextRequest) {
  serve(keyed());
  const auto log_in = [&](Instant now) {
    return world.tokens(Login{.client = World::key_of("app")}, now).access_token;
  };
  const Secret before = log_in(kNoon);
  const std::string second = rotate(0s);
  const Secret after = log_in(kNoon + 2s);
  EXPECT_FALSE(is_signed_as_of(kNoon + 2s, before));
  EXPECT_TRUE(is_signed_as_of(kNoon + 2s, after));
  EXPECT_EQ(must(world.authority().published_keys(kNoon + 2s)).at(0).kid, second);
}

TEST_F(KeyRingInUse, IsLookedAtByAPageThatShowsTokens) {
  serve(coded());
  const Secret session = must(world.authority().sign_in(World::user_key("ann"), kNoon));
  rotate(0s);
  const TokenSet shown = must(world.authority().issue(session, ClientId{"app"}, kNoon + 2s));
  EXPECT_TRUE(is_signed_as_of(kNoon + 2s, shown.access_token));
}

TEST(LongestSigned, IsTheLongestLifeOfASignedToken) {
  const auto longest = [](Policy policy) { return longest_signed(policy); };
  Policy policy{.access_form = TokenForm::kJwt, .access_lifetime = 30min};
  EXPECT_EQ(longest(policy), 31min);
  policy.refresh_form = TokenForm::kJwt;
  policy.refresh_lifetime = 24h;
  EXPECT_EQ(longest(policy), 24h + 1min);
  policy.refresh_from_access_end = true;
  EXPECT_EQ(longest(policy), 24h + 31min);
  policy.refresh_form = TokenForm::kOpaque;
  policy.delegate_from_tier = "company";
  EXPECT_EQ(longest(policy), 24h + 1min);
  policy.access_lifetime = 0s;
  EXPECT_EQ(expiry(kNoon, Lifetime{longest(policy)}), kEndOfTime);
}

}  // namespace
}  // namespace latchkey::engine
