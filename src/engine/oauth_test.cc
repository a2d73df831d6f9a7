#include <algorithm>

#include "engine/pkce.h"
#include "engine/standard.h"
#include "engine/testing.h"

// Standard OAuth, from the consent on.

namespace latchkey::engine {
namespace {

Policy standard() {
  Policy policy{.access_form = TokenForm::kOpaque,
                .refresh_form = TokenForm::kOpaque,
                .code_form = TokenForm::kOpaque,
                .access_lifetime = 600s,
                .refresh_lifetime = 24h,
                .code_lifetime = 60s,
                .rotation = Rotation::kSingleUse,
                .on_replay = OnReplay::kRevokeFamily,
                .replay_window = 0s,
                .refresh_needs_client = true,
                .scope = "openid read"};
  policy.standard = {.on = true,
                     .scopes = {"openid", "read", "write"},
                     .resources = {"https://b.example/"},
                     .audience = "https://a.example"};
  return policy;
}

constexpr const char* kUri = "https://app.example/cb";
const Secret kVerifier(std::string(43, 'v'));

class OAuth : public ::testing::Test {
 protected:
  OAuth() {
    const auto with_uri = [](Client& client) { client.redirect_uris = {kUri}; };
    world_.add_client("app", with_uri);
    world_.add_client("other", with_uri);
    world_.add_client("api", [](Client& client) { client.resources = {"https://b.example/"}; });
    must(world_.admin.create_client(
        {.client = {.realm = kRealm, .id = ClientId("spa"), .redirect_uris = {kUri}},
         .is_public = true}));
    world_.add_user("ann");
    session_ = must(world_.authority().sign_in(World::user_key("ann"), kNoon));
  }
  Authorize request(const char* client = "app") {
    return {.client = ClientId(client),
            .redirect_uri = kUri,
            .scope = "openid read write",
            .challenge = pkce_challenge(kVerifier),
            .nonce = "n"};
  }
  Secret code(const Authorize& asked, Instant now = kNoon) {
    return must(world_.authority().consent(session_, asked, now)).code;
  }
  Exchange exchange(Secret code, ClientKey client = World::key_of("app")) {
    return {.client = std::move(client),
            .code = std::move(code),
            .redirect_uri = kUri,
            .verifier = kVerifier};
  }
  TokenSet tokens() { return world_.tokens(exchange(code(request()))); }
  Refresh refresh(const Secret& token, std::vector<std::string> scope = {}) {
    return {.refresh_token = token, .client = World::key_of("app"), .narrow_to = std::move(scope)};
  }
  Introspection introspect(const Secret& token, const char* by, Instant now = kNoon) {
    return world_.get<Introspection>(Introspect{World::key_of(by), token}, now);
  }
  World world_{standard()};
  Secret session_;
};

// checklist 1, 2
TEST_F(OAuth, TheSecondUseOfACodeEndsWhatTheFirstOneGot) {
  const Exchange asked = exchange(code(request()));
  const TokenSet got = world_.tokens(asked);
  EXPECT_EQ(got.scope, "openid read write");
  EXPECT_TRUE(world_.is_live(got.access_token));
  EXPECT_EQ(world_.refusal(asked), Why::kReplayed);
  EXPECT_FALSE(world_.is_live(got.access_token));
  EXPECT_EQ(world_.refusal(refresh(got.refresh_token)), Why::kRevoked);
  EXPECT_EQ(world_.told("reuse"), 1);
  const auto told = world_.events();
  EXPECT_EQ(std::ranges::find(told, std::string("reuse"), &Event::what)->grant,
            std::ranges::find(told, std::string("exchange"), &Event::what)->grant);
}

// checklist 11
TEST_F(OAuth, AChallengeOrNonceThatComesAgainIsNoticedAndNotRefused) {
  const auto noticed = [&](const std::string& verifier, const std::string& nonce,
                           const char* client = "app", Instant now = kNoon) -> std::string {
    Authorize asked = request(client);
    asked.challenge = verifier.empty() ? "" : pkce_challenge(Secret(verifier));
    asked.nonce = nonce;
    code(asked, now);
    const Event last = world_.events().back();
    return last.what == "repeated" ? last.detail : "";
  };
  const std::string one(43, 'a'), two(43, 'b');
  EXPECT_EQ(noticed(one, "n-1"), "");
  EXPECT_EQ(noticed(two, "n-1"), "nonce");
  EXPECT_EQ(noticed(one, "n-2"), "code_challenge");
  EXPECT_EQ(noticed(two, "n-2"), "code_challenge nonce");
  EXPECT_EQ(noticed("", ""), "");
  EXPECT_EQ(noticed("", ""), "") << "what is not there is not repeated";
  EXPECT_EQ(noticed(one, "n-1", "other"), "") << "by chance, another's";
  session_ = must(world_.authority().sign_in(World::user_key("ann"), kNoon + 24h));
  EXPECT_EQ(noticed(one, "n-1", "app", kNoon + 24h), "") << "a day later it is forgotten";
}

// checklist 5
TEST_F(OAuth, AMismatchBurnsTheCode) {
  const std::function<void(Exchange&)> changes[] = {
      [](Exchange& it) { it.verifier = Secret(std::string(43, 'w')); },
      [](Exchange& it) { it.verifier = {}; },
      [](Exchange& it) { it.redirect_uri += "/"; },
      [](Exchange& it) { it.redirect_uri.clear(); },
  };
  for (const auto& change : changes) {
    const Exchange good = exchange(code(request()));
    Exchange bad = good;
    change(bad);
    EXPECT_EQ(world_.refusal(bad), Why::kInvalidToken);
    EXPECT_EQ(world_.refusal(good), Why::kReplayed) << "it is burnt";
  }
}

TEST_F(OAuth, AnotherClientCannotBurnACode) {
  const Exchange good = exchange(code(request()));
  EXPECT_EQ(world_.refusal(exchange(good.code, World::key_of("other"))), Why::kInvalidToken);
  EXPECT_FALSE(world_.tokens(good).access_token.empty());
}

// checklist 3
TEST_F(OAuth, OfManyExchangesOfOneCodeOneSucceeds) {
  const Exchange asked = exchange(code(request()));
  EXPECT_EQ(in_parallel(8, [&](int) { return world_.perform(asked, kNoon).has_value(); }), 1);
}

// checklist 10
TEST_F(OAuth, APublicClientGetsNoCodeWithoutAChallenge) {
  Authorize asked = request("spa");
  asked.challenge.clear();
  EXPECT_EQ(why(world_.authority().consent(session_, asked, kNoon)), Why::kMalformed);
  EXPECT_EQ(why(world_.authority().check_request(asked)), Why::kMalformed);
  const TokenSet got = world_.tokens(exchange(code(request("spa")), {.id = ClientId("spa")}));
  EXPECT_FALSE(got.refresh_token.empty());
  Refresh again = refresh(got.refresh_token);
  again.client = {.id = ClientId("spa")};
  const TokenSet next = world_.tokens(again);  // checklist 21: it rotates
  EXPECT_NE(next.refresh_token, got.refresh_token);
  EXPECT_EQ(world_.refusal(again), Why::kReplayed);
  EXPECT_FALSE(world_.is_live(next.access_token));
}

// checklist 20
TEST_F(OAuth, ANarrowerScopeIsForTheAccessTokenOnly) {
  const TokenSet got = tokens();
  EXPECT_EQ(world_.refusal(refresh(got.refresh_token, {"read", "admin"})), Why::kConflict);
  Refresh stolen = refresh(got.refresh_token);
  stolen.client = World::key_of("other");
  EXPECT_EQ(world_.refusal(stolen), Why::kInvalidToken);
  const TokenSet narrow = world_.tokens(refresh(got.refresh_token, {"read"}));
  EXPECT_EQ(narrow.scope, "read");
  EXPECT_EQ(introspect(narrow.access_token, "app").scope, "read");
  EXPECT_EQ(world_.tokens(refresh(narrow.refresh_token)).scope, "openid read write");
}

TEST_F(OAuth, AClientWithoutTheRefreshGrantGetsNoRefreshToken) {
  world_.add_client("app", [](Client& client) {
    client.redirect_uris = {kUri};
    client.grants = {"authorization_code"};
  });
  EXPECT_TRUE(tokens().refresh_token.empty());
}

TEST_F(OAuth, AClientActsForItselfWithinItsScope) {
  const TokenSet got =
      world_.tokens(ClientCredentials{.client = World::key_of("app"), .scope = "read"});
  EXPECT_TRUE(got.refresh_token.empty());
  EXPECT_TRUE(got.id_token.empty());
  const Introspection shown = introspect(got.access_token, "app");
  EXPECT_TRUE(shown.active);
  EXPECT_EQ(shown.subject, SubjectId{});
  EXPECT_EQ(shown.scope, "read");
  EXPECT_EQ(world_.refusal(ClientCredentials{.client = {.id = ClientId("spa")}}), Why::kForbidden);
  EXPECT_EQ(world_.refusal(ClientCredentials{.client = World::key_of("app"), .scope = "admin"}),
            Why::kConflict);
  EXPECT_EQ(world_.refusal(UserInfo{got.access_token}), Why::kForbidden) << "it is nobody's";
}

// checklist 34
TEST_F(OAuth, ATokenIsShownToWhoeverItIsFor) {
  Authorize asked = request();
  asked.resources = {"https://b.example/"};
  const TokenSet got = world_.tokens(exchange(code(asked)));
  const Introspection dead;
  const Introspection shown = introspect(got.access_token, "api");
  EXPECT_TRUE(shown.active);
  EXPECT_EQ(shown.audiences, std::vector<std::string>{"https://b.example/"});
  EXPECT_EQ(shown.subject, SubjectId("ann"));
  EXPECT_EQ(introspect(got.access_token, "other"), dead);
  EXPECT_EQ(introspect(got.refresh_token, "api"), dead);
  EXPECT_EQ(introspect(got.refresh_token, "app").kind, "refresh_token");
  EXPECT_EQ(introspect(tokens().access_token, "api"), dead) << "it is for another resource";
  EXPECT_EQ(introspect(got.access_token, "app", kNoon + 599s).active, true);
  EXPECT_EQ(introspect(got.access_token, "app", kNoon + 600s), dead);
  EXPECT_EQ(introspect(Secret("nonsense"), "app"), dead);
  EXPECT_EQ(world_.refusal(Introspect{{.id = ClientId("spa")}, got.access_token}),
            Why::kBadCredentials);
  must(world_.admin.set_user_disabled(kRealm, SubjectId("ann"), true, "test", kNoon));
  EXPECT_EQ(introspect(got.access_token, "app"), dead);
}

TEST_F(OAuth, UserInfoNeedsOpenid) {
  const TokenSet got = tokens();
  EXPECT_EQ(world_.get<Used>(UserInfo{got.access_token}).who.subject, SubjectId("ann"));
  const TokenSet narrow = world_.tokens(refresh(got.refresh_token, {"read"}));
  EXPECT_EQ(world_.refusal(UserInfo{narrow.access_token}), Why::kForbidden);
  EXPECT_EQ(world_.refusal(UserInfo{got.refresh_token}), Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(UserInfo{Secret{}}), Why::kBadCredentials);
}

TEST_F(OAuth, WhatWasGrantedIsRemembered) {
  const auto was = [&](const Authorize& asked) {
    return must(world_.authority().was_granted(session_, asked, kNoon));
  };
  EXPECT_FALSE(was(request()));
  const TokenSet got = tokens();
  EXPECT_TRUE(was(request()));
  Authorize less = request();
  less.scope = "read";
  EXPECT_TRUE(was(less));
  less.resources = {"https://b.example/"};
  EXPECT_FALSE(was(less));
  EXPECT_FALSE(was(request("other")));
  world_.get<Done>(Revoke{got.access_token, World::key_of("app")});
  EXPECT_FALSE(was(request()));
}

TEST_F(OAuth, WhatWasGrantedIsForgottenWhenNothingOfItLives) {
  const TokenSet got = tokens();
  const Instant end = std::max(got.access_until, got.refresh_until).value();
  for (const auto& [now, remembered] : {std::pair(end - 1s, true), {end, false}}) {
    const Secret session = must(world_.authority().sign_in(World::user_key("ann"), now));
    EXPECT_EQ(must(world_.authority().was_granted(session, request(), now)), remembered);
  }
}

// checklist 39
TEST_F(OAuth, ABoundTokenOpensNothingWithoutItsKey) {
  Exchange asked = exchange(code(request("spa")), {.id = ClientId("spa")});
  const auto proof = [](const char* key, const char* id) {
    return DpopProof{.verified = true, .thumbprint = key, .id = id, .issued = kNoon};
  };
  asked.dpop = proof("key", "1");
  const TokenSet got = world_.tokens(asked);
  EXPECT_EQ(got.thumbprint, "key");
  EXPECT_EQ(introspect(got.access_token, "app").active, false);
  EXPECT_EQ(world_.refusal(UserInfo{got.access_token}), Why::kOtpWrong);
  EXPECT_EQ(world_.refusal(UserInfo{got.access_token, proof("key", "2")}), Why::kOtpWrong)
      << "no ath";
  Refresh again{.refresh_token = got.refresh_token, .client = {.id = ClientId("spa")}};
  EXPECT_EQ(world_.refusal(again), Why::kInvalidToken);
  again.dpop = proof("other", "3");
  EXPECT_EQ(world_.refusal(again), Why::kInvalidToken);
  again.dpop = proof("key", "4");
  EXPECT_EQ(world_.tokens(again).thumbprint, "key");
}

TEST_F(OAuth, AnotherRealmKnowsNoneOfIt) {
  World old(coded());
  old.add_client("app");
  EXPECT_EQ(old.refusal(ClientCredentials{.client = World::key_of("app")}), Why::kUnsupported);
  EXPECT_EQ(old.refusal(Introspect{World::key_of("app"), Secret("x")}), Why::kUnsupported);
  EXPECT_EQ(old.refusal(UserInfo{Secret("x")}), Why::kUnsupported);
}

}  // namespace
}  // namespace latchkey::engine
