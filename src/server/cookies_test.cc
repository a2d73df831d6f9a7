#include "server/cookies.h"

#include <gtest/gtest.h>

namespace latchkey::server {
namespace {

const Cookies kPlain("alor-test", false);
const Cookies kSecure("alor-test", true);

// checklist 62
TEST(Cookies, OverTlsNoOtherHostCanPlantThem) {
  http::Response response;
  kSecure.set(response, "session", "abc");
  EXPECT_EQ(*response.headers.find("Set-Cookie"),
            "__Host-latchkey-alor_test-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
}

TEST(Cookies, OnLoopbackTheyWorkWithoutTls) {
  http::Response response;
  kPlain.set(response, "login", "abc", std::chrono::seconds{60});
  EXPECT_EQ(*response.headers.find("Set-Cookie"),
            "latchkey-alor_test-login=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
  http::Response gone;
  kPlain.drop(gone, "login");
  EXPECT_EQ(*gone.headers.find("Set-Cookie"),
            "latchkey-alor_test-login=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

struct Row {
  std::string header;
  std::optional<std::string> found;
};

class CookieHeaders : public ::testing::TestWithParam<Row> {};

TEST_P(CookieHeaders, GiveTheOneThatIsMeant) {
  const http::Request request{.headers = {{"Cookie", GetParam().header}}};
  EXPECT_EQ(kPlain.find(request, "session"), GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(
    , CookieHeaders,
    ::testing::Values(
        Row{"latchkey-alor_test-session=a", "a"},
        Row{"x=1; latchkey-alor_test-session=a ; y=2", "a"},
        Row{"latchkey-alor_test-session=a=b", "a=b"},
        Row{"latchkey-alor_test-session=", std::nullopt},
        Row{"LATCHKEY-alor_test-session=a", std::nullopt},
        Row{"xlatchkey-alor_test-session=a", std::nullopt},
        Row{"latchkey-alor_test-session=a; latchkey-alor_test-session=b", std::nullopt},
        Row{"latchkey-alor_test-session=" + std::string(kLongestCookie, 'a'),
            std::string(kLongestCookie, 'a')},
        Row{"latchkey-alor_test-session=" + std::string(kLongestCookie + 1, 'a'), std::nullopt},
        Row{";;;=;", std::nullopt}));

TEST(Cookies, TwoHeadersAreOneList) {
  const http::Request request{.headers = {{"Cookie", "latchkey-alor_test-session=a"},
                                          {"cookie", "latchkey-alor_test-session=b"}}};
  EXPECT_EQ(kPlain.find(request, "session"), std::nullopt);
}

}  // namespace
}  // namespace latchkey::server
