// What a hostile page, a hostile application and a stolen form get from the pages.

#include <algorithm>

#include "server/testing.h"

namespace latchkey::server {
namespace {

std::string location(const http::Response& response) {
  const auto* found = response.headers.find("Location");
  return found ? *found : "";
}

std::string header(const http::Response& response, std::string_view name) {
  const auto* found = response.headers.find(name);
  return found ? *found : "";
}

TEST(PagesAttack, AWrongPasswordOpensNoSessionAndSaysNotWhatWasWrong) {
  SinopacWalk walk;
  walk.browser.open(kSinopacLogin);
  walk.browser.submit("/login", {{"login", "DEMOUSER01"}, {"password", "wrong"}});
  EXPECT_EQ(walk.browser.last.status, 403);
  const std::string known =
      std::regex_replace(walk.browser.last.body, std::regex("[0-9a-f]{112}|DEMOUSER01"), "");
  EXPECT_TRUE(walk.browser.shows("role=\"alert\""));
  EXPECT_FALSE(walk.browser.cookies.contains("latchkey-test-session"));
  walk.browser.submit("/login", {{"login", "NOBODY"}, {"password", "wrong"}});
  EXPECT_EQ(walk.browser.last.status, 403);
  const std::string unknown =
      std::regex_replace(walk.browser.last.body, std::regex("[0-9a-f]{112}|NOBODY"), "");
  EXPECT_EQ(known, unknown);  // checklist 59
}

TEST(PagesAttack, GuessingAPasswordIsSlowedDown) {
  SinopacWalk walk;
  walk.browser.open(kSinopacLogin);
  const int attempts = walk.realm.authority->policy().password_attempts;
  for (int i = 0; i < attempts; ++i)
    walk.browser.submit("/login", {{"login", "DEMOUSER01"}, {"password", "wrong"}});
  walk.browser.submit("/login", kSinopacUser);
  EXPECT_EQ(walk.browser.last.status, 429);
  EXPECT_FALSE(walk.browser.cookies.contains("latchkey-test-session"));
}

struct ProofRow {
  const char* name;
  std::function<void(Browser&, http::Pairs& form)> spoil;
};

// checklist 18
class PagesProof : public ::testing::TestWithParam<ProofRow> {};

TEST_P(PagesProof, MustComeWithALogin) {
  SinopacWalk walk;
  walk.browser.open(kSinopacLogin);
  http::Pairs form = kSinopacUser;
  form.emplace_back("form", walk.browser.proof("/login"));
  GetParam().spoil(walk.browser, form);
  walk.browser.post(kSinopacLogin, form);
  EXPECT_EQ(walk.browser.last.status, 403);
  EXPECT_FALSE(walk.browser.cookies.contains("latchkey-test-session"));
  EXPECT_TRUE(walk.browser.shows("此表單已失效"));
}

TEST_P(PagesProof, MustComeWithAConsent) {
  SinopacWalk walk;
  walk.to_consent();
  http::Pairs form{{"answer", "allow"}, {"form", walk.browser.proof("/consent")}};
  const std::string address = walk.browser.address_of("/consent");
  GetParam().spoil(walk.browser, form);
  walk.browser.post(address, form);
  EXPECT_NE(walk.browser.last.status, 302);
  EXPECT_EQ(location(walk.browser.last).find("code="), std::string::npos);
}

http::Pairs::value_type& proof_in(http::Pairs& form) {
  return *std::ranges::find(form, "form", &http::Pairs::value_type::first);
}

INSTANTIATE_TEST_SUITE_P(
    , PagesProof,
    ::testing::Values(
        ProofRow{"none", [](Browser&, http::Pairs& form) { proof_in(form).first = "other"; }},
        ProofRow{"empty", [](Browser&, http::Pairs& form) { proof_in(form).second = ""; }},
        ProofRow{
            "invented",
            [](Browser&, http::Pairs& form) { proof_in(form).second = std::string(112, 'a'); }},
        ProofRow{"twice", [](Browser&, http::Pairs& form) { form.push_back(proof_in(form)); }},
        ProofRow{"without cookies",
                 [](Browser& browser, http::Pairs&) { browser.cookies.clear(); }},
        ProofRow{"of another browser",
                 [](Browser& browser, http::Pairs&) {
                   for (auto& [name, value] : browser.cookies)
                     value = std::string(value.size(), 'b');
                 }},
        ProofRow{"too old", [](Browser& browser, http::Pairs&) { browser.now += kFormLifetime; }}),
    [](const auto& info) {
      return std::regex_replace(std::string(info.param.name), std::regex(" "), "_");
    });

TEST(PagesAttack, AFormOfAnotherRequestIsNoConsentToThisOne) {
  SinopacWalk walk;
  walk.to_consent();
  const std::string proof = walk.browser.proof("/consent");
  const std::string other =
      std::regex_replace(walk.browser.address_of("/consent"), std::regex("abcd1234"), "evil");
  walk.browser.post(other, {{"form", proof}, {"answer", "allow"}});
  EXPECT_EQ(walk.browser.last.status, 403);
}

TEST(PagesAttack, APostFromAnotherSiteIsRefusedBeforeItIsRead) {
  SinopacWalk walk;
  walk.to_consent();
  const http::Pairs form{{"form", walk.browser.proof("/consent")}, {"answer", "allow"}};
  const std::string address = walk.browser.address_of("/consent");
  for (const char* site : {"cross-site", "same-site"}) {
    walk.browser.post(address, form, {{"Sec-Fetch-Site", site}});
    EXPECT_EQ(walk.browser.last.status, 403) << site;
  }
  walk.browser.post(address, form, {{"Sec-Fetch-Site", "same-origin"}});
  EXPECT_EQ(walk.browser.last.status, 302);
}

TEST(PagesAttack, AConsentFormIsGoodForOneCode) {
  SinopacWalk walk;
  walk.to_consent();
  const http::Pairs form{{"form", walk.browser.proof("/consent")}, {"answer", "allow"}};
  const std::string address = walk.browser.address_of("/consent");
  EXPECT_EQ(walk.browser.post(address, form).status, 302);
  EXPECT_EQ(walk.browser.post(address, form).status, 303);
  EXPECT_EQ(location(walk.browser.last).find("code="), std::string::npos);
  walk.browser.follow();
  EXPECT_TRUE(walk.browser.shows("請求授權許可")) << "a person who clicked twice is asked again";
}

TEST(PagesAttack, AConsentWithoutAnAnswerIsNone) {
  for (const char* answer : {"", "deny", "maybe"}) {
    SinopacWalk walk;
    walk.to_consent();
    walk.browser.submit("/consent", {{"answer", answer}});
    EXPECT_EQ(walk.browser.last.status, 403) << answer;
  }
}

// checklist 62
TEST(PagesAttack, ASessionThatWasPlantedBeforeTheLoginIsWorthNothingAfterIt) {
  SinopacWalk victim;
  victim.browser.cookies["latchkey-test-session"] = "planted";
  victim.to_consent();
  EXPECT_NE(victim.browser.cookies["latchkey-test-session"], "planted");
  EXPECT_FALSE(victim.realm.authority->session(Secret("planted"), kNoon));
}

TEST(PagesAttack, ALoginEndsTheSessionThatWasThere) {
  SinopacWalk walk;
  walk.to_consent();
  const std::string first = walk.browser.cookies["latchkey-test-session"];
  const std::string elsewhere = kSinopacLogin;
  Browser form(walk.realm);  // its form cookie and proof, with our session
  form.open(elsewhere);
  form.cookies["latchkey-test-session"] = first;
  form.submit("/login", kSinopacUser);
  EXPECT_EQ(form.last.status, 303);
  EXPECT_FALSE(walk.realm.authority->session(Secret(first), kNoon));
}

TEST(PagesAttack, ASessionOfAnotherRealmIsNone) {
  PagesRealm alor(dialects::alor::dialect());
  SinopacWalk walk;
  walk.to_consent();
  Browser browser(alor);
  browser.cookies = walk.browser.cookies;
  browser.open("/tokens/login/consent");
  EXPECT_EQ(browser.last.status, 303);
}

// checklist 16, 17, 31
TEST(PagesAttack, EveryAnswerIsHardened) {
  SinopacWalk walk;
  std::vector<http::Response> answers;
  const auto keep = [&] { answers.push_back(walk.browser.last); };
  walk.browser.open(kSinopacLogin), keep();
  walk.browser.submit("/login", {{"login", "x"}, {"password", "y"}}), keep();
  walk.browser.submit("/login", kSinopacUser), keep();
  walk.browser.follow(), keep();
  walk.browser.submit("/consent", {{"answer", "allow"}}), keep();
  walk.browser.open(kSinopacLogin), keep();
  walk.browser.post(kSinopacLogin, {}), keep();
  walk.browser.open("/oauth2/login?client_id=nobody"), keep();
  walk.browser.open("/oauth2/login/nowhere"), keep();
  for (const auto& response : answers) {
    EXPECT_EQ(header(response, "X-Frame-Options"), "DENY") << response.status;
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(response, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    const std::string csp = header(response, "Content-Security-Policy");
    EXPECT_TRUE(csp.starts_with("default-src 'none'")) << csp;
    EXPECT_NE(csp.find("frame-ancestors 'none'"), std::string::npos) << csp;
    EXPECT_EQ(csp.find("unsafe"), std::string::npos);
    EXPECT_EQ(csp.find("script-src"), std::string::npos);
    EXPECT_EQ(response.headers.count("Content-Security-Policy"), 1u);
    EXPECT_EQ(response.body.find("<script"), std::string::npos);
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "");
    EXPECT_NE(response.status, 307);  // checklist 9
  }
}

TEST(PagesAttack, NothingThatAStrangerSaysBecomesMarkup) {
  SinopacWalk walk;
  const std::string evil = "\"><b>'&";
  ASSERT_TRUE(walk.realm.admin.create_client(
      {.client = {.realm = Realm("test"),
                  .id = ClientId("evil"),
                  .name = "Evil <b>" + evil,
                  .redirect_uris = {"https://evil.example/cb?<b>\"'"}},
       .secret = Secret("s")}));
  ASSERT_TRUE(walk.realm.admin.create_user(
      {.realm = Realm("test"), .login = SubjectId(evil + "0123456789<b>")}, Secret("p")));
  const http::Target target{"/oauth2/login",
                            {{"response_type", "code"},
                             {"client_id", "evil"},
                             {"redirect_uri", "https://evil.example/cb?<b>\"'"},
                             {"state", evil}}};
  auto& browser = walk.browser;
  const auto clean = [&](const char* where) {
    EXPECT_FALSE(browser.shows("<b>")) << where;
    EXPECT_FALSE(browser.shows("\"'")) << where;
  };
  browser.open(http::write_target(target));
  clean("login form");
  browser.submit("/login", {{"login", evil}, {"password", evil}});
  clean("wrong login");
  browser.submit("/login",
                 {{"login", evil + "0123456789<b>"}, {"password", "p"}, {"remember", "yes"}});
  ASSERT_EQ(browser.last.status, 303);
  browser.follow();
  EXPECT_TRUE(browser.shows("Evil &lt;b&gt;&quot;&gt;&lt;b&gt;&#39;&amp;"));
  clean("consent");
  browser.open(http::write_target(target));
  clean("continue-as");
  browser.submit("/out");
  browser.follow();
  clean("remembered login");
  browser.open("/oauth2/login?client_id=%3Cb%3E&redirect_uri=%3Cb%3E");
  clean("refusal");
  browser.open("/oauth2/login/%3Cb%3E");
  clean("not found");
}

TEST(PagesAttack, AHugeOrForeignBodyIsNotRead) {
  SinopacWalk walk;
  walk.browser.open(kSinopacLogin);
  http::Pairs form = kSinopacUser;
  form.emplace_back("form", walk.browser.proof("/login"));
  form.emplace_back("more", std::string(kLongestForm, 'x'));
  EXPECT_EQ(walk.browser.post(kSinopacLogin, form).status, 403);
  http::Request json{.method = "POST",
                     .target = *http::parse_target(kSinopacLogin),
                     .headers = {{"Content-Type", "application/json"}},
                     .body = "{}"};
  EXPECT_EQ(walk.realm.answer(json).status, 403);
}

TEST(PagesAttack, AnAbsurdLoginIsNotHashed) {
  SinopacWalk walk;
  for (const auto& [login, password] : http::Pairs{{std::string(kLongestLogin + 1, 'a'), "p"},
                                                   {"a", std::string(kLongestPassword + 1, 'p')},
                                                   {"\xff", "p"},
                                                   {"", "p"},
                                                   {"a", ""}}) {
    walk.browser.open(kSinopacLogin);
    walk.browser.submit("/login", {{"login", login}, {"password", password}});
    EXPECT_EQ(walk.browser.last.status, 403);
    EXPECT_TRUE(is_utf8(walk.browser.last.body));
  }
}

}  // namespace
}  // namespace latchkey::server
