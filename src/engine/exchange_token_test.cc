#include "engine/device.h"
#include "engine/grants_testing.h"
#include "engine/token_types.h"

namespace latchkey::engine {
namespace {

const std::string kGrant(kTokenExchangeGrantType);
const std::string kApi = "https://api.example", kFiles = "https://files.example";

// "portal" has people log in; "payroll" is an API behind it, for the realm's audience.
class TokenExchange : public ::testing::Test {
 protected:
  TokenExchange() {
    world_.add_client("portal", [](Client& client) {
      client.redirect_uris = {"https://portal.example/cb"};
      client.grants = {"authorization_code", "refresh_token", "client_credentials", kGrant};
    });
    for (const char* id : {"payroll", "ledger"}) {
      world_.add_client(id, [](Client& client) {
        client.grants = {kGrant, "client_credentials"};
        client.resources = {"https://api.example"};
        client.scopes = {"read", "write"};
      });
    }
    world_.add_client("stranger", [](Client& client) { client.grants = {kGrant}; });
    world_.add_client("loose");
    world_.add_user("ann");
  }
  TokenSet logged_in(const std::string& scope, const std::string& key = "", Instant now = kNoon,
                     std::vector<std::string> resources = {}) {
    const Authorize asked{.client = ClientId("portal"),
                          .redirect_uri = "https://portal.example/cb",
                          .scope = scope,
                          .resources = std::move(resources)};
    const Secret session = must(world_.authority().sign_in(World::user_key("ann"), now));
    const auto code = must(world_.authority().consent(session, asked, now));
    Exchange exchange{
        .client = World::key_of("portal"), .code = code.code, .redirect_uri = asked.redirect_uri};
    if (!key.empty()) exchange.dpop = proof_by(key);
    return world_.tokens(exchange, now);
  }
  static ExchangeToken by(std::string_view client, const TokenSet& subject) {
    return {.client = World::key_of(client),
            .subject_token = subject.access_token,
            .subject_type = std::string(kAccessTokenType)};
  }
  Introspection seen(const Secret& token, std::string_view by = "payroll", Instant now = kNoon) {
    return world_.get<Introspection>(Introspect{.client = World::key_of(by), .token = token}, now);
  }
  World world_{granting()};
};

TEST_F(TokenExchange, ActsForThePersonAndSaysWhoActs) {  // checklist 38
  const auto made = world_.tokens(by("payroll", logged_in("read write admin")));
  EXPECT_EQ(made.issued_type, kAccessTokenType);
  EXPECT_TRUE(made.refresh_token.empty());
  const auto shown = seen(made.access_token);
  EXPECT_TRUE(shown.active);
  EXPECT_EQ(shown.subject, SubjectId("ann"));
  EXPECT_EQ(shown.client, ClientId("payroll"));
  EXPECT_EQ(shown.actors, "payroll");
  EXPECT_EQ(shown.scope, "read write") << "admin is not the client's";
}

TEST_F(TokenExchange, TheChainOfActorsGrows) {  // checklist 38
  const auto first = world_.tokens(by("payroll", logged_in("read")));
  const auto second = world_.tokens(by("ledger", first));
  EXPECT_EQ(seen(second.access_token, "ledger").actors, "ledger(payroll)");
}

TEST_F(TokenExchange, IsNeverWider) {  // checklist 38
  struct Row {
    const char* what;
    std::string subject, actor, asked;
    std::optional<std::string> scope;
  };
  const Row rows[] = {{"all that the client may", "read write admin", "", "", "read write"},
                      {"what was asked for", "read write", "", "read", "read"},
                      {"not what the subject lacks", "read", "", "read write", std::nullopt},
                      {"not what the client lacks", "read admin", "", "admin", std::nullopt},
                      {"only what the actor has too", "read write", "write", "", "write"},
                      {"not what the actor lacks", "read write", "write", "read", std::nullopt},
                      {"nothing in common", "read", "write", "", std::nullopt},
                      {"no login", "openid offline_access read", "", "", "read"},
                      {"not even if asked", "openid read", "", "openid", std::nullopt},
                      {"a scope that is none", "read", "", "a\"b", std::nullopt}};
  for (const Row& row : rows) {
    ExchangeToken asked = by("payroll", logged_in(row.subject));
    asked.scope = row.asked;
    if (!row.actor.empty()) {
      asked.actor_token =
          world_.tokens(ClientCredentials{.client = World::key_of("payroll"), .scope = row.actor})
              .access_token;
      asked.actor_type = std::string(kAccessTokenType);
    }
    const auto made = world_.perform(asked, kNoon);
    ASSERT_EQ(made.has_value(), row.scope.has_value()) << row.what;
    if (made) EXPECT_EQ(std::get<TokenSet>(*made).scope, *row.scope) << row.what;
    else EXPECT_EQ(made.error().why, Why::kConflict) << row.what;
  }
}

TEST_F(TokenExchange, AnActorsTokenNamesTheActor) {  // checklist 38
  ExchangeToken asked = by("payroll", logged_in("read"));
  asked.actor_token =
      world_.tokens(ClientCredentials{.client = World::key_of("ledger"), .scope = "read"})
          .access_token;
  asked.actor_type = std::string(kJwtType);
  EXPECT_EQ(seen(world_.tokens(asked).access_token).actors, "ledger");
}

TEST_F(TokenExchange, EndsWithWhatItWasMadeFrom) {
  const auto subject = logged_in("read");
  const auto made = world_.tokens(by("payroll", subject), kNoon + 20min);
  EXPECT_EQ(made.access_until, subject.access_until);
  EXPECT_EQ(world_.refusal(by("payroll", subject), kNoon + 30min), Why::kMalformed);
}

// A chain of three: what the portal has, what payroll made of it, what the ledger made of that.
TEST_F(TokenExchange, EndsWhenTheLoginThatItCameOfIsRevoked) {
  const auto subject = logged_in("read");
  const auto bystander = world_.tokens(by("payroll", logged_in("read")));
  const auto first = world_.tokens(by("payroll", subject));
  const auto second = world_.tokens(by("ledger", first));
  EXPECT_TRUE(seen(second.access_token, "ledger").active);
  world_.get<Done>(Revoke{.token = subject.refresh_token, .client = World::key_of("portal")});
  EXPECT_FALSE(seen(first.access_token).active);
  EXPECT_FALSE(seen(second.access_token, "ledger").active);
  EXPECT_FALSE(world_.is_live(second.access_token));
  EXPECT_TRUE(seen(bystander.access_token).active);
  EXPECT_EQ(world_.refusal(by("ledger", first)), Why::kMalformed);
}

TEST_F(TokenExchange, EndsWhicheverWayTheLoginIsEnded) {
  Policy policy = granting();
  policy.on_replay = OnReplay::kRevokeFamily;
  world_.rule_by(policy);
  const auto reuse = [&](const TokenSet& login) {
    const Refresh once{.refresh_token = login.refresh_token, .client = World::key_of("portal")};
    world_.tokens(once);
    EXPECT_EQ(world_.refusal(once), Why::kReplayed);
  };
  const auto by_client = [&](const TokenSet&) {
    EXPECT_EQ(must(world_.admin.revoke({.realm = kRealm, .client = ClientId("portal")}, "", kNoon)),
              2)
        << "what was made from it counts";
  };
  const auto disabled = [&](const TokenSet&) {
    must(world_.admin.set_client_disabled(kRealm, ClientId("portal"), true, kNoon));
  };
  using End = std::function<void(const TokenSet&)>;
  for (const auto& [what, end] : {std::pair<const char*, End>{"reuse", reuse},
                                  {"the client's grants", by_client},
                                  {"the client", disabled}}) {
    const auto login = logged_in("read");
    const auto made = world_.tokens(by("payroll", login));
    ASSERT_TRUE(world_.is_live(made.access_token)) << what;
    end(login);
    EXPECT_FALSE(world_.is_live(made.access_token)) << what;
  }
}

TEST_F(TokenExchange, EndsWithTheActorsGrantToo) {
  ExchangeToken asked = by("payroll", logged_in("read"));
  const auto actor =
      world_.tokens(ClientCredentials{.client = World::key_of("ledger"), .scope = "read"});
  asked.actor_token = actor.access_token;
  asked.actor_type = std::string(kAccessTokenType);
  const auto made = world_.tokens(asked);
  world_.get<Done>(Revoke{.token = actor.access_token, .client = World::key_of("ledger")});
  EXPECT_FALSE(world_.is_live(made.access_token));
  EXPECT_TRUE(world_.is_live(asked.subject_token)) << "an end goes down, never up";
}

TEST_F(TokenExchange, AClientMayNarrowItsOwnToken) {
  ExchangeToken asked = by("portal", logged_in("read write", "", kNoon, {kApi, kFiles}));
  asked.scope = "read";
  asked.resources = {kFiles};
  const auto shown = seen(world_.tokens(asked).access_token, "portal");
  EXPECT_EQ(shown.actors, "");
  EXPECT_EQ(shown.scope, "read");
  EXPECT_EQ(shown.audiences, std::vector<std::string>{kFiles});
}

TEST_F(TokenExchange, IsForNoMoreThanTheTokenOrTheClient) {  // checklist 38
  world_.add_client("wide", [](Client& client) {
    client.grants = {kGrant};
    client.resources = {kApi, kFiles};
  });
  using Uris = std::vector<std::string>;
  struct Row {
    const char* what;
    const char* client;
    Uris subject, asked;
    std::optional<Uris> made;
  };
  const Row rows[] = {
      {"its own, as it is", "portal", {kFiles}, {}, Uris{kFiles}},
      {"its own, for all of it", "portal", {kApi, kFiles}, {}, Uris{kApi, kFiles}},
      {"its own, for what it was not", "portal", {}, {kFiles}, std::nullopt},
      {"its own, not for the realm's", "portal", {kFiles}, {kApi}, std::nullopt},
      {"another's, for what the client is", "payroll", {kApi, kFiles}, {}, Uris{kApi}},
      {"another's, for what it is not", "payroll", {kApi, kFiles}, {kFiles}, std::nullopt},
      {"another's, for the next", "wide", {}, {kFiles}, Uris{kFiles}},
      {"another's, for nobody's", "wide", {}, {"https://evil.example"}, std::nullopt}};
  for (const Row& row : rows) {
    ExchangeToken asked = by(row.client, logged_in("read", "", kNoon, row.subject));
    asked.audiences = row.asked;
    const auto made = world_.perform(asked, kNoon);
    ASSERT_EQ(made.has_value(), row.made.has_value()) << row.what;
    if (!made) EXPECT_EQ(made.error().why, Why::kNotFound) << row.what;
    else
      EXPECT_EQ(seen(std::get<TokenSet>(*made).access_token, row.client).audiences, *row.made)
          << row.what;
  }
}

TEST_F(TokenExchange, TakesNoTokenThatIsNotForTheClient) {  // checklist 38
  const auto subject = logged_in("read");
  EXPECT_EQ(world_.refusal(by("stranger", subject)), Why::kMalformed);
  EXPECT_EQ(world_.refusal(by("loose", subject)), Why::kForbidden) << "the grant is never implied";
  ExchangeToken with_refresh = by("portal", subject);
  with_refresh.subject_token = Secret("nothing");
  EXPECT_EQ(world_.refusal(with_refresh), Why::kMalformed);
  const auto machine =
      world_.tokens(ClientCredentials{.client = World::key_of("payroll"), .scope = "read"});
  EXPECT_EQ(world_.refusal(by("payroll", machine)), Why::kMalformed) << "nobody's";
  ExchangeToken other = by("payroll", subject);
  other.resources = {"https://evil.example"};
  EXPECT_EQ(world_.refusal(other), Why::kNotFound);
}

TEST_F(TokenExchange, TakesAccessTokensForAccessTokens) {
  const auto subject = logged_in("read");
  using Change = std::function<void(ExchangeToken&)>;
  const std::pair<const char*, Change> rows[] = {
      {"no type", [](auto& it) { it.subject_type.clear(); }},
      {"an ID token",
       [](auto& it) { it.subject_type = "urn:ietf:params:oauth:token-type:id_token"; }},
      {"an actor's type alone", [](auto& it) { it.actor_type = std::string(kAccessTokenType); }},
      {"an actor's token alone", [](auto& it) { it.actor_token = Secret("x"); }},
      {"a refresh token wanted",
       [](auto& it) { it.wanted_type = "urn:ietf:params:oauth:token-type:refresh_token"; }}};
  for (const auto& [what, change] : rows) {
    ExchangeToken asked = by("payroll", subject);
    change(asked);
    EXPECT_EQ(world_.refusal(asked), Why::kMalformed) << what;
  }
  world_.rule_by([] {
    Policy off = granting();
    off.standard.exchange = false;
    return off;
  }());
  EXPECT_EQ(world_.refusal(by("payroll", subject)), Why::kUnsupported);
}

TEST_F(TokenExchange, ABoundTokenNeedsItsKey) {  // checklist 39
  const auto subject = logged_in("read", "key-1");
  EXPECT_EQ(world_.refusal(by("payroll", subject)), Why::kMalformed);
  ExchangeToken wrong = by("payroll", subject);
  wrong.dpop = proof_by("key-2");
  EXPECT_EQ(world_.refusal(wrong), Why::kMalformed);
  ExchangeToken right = by("payroll", subject);
  right.dpop = proof_by("key-1");
  EXPECT_EQ(world_.tokens(right).thumbprint, "key-1");
}

TEST_F(TokenExchange, WhatAClientExchangedNobodyConsentedTo) {
  world_.add_client("both", [](Client& client) {
    client.redirect_uris = {"https://both.example/cb"};
    client.grants = {"authorization_code", kGrant};
    client.resources = {"https://api.example"};
  });
  const auto consented = [&](std::vector<std::string> resources) {
    const Secret session = must(world_.authority().sign_in(World::user_key("ann"), kNoon));
    const Authorize asked{.client = ClientId("both"),
                          .redirect_uri = "https://both.example/cb",
                          .scope = "read",
                          .resources = std::move(resources)};
    return must(world_.authority().was_granted(session, asked, kNoon));
  };
  world_.tokens(by("both", logged_in("read write")));
  EXPECT_FALSE(consented({}));
  EXPECT_FALSE(consented({"https://api.example"}));
}

TEST_F(TokenExchange, MeetsARevocationOnTheWay) {
  const auto subject = logged_in("read");
  world_.interrupted.interrupt(
      [&] { must(world_.admin.set_user_disabled(kRealm, SubjectId("ann"), true, "", kNoon)); });
  EXPECT_FALSE(world_.perform(by("payroll", subject), kNoon).has_value());
  EXPECT_EQ(world_.live_families(), 1) << "the login's own";
}

}  // namespace
}  // namespace latchkey::engine
