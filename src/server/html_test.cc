#include "server/html.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/digest.h"

namespace latchkey::server::html {
namespace {

struct Row {
  std::string given;
  std::string escaped;
};

class HtmlEscape : public ::testing::TestWithParam<Row> {};

TEST_P(HtmlEscape, LeavesNothingThatABrowserWouldAct) {
  EXPECT_EQ(escape(GetParam().given), GetParam().escaped);
}

INSTANTIATE_TEST_SUITE_P(
    , HtmlEscape,
    ::testing::Values(Row{"", ""}, Row{"plain", "plain"},
                      Row{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
                      Row{"\" onfocus=\"x", "&quot; onfocus=&quot;x"},
                      Row{"' onfocus='x", "&#39; onfocus=&#39;x"}, Row{"a&amp;b", "a&amp;amp;b"},
                      Row{"永豐金 Разрешить Tiếng", "永豐金 Разрешить Tiếng"},
                      Row{std::string("a\0b", 3),
                          "a\xEF\xBF\xBD"
                          "b"},
                      Row{"a\x1b[31m", "a\xEF\xBF\xBD[31m"},
                      Row{"\xC0\xBC"
                          "b",
                          "\xEF\xBF\xBD\xEF\xBF\xBD"
                          "b"},  // an overlong "<"
                      Row{"\xE6\xB0", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                      Row{"two\nlines", "two\nlines"}));

TEST(Html, AttributesAndTextAreEscapedWhereTheyStand) {
  const Html piece = element("p", {{"title", "a\"<b>"}, {"hidden", ""}}, text("<b>"));
  EXPECT_EQ(piece.text(), "<p title=\"a&quot;&lt;b&gt;\" hidden>&lt;b&gt;</p>");
}

TEST(Html, AnAddressIsOfThisServer) {
  const Html link = element("a", {href({"/in/\"><b>", {{"a", "b&c"}, {"d", "e"}}})}, text("x"));
  EXPECT_EQ(link.text(), "<a href=\"/in/%22%3E%3Cb%3E?a=b%26c&amp;d=e\">x</a>");
  for (const char* path : {"//evil.example/", "javascript:alert(1)", "http://evil.example", ""})
    EXPECT_EQ(element("form", {action({path, {}})}, {}).text(), "<form action=\"/\"></form>")
        << path;
}

TEST(Html, TheStylesheetIsAllowedByItsHashAndTakesOnlyColours) {
  const StyleSheet sheet("p{color:var(--a)}", {{"--a", "#c8102e"}, {"--b", "red;}*{x"}});
  EXPECT_EQ(sheet.text(), ":root{--a:#c8102e;}p{color:var(--a)}");
  EXPECT_EQ(sheet.source(), "'sha256-" + to_base64(crypto::sha256(bytes_of(sheet.text()))) + "'");
  EXPECT_NE(document("en", "t", sheet, {}).text().find("<style>" + sheet.text() + "</style>"),
            std::string::npos);
}

TEST(HtmlMask, KeepsTheEndsOfALogin) {
  EXPECT_EQ(mask("AUTHUSER01"), "AUT****R01");
  EXPECT_EQ(mask("123456789"), "123****789");
  EXPECT_EQ(mask("12345678"), "1****8");
  EXPECT_EQ(mask("12345"), "1****5");
  EXPECT_EQ(mask("1234"), "****");
  EXPECT_EQ(mask(""), "****");
  EXPECT_EQ(mask("пользователь"), "пол****ель");
}

}  // namespace
}  // namespace latchkey::server::html
