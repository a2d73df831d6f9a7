#include "server/testing.h"

namespace latchkey::server {
namespace {

using namespace std::chrono_literals;

std::string location(const http::Response& response) {
  const auto* found = response.headers.find("Location");
  return found ? *found : "";
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const auto from = text.find(before);
  if (from == std::string::npos) return "";
  const auto start = from + before.size();
  return text.substr(start, text.find(after, start) - start);
}

/// The code of the redirect that ends the walk; "" when it did not end so.
std::string walk_sinopac(Browser& browser) {
  browser.open(kSinopacLogin);
  browser.submit("/login", kSinopacUser);
  browser.follow();
  browser.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser.last.status, 302) << browser.last.body;
  return between(location(browser.last), "?code=", "&");
}

TEST(SinopacPages, LeadFromTheLoginToACodeThatIsGood) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  const std::string code = walk_sinopac(browser);
  EXPECT_TRUE(std::regex_match(
      location(browser.last),
      std::regex("http://127\\.0\\.0\\.1:8000/cb\\?code=[0-9a-f]{40}&state=abcd1234")))
      << location(browser.last);
  const engine::Exchange exchange{{ClientId("latchkey-demo"), Secret("demo-client-secret")},
                                  Secret(code),
                                  "http://127.0.0.1:8000/cb"};
  EXPECT_TRUE(realm.authority->perform(exchange, kNoon));
}

TEST(SinopacPages, ShowTheProvidersScreens) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  browser.open(kSinopacLogin);
  EXPECT_EQ(browser.last.status, 200);
  for (const char* words : {"<html lang=\"zh-Hant\">", "歡迎來到永豐金證券", "登入後享受更多服務",
                            "記住我的身分證字號", "checked", "忘記密碼?", "客戶資料保密措施"})
    EXPECT_TRUE(browser.shows(words)) << words;
  browser.submit("/login", kSinopacUser);
  EXPECT_EQ(browser.last.status, 303);
  browser.follow();
  for (const char* words :
       {"請求授權許可", "取得你的證券帳號", "為你委託證券下單", "為你查詢證券損益", "允許",
        "將重新導向至：", "<code>http://127.0.0.1:8000/cb</code>", "Latchkey demo"})
    EXPECT_TRUE(browser.shows(words)) << words;
  EXPECT_FALSE(browser.shows("deny")) << "the provider has no such button";
}

TEST(SinopacPages, WhereASessionLivesAskWhetherToContinue) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  walk_sinopac(browser);
  browser.open(kSinopacLogin);
  EXPECT_TRUE(browser.shows("繼續以此帳號登入："));
  EXPECT_TRUE(browser.shows("DEM****R01"));
  EXPECT_FALSE(browser.shows("DEMOUSER01"));
  browser.submit("/continue");
  browser.follow();
  browser.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser.last.status, 302);
}

TEST(SinopacPages, LetSomebodyElseLogIn) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  walk_sinopac(browser);
  const std::string session = browser.cookies["latchkey-test-session"];
  browser.open(kSinopacLogin);
  browser.submit("/out");
  browser.follow();
  EXPECT_TRUE(browser.shows("name=\"password\""));
  EXPECT_FALSE(browser.cookies.contains("latchkey-test-session"));
  EXPECT_FALSE(realm.authority->session(Secret(session), kNoon))
      << "checklist 62: ended on the server";
}

TEST(SinopacPages, ASessionThatIsOverIsAskedToLogInAgain) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  walk_sinopac(browser);
  browser.now = kNoon + 3600s;
  browser.open(kSinopacLogin);
  EXPECT_TRUE(browser.shows("name=\"password\""));
  browser.open("/oauth2/login/consent" + kSinopacLogin.substr(13));
  EXPECT_EQ(browser.last.status, 303);
}

TEST(SinopacPages, RememberAMaskedLoginThatMayBeSentAsItStands) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  browser.open(kSinopacLogin);
  auto fields = kSinopacUser;
  fields.emplace_back("remember", "yes");
  browser.submit("/login", fields);
  EXPECT_TRUE(browser.cookies.contains("latchkey-test-login"));
  EXPECT_EQ(browser.cookies["latchkey-test-login"].find("DEMO"), std::string::npos) << "sealed";

  browser.cookies.erase("latchkey-test-session");
  browser.open(kSinopacLogin);
  EXPECT_TRUE(browser.shows("value=\"DEM****R01\""));
  EXPECT_FALSE(browser.shows("DEMOUSER01"));
  browser.submit("/login", {{"login", "DEM****R01"}, {"password", "demo-password"}});
  EXPECT_EQ(browser.last.status, 303);
  EXPECT_FALSE(browser.cookies.contains("latchkey-test-login")) << "the box was not checked";
}

TEST(SinopacPages, AMaskedLoginOfNobodyIsAWrongLogin) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  browser.open(kSinopacLogin);
  browser.submit("/login", {{"login", "DEM****R01"}, {"password", "demo-password"}});
  EXPECT_EQ(browser.last.status, 403);
}

struct ErrorRow {
  const char* query;
  const char* redirect;
};

class SinopacPagesErrors : public ::testing::TestWithParam<ErrorRow> {};

TEST_P(SinopacPagesErrors, GoToAClientThatIsKnown) {
  PagesRealm realm(dialects::sinopac::dialect());
  Browser browser(realm);
  browser.open(std::string("/oauth2/login?client_id=latchkey-demo"
                           "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb") +
               GetParam().query);
  EXPECT_EQ(browser.last.status, 302);
  EXPECT_EQ(location(browser.last), std::string("http://127.0.0.1:8000/cb?") + GetParam().redirect);
}

INSTANTIATE_TEST_SUITE_P(
    , SinopacPagesErrors,
    ::testing::Values(
        ErrorRow{"&response_type=code",
                 "error=invalid_request&error_description=Missing%20parameter%3A%20%60state%60"},
        ErrorRow{
            "&response_type=token&state=abc",
            "error=unsupported_response_type&error_description=Unsupported%20response%20type%3A%20"
            "%60response_type%60%20is%20not%20supported&state=abc"},
        ErrorRow{"&response_type=code&grant_type=password&state=abc",
                 "error=invalid_request&error_description=Invalid%20parameter%3A%20%60grant_type%60"
                 "&state=abc"}));

TEST(AlorPages, LeadFromTheLinkToBothTokens) {
  PagesRealm realm(dialects::alor::dialect());
  Browser browser(realm);
  browser.open("/tokens");
  EXPECT_TRUE(browser.shows(
      "<a class=\"button\" href=\"/tokens/login\">Begin OAuth authorization flow</a>"));
  browser.open("/tokens/login");
  EXPECT_TRUE(browser.shows(">Войти</button>"));
  browser.submit("/login", kAlorUser);
  browser.follow();
  EXPECT_TRUE(browser.shows(">Разрешить</button>"));
  EXPECT_TRUE(browser.shows("Создание заявок"));
  browser.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser.last.status, 200);
  const std::string access = between(browser.last.body, "id=\"access-token\"", "</textarea>");
  const std::string refresh = between(browser.last.body, "id=\"refresh-token\"", "</textarea>");
  EXPECT_TRUE(browser.shows("30 мин"));
  const Secret uuid(refresh.substr(refresh.find('>') + 1));
  EXPECT_TRUE(is_uuid(uuid.reveal()));
  const engine::Use use{.bearer = Secret(access.substr(access.find('>') + 1)),
                        .resource = "summary"};
  EXPECT_TRUE(realm.authority->perform(use, kNoon));
  EXPECT_TRUE(realm.authority->perform(engine::Refresh{.refresh_token = uuid}, kNoon));
}

TEST(AlorPages, ANewRefreshTokenEndsTheOldOne) {
  PagesRealm realm(dialects::alor::dialect());
  const auto walk = [&] {
    Browser browser(realm);
    browser.open("/tokens/login");
    browser.submit("/login", kAlorUser);
    browser.follow();
    browser.submit("/consent", {{"answer", "allow"}});
    const std::string box = between(browser.last.body, "id=\"refresh-token\"", "</textarea>");
    return Secret(box.substr(box.find('>') + 1));
  };
  const Secret old = walk();
  const Secret fresh = walk();
  EXPECT_FALSE(realm.authority->perform(engine::Refresh{.refresh_token = old}, kNoon));
  EXPECT_TRUE(realm.authority->perform(engine::Refresh{.refresh_token = fresh}, kNoon));
}

TEST(AlorPages, ARefusalIssuesNothing) {
  PagesRealm realm(dialects::alor::dialect());
  Browser browser(realm);
  browser.open("/tokens/login");
  browser.submit("/login", kAlorUser);
  browser.follow();
  browser.submit("/consent", {{"answer", "deny"}});
  EXPECT_EQ(browser.last.status, 303);
  EXPECT_EQ(location(browser.last), "/tokens");
}

TEST(AlorPages, ASuspendedAccountIsToldSo) {
  PagesRealm realm(dialects::alor::dialect());
  ASSERT_TRUE(
      realm.admin.set_user_disabled(Realm("test"), SubjectId("P039004"), true, "flood", kNoon));
  Browser browser(realm);
  browser.open("/tokens/login");
  browser.submit("/login", kAlorUser);
  EXPECT_EQ(browser.last.status, 403);
  EXPECT_FALSE(browser.cookies.contains("latchkey-test-session"));
}

struct LanguageRow {
  const char* accept;
  const char* alor;
  const char* sinopac;
};

class PagesLanguage : public ::testing::TestWithParam<LanguageRow> {};

TEST_P(PagesLanguage, IsTheBrowsersOrTheProviders) {
  PagesRealm alor(dialects::alor::dialect()), sinopac(dialects::sinopac::dialect());
  Browser one(alor), two(sinopac);
  one.language = two.language = GetParam().accept;
  one.open("/tokens");
  two.open(kSinopacLogin);
  EXPECT_TRUE(one.shows(std::string("<html lang=\"") + GetParam().alor + "\">"));
  EXPECT_TRUE(two.shows(std::string("<html lang=\"") + GetParam().sinopac + "\">"));
  EXPECT_EQ(*two.last.headers.find("Content-Language"), GetParam().sinopac);
}

INSTANTIATE_TEST_SUITE_P(, PagesLanguage,
                         ::testing::Values(LanguageRow{"", "ru", "zh-Hant"},
                                           LanguageRow{"de", "ru", "zh-Hant"},
                                           LanguageRow{"zh-TW", "zh-Hant", "zh-Hant"},
                                           LanguageRow{"vi-VN,vi;q=0.9,en;q=0.8", "vi", "vi"},
                                           LanguageRow{"en-GB", "en", "en"},
                                           LanguageRow{"de,ru;q=0.5", "ru", "ru"}));

TEST(Pages, StandBehindTheRealmsPrefix) {
  PagesRealm realm(dialects::sinopac::dialect(), "/tw");
  Browser browser(realm, "/tw");
  browser.open("/tw" + kSinopacLogin);
  EXPECT_TRUE(browser.shows("action=\"/tw/oauth2/login?"));
  browser.submit("/login", kSinopacUser);
  EXPECT_TRUE(location(browser.last).starts_with("/tw/oauth2/login/consent?"));
  browser.follow();
  browser.submit("/consent", {{"answer", "allow"}});
  EXPECT_EQ(browser.last.status, 302);
}

TEST(Pages, OverTlsTheirCookiesAreBoundToTheHost) {
  PagesRealm realm(dialects::sinopac::dialect(), "", true);
  Browser browser(realm);
  walk_sinopac(browser);
  EXPECT_TRUE(browser.cookies.contains("__Host-latchkey-test-session"));
}

TEST(Pages, OwnTheirPathsAndNoOthers) {
  PagesRealm realm(dialects::alor::dialect());
  for (const char* path : {"/tokens", "/tokens/login", "/tokens/login/consent", "/tokens/x"})
    EXPECT_TRUE(realm.route->owns(path)) << path;
  for (const char* path : {"/", "/token", "/tokensx", "/refresh"})
    EXPECT_FALSE(realm.route->owns(path)) << path;
}

TEST(Pages, OnlyThePasswordIsSlow) {
  PagesRealm realm(dialects::alor::dialect());
  EXPECT_TRUE(realm.route->is_slow({.method = "POST", .target = {"/tokens/login", {}}}));
  EXPECT_FALSE(realm.route->is_slow({.method = "GET", .target = {"/tokens/login", {}}}));
  EXPECT_FALSE(realm.route->is_slow({.method = "POST", .target = {"/tokens/login/consent", {}}}));
}

TEST(Pages, SayWhatIsNotThere) {
  PagesRealm realm(dialects::alor::dialect());
  EXPECT_EQ(realm.answer({.method = "GET", .target = {"/tokens/x", {}}}).status, 404);
  const auto wrong = realm.answer({.method = "DELETE", .target = {"/tokens/login", {}}});
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(*wrong.headers.find("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(*realm.answer({.method = "POST", .target = {"/tokens", {}}}).headers.find("Allow"),
            "GET, HEAD");
  EXPECT_EQ(
      *realm.answer({.method = "GET", .target = {"/tokens/login/out", {}}}).headers.find("Allow"),
      "POST");
}

TEST(PageWords, AreThereInFourLanguagesForEveryDialect) {
  for (const auto* dialect : {&dialects::alor::dialect(), &dialects::sinopac::dialect()})
    for (const auto& words : dialect->pages()->words)
      EXPECT_EQ(common_words(words.language).language, words.language);
  EXPECT_EQ(duration_words(common_words("ru"), 1800s), "30 мин");
  EXPECT_EQ(duration_words(common_words("en"), 86400s), "1 d");
  EXPECT_EQ(duration_words(common_words("vi"), 3600s), "1 giờ");
  EXPECT_EQ(duration_words(common_words("zh-Hant"), 61s), "61 秒");
}

}  // namespace
}  // namespace latchkey::server
