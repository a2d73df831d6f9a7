#include "dialects/oauth2/uri.h"

#include <gtest/gtest.h>

namespace latchkey::dialects::oauth2 {
namespace {

TEST(NormalUri, MakesOneTextOfTwoSpellings) {  // checklist 39
  struct Row {
    std::string_view written, normal;
  };
  const Row rows[] = {{"https://as.example/token", "https://as.example/token"},
                      {"HTTPS://AS.Example:443/token", "https://as.example/token"},
                      {"http://127.0.0.1:80/token", "http://127.0.0.1/token"},
                      {"http://127.0.0.1:8080/token", "http://127.0.0.1:8080/token"},
                      {"https://as.example:/token", "https://as.example/token"},
                      {"https://as.example:80/token", "https://as.example:80/token"},
                      {"http://[::1]:81/", "http://[::1]:81/"},
                      {"http://[::AB]/", "http://[::ab]/"},
                      {"https://as.example", "https://as.example/"},
                      {"https://as.example?a=b", "https://as.example/"},
                      {"https://as.example/token?a=b#c", "https://as.example/token"},
                      {"https://as.example/token#a?b", "https://as.example/token"},
                      {"https://as.example/a/./b/../token", "https://as.example/a/token"},
                      {"https://as.example/../token", "https://as.example/token"},
                      {"https://as.example/a/b/..", "https://as.example/a/"},
                      {"https://as.example/a/.", "https://as.example/a/"},
                      {"https://as.example/%74oken", "https://as.example/token"},
                      {"https://as.example/%2e%2e/token", "https://as.example/token"},
                      {"https://as.example/a%2fb%c3%a9", "https://as.example/a%2Fb%C3%A9"},
                      {"https://as.example//token", "https://as.example//token"},
                      {"https://as.example/Token/", "https://as.example/Token/"}};
  for (const Row& row : rows) {
    EXPECT_EQ(normal_uri(row.written), row.normal) << row.written;
    EXPECT_EQ(normal_uri(row.normal), row.normal) << row.normal;
  }
}

TEST(NormalUri, IsNoneForWhatIsNoTarget) {
  for (const std::string& bad : {std::string(),
                                 std::string("/token"),
                                 std::string("https:/token"),
                                 std::string("https://"),
                                 std::string("https:///token"),
                                 std::string("ftp://as.example/"),
                                 std::string("https://user@as.example/"),
                                 std::string("https://as.example:x/"),
                                 std::string("https://as.example:65536/"),
                                 std::string("https://as.example:-1/"),
                                 std::string("https://as example/"),
                                 std::string("https://as.example/a b"),
                                 std::string("https://as.example/%zz"),
                                 std::string("https://as.example/%2"),
                                 std::string("https://as.example/%"),
                                 std::string("https://[::1/"),
                                 std::string("https://[]/"),
                                 std::string("https://[::1]x/"),
                                 std::string("https://as.example/\r\n"),
                                 std::string("https://as.example/\xc3\xa9"),
                                 "https://as.example/" + std::string(kMostUriBytes, 'a')}) {
    EXPECT_EQ(normal_uri(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
