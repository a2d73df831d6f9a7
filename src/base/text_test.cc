#include "base/text.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

using namespace std::string_literals;

std::string decoded(const std::optional<Bytes>& bytes) {
  return bytes ? std::string(text_of(*bytes)) : "(refused)";
}

TEST(Hex, IsWrittenInLowerCase) {
  EXPECT_EQ(to_hex(bytes_of("\x00\x7f\xff\xab"s)), "007fffab");
  EXPECT_EQ(to_hex({}), "");
}

TEST(Hex, IsReadInEitherCase) {
  EXPECT_EQ(decoded(parse_hex("007fFFaB")), "\x00\x7f\xff\xab"s);
  EXPECT_EQ(decoded(parse_hex("")), "");
}

TEST(Hex, RefusesEverythingElse) {
  const std::string rows[] = {"0",    "abc",   "0g", "0x00",  " 00",   "00 ", "0 0 ",
                              "00\n", "00:11", "-1", "00\0"s, "\0\0"s, "٠٠"};
  for (const auto& row : rows) EXPECT_FALSE(parse_hex(row).has_value()) << row;
}

TEST(Base64url, FollowsRfc4648) {
  const std::pair<std::string, std::string> rows[] = {{"", ""},
                                                      {"f", "Zg"},
                                                      {"fo", "Zm8"},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg"},
                                                      {"fooba", "Zm9vYmE"},
                                                      {"\xfb\xff\xbf", "-_-_"},
                                                      {"\x00"s, "AA"}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(to_base64url(bytes_of(bytes)), text);
    EXPECT_EQ(decoded(parse_base64url(text)), bytes) << text;
  }
}

// checklist 50
TEST(Base64url, RefusesEverySecondSpelling) {
  const std::string rows[] = {"Zg==", "Zm8=",   "Z",      "Zm9vY", "Zh",      "Zm9", "+/+/", " Zg",
                              "Zg ",  "Zm9v\n", "Zm\n9v", "Zm9v.", "Zm9v\0"s, "=",   "Zm9vé"};
  for (const auto& row : rows) EXPECT_FALSE(parse_base64url(row).has_value()) << row;
}

TEST(Base64, IsPaddedBothWays) {
  const std::pair<std::string, std::string> rows[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xfb\xff\xbf", "+/+/"}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(to_base64(bytes_of(bytes)), text);
    EXPECT_EQ(decoded(parse_base64(text)), bytes) << text;
  }
}

TEST(Base64, HasTheDigitsOfRfc4648InTheirOrder) {
  std::string counted;  // the six bits of 0, of 1, and so on to those of 63
  for (unsigned i = 0; i < 64; i += 4) {
    const unsigned bits = i << 18 | (i + 1) << 12 | (i + 2) << 6 | (i + 3);
    for (const int shift : {16, 8, 0}) counted += static_cast<char>(bits >> shift & 0xff);
  }
  const std::string most = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  EXPECT_EQ(to_base64(bytes_of(counted)), most + "+/");
  EXPECT_EQ(to_base64url(bytes_of(counted)), most + "-_");
}

TEST(Base64, IsReadBackAtEveryLength) {
  std::string bytes;
  for (int size = 0; size < 200; ++size, bytes += static_cast<char>(size * 37)) {
    EXPECT_EQ(decoded(parse_base64(to_base64(bytes_of(bytes)))), bytes) << size;
    EXPECT_EQ(decoded(parse_base64url(to_base64url(bytes_of(bytes)))), bytes) << size;
  }
}

TEST(Base64, HasNoDigitBeyondAscii) {
  for (int byte = 0x80; byte <= 0xff; ++byte) {
    const std::string odd(1, static_cast<char>(byte));
    EXPECT_EQ(parse_base64url("AA" + odd), std::nullopt) << byte;
    EXPECT_EQ(parse_base64(odd + "AAA"), std::nullopt) << byte;
  }
}

TEST(Base64, RefusesEverySecondSpelling) {
  const std::string rows[] = {"Zg",    "Zg=", "Zg===", "Zh==",     "Zm9=", "-_-_",
                              "Zm9v ", "=",   "====",  "Zm9v====", "Z===", "Zg==Zg=="};
  for (const auto& row : rows) EXPECT_FALSE(parse_base64(row).has_value()) << row;
}

TEST(Uuid, IsKnownByItsShape) {
  EXPECT_TRUE(is_uuid("12be28e4-2e15-44b8-983e-e6c119a1bcac"));
  EXPECT_TRUE(is_uuid("12BE28E4-2E15-44B8-983E-E6C119A1BCAC"));
  EXPECT_TRUE(is_uuid("00000000-0000-0000-0000-000000000000"));
  const char* rows[] = {"",
                        "12be28e4-2e15-44b8-983e-e6c119a1bca",
                        "12be28e4-2e15-44b8-983e-e6c119a1bcac0",
                        "12be28e4-2e15-44b8-983e-e6c119a1bcag",
                        "12be28e42e1544b8983ee6c119a1bcac",
                        "{2be28e4-2e15-44b8-983e-e6c119a1bca}",
                        "12be28e4-2e15-44b8-983ee-6c119a1bcac",
                        "12be28e4-2e15-44b8-983e-e6c119a1bca "};
  for (const char* row : rows) EXPECT_FALSE(is_uuid(row)) << row;
}

TEST(Utf8, KnowsTheValidSequences) {
  struct Row {
    std::string text;
    std::size_t size;
  };
  const Row rows[] = {{"", 0},
                      {"a", 1},
                      {"\0"s, 1},
                      {"\x7f", 1},
                      {"\xc2\x80", 2},
                      {"\xdf\xbf", 2},
                      {"\xe0\xa0\x80", 3},
                      {"\xed\x9f\xbf", 3},
                      {"\xee\x80\x80", 3},
                      {"\xf0\x90\x80\x80", 4},
                      {"\xf4\x8f\xbf\xbf", 4},
                      {"\x80", 0},              // a continuation with nothing before it
                      {"\xc1\xbf", 0},          // overlong
                      {"\xe0\x9f\xbf", 0},      // overlong
                      {"\xf0\x8f\xbf\xbf", 0},  // overlong
                      {"\xed\xa0\x80", 0},      // a surrogate
                      {"\xf4\x90\x80\x80", 0},  // beyond U+10FFFF
                      {"\xf5\x80\x80\x80", 0},
                      {"\xff", 0},
                      {"\xe2\x82", 0},  // cut short
                      {"\xe2\x28\xa1", 0}};
  for (const Row& row : rows)
    EXPECT_EQ(utf8_sequence(row.text), row.size) << to_hex(bytes_of(row.text));
}

TEST(Utf8, IsJudgedToTheLastByte) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("Đăng nhập · вход · 登入 · 🔑"));
  EXPECT_FALSE(is_utf8("abc\xff"));
  EXPECT_FALSE(is_utf8("abc\xe2\x82"));
}

TEST(Case, IsAsciiOnly) {
  EXPECT_EQ(to_lower("ABCxyz019[`É"), "abcxyz019[`É");
  EXPECT_TRUE(equals_ignoring_case("Bearer", "bEARER"));
  EXPECT_FALSE(equals_ignoring_case("Bearer", "Bearers"));
  EXPECT_FALSE(equals_ignoring_case("É", "é"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(Trim, TakesWhiteSpaceFromBothEnds) {
  EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Split, KeepsEmptyParts) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(split("a.b.c", '.'), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split("", '.'), Parts{""});
  EXPECT_EQ(split(".", '.'), (Parts{"", ""}));
  EXPECT_EQ(split("a..", '.'), (Parts{"a", "", ""}));
}

TEST(ParseInt, TakesAWholeDecimalInteger) {
  EXPECT_EQ(parse_int("0"), 0);
  EXPECT_EQ(parse_int("-17"), -17);
  EXPECT_EQ(parse_int("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_int("-9223372036854775808"), INT64_MIN);
}

TEST(ParseInt, RefusesEverythingElse) {
  const std::string rows[] = {"",
                              "-",
                              "+1",
                              " 1",
                              "1 ",
                              "1.0",
                              "1e3",
                              "0x10",
                              "1,000",
                              "--1",
                              "1\0"s,
                              "9223372036854775808",
                              "-9223372036854775809"};
  for (const auto& row : rows) EXPECT_EQ(parse_int(row), std::nullopt) << row;
}

// checklist 69
TEST(Printable, ShowsNothingThatSteersATerminal) {
  struct Row {
    std::string text;
    const char* shown;
  };
  const Row rows[] = {
      {"plain", "plain"},          {"вход 登入", "вход 登入"},    {"a\r\nb", "a??b"},
      {"\x1b[31mred", "?[31mred"}, {"nul\0nul"s, "nul?nul"},      {"del\x7f", "del?"},
      {"csi\xc2\x9b", "csi?"},     {"turn\xe2\x80\xae", "turn?"}, {"line\xe2\x80\xa8", "line?"},
      {"bad\xff\xfe", "bad??"},    {"cut\xe2\x82", "cut??"}};
  for (const Row& row : rows) EXPECT_EQ(printable(row.text), row.shown);
}

TEST(Printable, EndsAtTheLimitWithoutHalfACharacter) {
  EXPECT_EQ(printable("abcd", 4), "abcd");
  EXPECT_EQ(printable("abcde", 4), "abcd");
  EXPECT_EQ(printable("abc登", 5), "abc");
  EXPECT_EQ(printable("abc登", 6), "abc登");
  EXPECT_EQ(printable(std::string(300, 'x')).size(), 200u);
  EXPECT_EQ(printable("x", 0), "");
}

}  // namespace
}  // namespace latchkey
