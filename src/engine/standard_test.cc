#include "engine/standard.h"

#include "engine/pkce.h"
#include "engine/testing.h"

namespace latchkey::engine {
namespace {

Client a_client(std::vector<std::string> uris) {
  return {.realm = kRealm,
          .id = ClientId("app"),
          .secret_hash = Hash(Bytes(32, 1)),
          .redirect_uris = std::move(uris)};
}

Policy a_policy() {
  Policy policy;
  policy.scope = "openid read";
  policy.standard = {.on = true,
                     .scopes = {"openid", "read", "write", "admin"},
                     .resources = {"https://b.example/"},
                     .audience = "https://a.example"};
  return policy;
}

// checklist 6
TEST(Redirect, IsComparedByteByByte) {
  const Client client = a_client({"https://app.example/cb", "http://127.0.0.1:8000/cb"});
  for (const char* same : {"https://app.example/cb", "http://127.0.0.1:8000/cb"})
    EXPECT_EQ(must(redirect_for(client, same)), same);
  for (const char* other :
       {"https://app.example/CB",      "https://APP.example/cb",     "https://app.example/cb/",
        "https://app.example/x/../cb", "https://app.example/cb;x",   "https://app.example/c%62",
        "https://app.example/%2e/cb",  "https://u@app.example/cb",   "https://app.example/cb?x=1",
        "https://app.example/cb#f",    "https://app.example:443/cb", "http://app.example/cb",
        "http://localhost:8000/cb",    "http://[::1]:8000/cb",       "http://127.0.0.1:8001/cb",
        "http://127.0.0.1/cb",         "https://app.example/cb\t",   "https://app.example/cb\n",
        "https://äpp.example/cb",      "https://app.example",        "",
        "https://app.example/cb,x"})
    EXPECT_EQ(why(redirect_for(client, other)), Why::kMalformed) << other;
}

TEST(Redirect, OnlyThePortOfALoopbackNativeClientIsFree) {
  Client native = a_client({"http://127.0.0.1/cb", "http://[::1]:80/x?y=1"});
  native.native = true;
  for (const char* same :
       {"http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb",
        "http://[::1]/x?y=1", "http://[::1]:5000/x?y=1"})
    EXPECT_EQ(must(redirect_for(native, same)), same);
  for (const char* other :
       {"http://localhost:1/cb", "http://127.0.0.1:0/cb", "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:x/cb", "http://127.0.0.1:1/cb2", "http://127.0.0.1:1@evil.example/cb",
        "http://127.0.0.1.evil.example/cb", "https://127.0.0.1:1/cb", "http://127.0.0.2:1/cb",
        "http://[::1]:1/x?y=2", "http://127.0.0.1:/cb", "http://127.0.0.1:-1/cb"})
    EXPECT_EQ(why(redirect_for(native, other)), Why::kMalformed) << other;
  Client open = a_client({"https://app.example/cb"});
  open.secret_hash = {};
  EXPECT_EQ(why(redirect_for(open, "https://app.example:1/cb")), Why::kMalformed);
}

TEST(Redirect, MayBeLeftOutWhereThereIsOnlyOne) {
  EXPECT_EQ(must(redirect_for(a_client({"https://a.example/"}), "")), "https://a.example/");
  EXPECT_EQ(why(redirect_for(a_client({}), "")), Why::kMalformed);
}

// checklist 10
TEST(AuthorizeRequest, NeedsAChallengeOfWhoeverHasNoSecret) {
  Policy policy = a_policy();
  Client client = a_client({});
  Authorize asked{.client = client.id};
  EXPECT_TRUE(may_authorize(policy, client, asked));
  policy.standard.pkce_for_all = true;
  EXPECT_EQ(why(may_authorize(policy, client, asked)), Why::kMalformed);
  policy.standard.pkce_for_all = false;
  client.secret_hash = {};
  EXPECT_EQ(why(may_authorize(policy, client, asked)), Why::kMalformed);
  asked.challenge = pkce_challenge(Secret(std::string(43, 'v')));
  EXPECT_TRUE(may_authorize(policy, client, asked));
  client.grants = {"refresh_token"};
  EXPECT_EQ(why(may_authorize(policy, client, asked)), Why::kForbidden);
}

TEST(Scope, IsGrantedWholeOrNotAtAll) {
  const Policy policy = a_policy();
  Client client = a_client({});
  EXPECT_EQ(must(grant_scope(policy, client, "")), "openid read");
  EXPECT_EQ(must(grant_scope(policy, client, "write openid")), "write openid");
  EXPECT_EQ(why(grant_scope(policy, client, "read telepathy")), Why::kConflict);
  EXPECT_EQ(why(grant_scope(policy, client, "read  write")), Why::kConflict);
  EXPECT_EQ(why(grant_scope(policy, client, "re\"ad")), Why::kConflict);
  client.scopes = {"read", "write"};
  EXPECT_EQ(must(grant_scope(policy, client, "")), "read");
  EXPECT_EQ(why(grant_scope(policy, client, "read admin")), Why::kConflict);
}

// checklist 20
TEST(Scope, IsOnlyEverNarrowed) {
  EXPECT_EQ(must(narrow_scope("a b c", {"c", "a"})), "c a");
  EXPECT_EQ(must(narrow_scope("a b c", {})), "");
  EXPECT_EQ(why(narrow_scope("a b c", {"a", "d"})), Why::kConflict);
  EXPECT_EQ(why(narrow_scope("", {"a"})), Why::kConflict);
  EXPECT_EQ(must(narrow_resources("x y", {"y"})), "y");
  EXPECT_EQ(why(narrow_resources("x y", {"z"})), Why::kNotFound);
}

TEST(Resource, IsOneThatTheRealmKnows) {
  const StandardPolicy policy = a_policy().standard;
  EXPECT_EQ(must(grant_resources(policy, {})), "");
  EXPECT_EQ(must(grant_resources(policy, {"https://b.example/", "https://a.example"})),
            "https://b.example/ https://a.example");
  EXPECT_EQ(why(grant_resources(policy, {"https://c.example/"})), Why::kNotFound);
}

// checklist 5, 10
TEST(Redeem, NeedsEverythingThatTheCodeIsBoundTo) {
  const Secret verifier(std::string(43, 'v'));
  const Code code{.client = ClientId("app"),
                  .redirect_uri = "https://a.example/cb",
                  .until = kNoon + 60s,
                  .challenge = pkce_challenge(verifier)};
  const Exchange asked{
      .client = World::key_of("app"), .redirect_uri = "https://a.example/cb", .verifier = verifier};
  const auto check = [&](const std::function<void(Code&, Exchange&)>& change, Instant now = kNoon) {
    Code a = code;
    Exchange b = asked;
    change(a, b);
    const auto may = may_redeem(a, b, now);
    return may ? std::nullopt : std::optional(may.error().why);
  };
  EXPECT_EQ(check([](Code&, Exchange&) {}, kNoon + 59s), std::nullopt);
  EXPECT_EQ(check([](Code&, Exchange&) {}, kNoon + 60s), Why::kExpired);
  EXPECT_EQ(check([](Code& a, Exchange&) { a.spent = kNoon; }), Why::kReplayed);
  EXPECT_EQ(check([](Code&, Exchange& b) { b.client = World::key_of("b"); }), Why::kInvalidToken);
  EXPECT_EQ(check([](Code&, Exchange& b) { b.redirect_uri = ""; }), Why::kInvalidToken);
  EXPECT_EQ(check([](Code&, Exchange& b) { b.redirect_uri += "/"; }), Why::kInvalidToken);
  EXPECT_EQ(check([](Code&, Exchange& b) { b.verifier = {}; }), Why::kInvalidToken);
  EXPECT_EQ(check([](Code&, Exchange& b) { b.verifier = Secret(std::string(43, 'w')); }),
            Why::kInvalidToken);
  EXPECT_EQ(check([](Code& a, Exchange&) { a.challenge.clear(); }), Why::kInvalidToken)
      << "a verifier without a challenge";
  EXPECT_EQ(check([](Code& a, Exchange& b) {
              a.redirect_given = false;
              b.redirect_uri.clear();
            }),
            std::nullopt);
  EXPECT_EQ(check([](Code& a, Exchange& b) {
              a.redirect_given = false;
              b.redirect_uri = "https://other.example/";
            }),
            Why::kInvalidToken);
  EXPECT_EQ(check([](Code& a, Exchange&) { a.bound_to = "key"; }), Why::kOtpWrong);
  EXPECT_EQ(check([](Code& a, Exchange& b) {
              a.bound_to = "key";
              b.dpop = DpopProof{.verified = true, .thumbprint = "key"};
            }),
            std::nullopt);
}

}  // namespace
}  // namespace latchkey::engine
