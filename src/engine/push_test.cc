#include "engine/grants_testing.h"
#include "engine/pushed_form.h"

namespace latchkey::engine {
namespace {

const std::string kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const std::string kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

Authorize request(std::string_view client = "web") {
  return {.client = ClientId(client),
          .redirect_uri = "https://web.example/cb",
          .state = "s-1",
          .scope = "read",
          .challenge = kChallenge,
          .nonce = "n-1",
          .resources = {"https://files.example"},
          .prompt = {"login", "consent"},
          .max_age = 60s};
}

class PushedAuthorization : public ::testing::Test {
 protected:
  PushedAuthorization() {
    for (const char* id : {"web", "other"}) {
      world_.add_client(id, [&](Client& client) {
        client.redirect_uris = {"https://" + std::string(id) + ".example/cb"};
      });
    }
    world_.add_user("ann");
  }
  static PushAuthorization push(const std::function<void(PushAuthorization&)>& change = {}) {
    PushAuthorization asked{.client = World::key_of("web"), .asked = request()};
    if (change) change(asked);
    return asked;
  }
  static Authorize by(const Pushed& pushed, std::string_view client = "web") {
    return {.client = ClientId(client), .request_uri = pushed.request_uri};
  }
  Result<Authorized> consent(const Authorize& whole, Instant now = kNoon) {
    const Secret session = must(world_.authority().sign_in(World::user_key("ann"), now));
    return world_.authority().consent(session, whole, now);
  }
  World world_{granting()};
};

TEST(PushedForm, GoesThereAndBack) {
  Authorize whole = request();
  whole.client = {};
  whole.thumbprint = "key-1";
  EXPECT_EQ(read_pushed(write_pushed(whole)).value(), whole);
  EXPECT_EQ(read_pushed(write_pushed({})).value(), Authorize{});
  Authorize odd{.redirect_uri = "a:1,b", .state = "3:x,\n", .nonce = std::string(1, '\0')};
  EXPECT_EQ(read_pushed(write_pushed(odd)).value(), odd);
}

TEST(PushedForm, TakesNothingElse) {
  const std::string good = write_pushed(request());
  for (const std::string& bad : {std::string(), std::string("{}"), good + "0:,", good + "x",
                                 good.substr(0, good.size() - 1), good.substr(1)}) {
    EXPECT_EQ(read_pushed(bad).error().why, Why::kStore) << bad;
  }
}

TEST_F(PushedAuthorization, ARequestIsFoundByItsUri) {  // checklist 15
  const auto pushed = world_.get<Pushed>(push());
  EXPECT_TRUE(pushed.request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
  EXPECT_GE(pushed.request_uri.size(), 34u + 43u);
  EXPECT_EQ(pushed.until, kNoon + granting().standard.pushed_lifetime);
  Authorize whole = request();
  whole.request_uri = pushed.request_uri;
  EXPECT_EQ(must(world_.authority().whole_request(by(pushed), kNoon)), whole);
  EXPECT_NE(world_.get<Pushed>(push()).request_uri, pushed.request_uri);
}

TEST_F(PushedAuthorization, ARequestGivesOneCode) {  // checklist 15
  const auto pushed = world_.get<Pushed>(push());
  const auto whole = must(world_.authority().whole_request(by(pushed), kNoon));
  const auto given = must(consent(whole));
  EXPECT_EQ(given.state, "s-1");
  EXPECT_EQ(why(consent(whole)), Why::kMalformed) << "the second time";
  EXPECT_EQ(why(world_.authority().whole_request(by(pushed), kNoon)), Why::kMalformed);
  EXPECT_EQ(world_
                .tokens(Exchange{.client = World::key_of("web"),
                                 .code = given.code,
                                 .redirect_uri = "https://web.example/cb",
                                 .verifier = Secret(kVerifier)})
                .scope,
            "read");
}

TEST_F(PushedAuthorization, ARequestIsOfOneClientAndForAWhile) {  // checklist 15
  const auto pushed = world_.get<Pushed>(push());
  LocalAuthority& authority = world_.authority();
  EXPECT_EQ(why(authority.whole_request(by(pushed, "other"), kNoon)), Why::kMalformed);
  EXPECT_TRUE(authority.whole_request(by(pushed), pushed.until - 1s).has_value());
  EXPECT_EQ(why(authority.whole_request(by(pushed), pushed.until)), Why::kMalformed);
  EXPECT_EQ(why(authority.whole_request(by({"urn:ietf:params:oauth:request_uri:x", {}}), kNoon)),
            Why::kMalformed);
  const auto whole = must(authority.whole_request(by(pushed), kNoon));
  EXPECT_EQ(why(consent(whole, pushed.until)), Why::kMalformed);
}

TEST_F(PushedAuthorization, WhatWasPushedIsWhatIsGranted) {  // checklist 15
  const auto pushed = world_.get<Pushed>(push());
  Authorize wider = must(world_.authority().whole_request(by(pushed), kNoon));
  wider.scope = "read admin";
  EXPECT_FALSE(consent(wider).has_value());
}

TEST_F(PushedAuthorization, ARequestIsJudgedWhenItIsPushed) {
  const std::pair<const char*, std::function<void(PushAuthorization&)>> rows[] = {
      {"another's redirect_uri",
       [](auto& it) { it.asked.redirect_uri = "https://other.example/cb"; }},
      {"a request_uri in it", [](auto& it) { it.asked.request_uri = "urn:x"; }},  // checklist 15
      {"another client's", [](auto& it) { it.asked.client = ClientId("other"); }}};
  for (const auto& [what, change] : rows)
    EXPECT_EQ(world_.refusal(push(change)), Why::kMalformed) << what;
  EXPECT_EQ(world_.refusal(push([](auto& it) { it.client.secret = Secret("x"); })),
            Why::kBadCredentials);
  EXPECT_EQ(world_.refusal(push([](auto& it) { it.asked.scope = "root"; })), Why::kConflict);
}

TEST_F(PushedAuthorization, RequestsArePushedInBounds) {  // a public client may be anybody
  int taken = 0;
  while (taken < 10'000 && world_.perform(push(), kNoon).has_value()) ++taken;
  EXPECT_EQ(taken, 5000);
  EXPECT_EQ(world_.refusal(push()), Why::kTooMany);
  EXPECT_TRUE(world_.perform(push(), kNoon + granting().standard.pushed_lifetime).has_value());
}

TEST_F(PushedAuthorization, AProofBindsTheCode) {  // checklist 39
  const auto bound = world_.get<Pushed>(push([](auto& it) { it.dpop = proof_by("key-1"); }));
  EXPECT_EQ(must(world_.authority().whole_request(by(bound), kNoon)).thumbprint, "key-1");
  EXPECT_EQ(world_.refusal(push([](auto& it) {
    it.dpop = proof_by("key-1");
    it.asked.thumbprint = "key-2";
  })),
            Why::kMalformed);
}

TEST_F(PushedAuthorization, MayBeTheOnlyWay) {
  Policy only = granting();
  only.standard.pushed_only = true;
  world_.rule_by(only);
  EXPECT_EQ(why(world_.authority().whole_request(request(), kNoon)), Why::kMalformed);
  EXPECT_EQ(why(consent(request())), Why::kMalformed);
  const auto pushed = world_.get<Pushed>(push());
  EXPECT_TRUE(consent(must(world_.authority().whole_request(by(pushed), kNoon))).has_value());

  only.standard.pushed_only = only.standard.pushed = false;
  world_.rule_by(only);
  EXPECT_EQ(world_.refusal(push()), Why::kUnsupported);
  EXPECT_EQ(why(world_.authority().whole_request(by(pushed), kNoon)), Why::kMalformed);
  EXPECT_EQ(must(world_.authority().whole_request(request(), kNoon)), request());
}

}  // namespace
}  // namespace latchkey::engine
