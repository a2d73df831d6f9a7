#include <gtest/gtest.h>

#include "http/message.h"

namespace latchkey::http {
namespace {

using namespace std::string_literals;

TEST(Form, IsRead) {
  const std::pair<std::string, Pairs> rows[] = {
      {"", {}},
      {"&", {}},
      {"a", {{"a", ""}}},
      {"a=", {{"a", ""}}},
      {"=b", {{"", "b"}}},
      {"=", {{"", ""}}},
      {"a=b", {{"a", "b"}}},
      {"a=b=c", {{"a", "b=c"}}},
      {"a=1&a=2", {{"a", "1"}, {"a", "2"}}},
      {"&a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
      {"a+b=c+d", {{"a b", "c d"}}},
      {"a=%2B%26%3D%25", {{"a", "+&=%"}}},
      {"a=%E7%99%bb", {{"a", "登"}}},
      {"a=登", {{"a", "登"}}},
      {"a=b;c=d", {{"a", "b;c=d"}}},
      {"a=1\r\n", {{"a", "1\r\n"}}},
      {"grant_type=authorization_code&redirect_uri=https://h/cb?x#y",
       {{"grant_type", "authorization_code"}, {"redirect_uri", "https://h/cb?x#y"}}},
  };
  for (const auto& [text, pairs] : rows) EXPECT_EQ(parse_form(text).value(), pairs) << text;
}

TEST(Form, IsRefusedWhenItsEncodingIsBad) {
  const std::string rows[] = {"a=%",      "a=%4",  "a=%4g", "a=%%34", "%=b",    "a=%u0041",
                              "a=%00",    "%00=b", "a=\0"s, "a=%ff",  "a=\xff", "a=%c3",
                              "a=%C0%80", "a=% 1", "a=%+1", "a=%-1",  "a=1&b=%"};
  for (const auto& row : rows) {
    const auto pairs = parse_form(row);
    ASSERT_FALSE(pairs.has_value()) << row;
    EXPECT_EQ(pairs.error().why, Why::kMalformed);
  }
}

TEST(Form, HasNoMoreParametersThanTheLimit) {
  std::string text;
  for (std::size_t i = 0; i < kMostParams; ++i) text += "&x=1";
  EXPECT_EQ(parse_form(text).value().size(), kMostParams);
  EXPECT_FALSE(parse_form(text + "&y").has_value());
}

TEST(Form, IsWrittenSoThatEveryDecoderReadsIt) {
  EXPECT_EQ(write_form({}), "");
  EXPECT_EQ(write_form({{"a", "b"}, {"c", ""}}), "a=b&c=");
  EXPECT_EQ(write_form({{"a b", "c+d&e=f%"}}), "a%20b=c%2Bd%26e%3Df%25");
  EXPECT_EQ(write_form({{"", "登"}}), "=%E7%99%BB");
}

TEST(Form, ComesBackAsItWasWritten) {
  const Pairs pairs = {{"a", "1"}, {"a", ""}, {"é ü", "+%&=;/?#\r\n\t\""}, {"", "x"}};
  EXPECT_EQ(parse_form(write_form(pairs)).value(), pairs);
}

// checklist 14
TEST(RefuseRepeats, FindsANameThatComesTwice) {
  EXPECT_TRUE(refuse_repeats({}).has_value());
  EXPECT_TRUE(refuse_repeats({{"a", "1"}, {"A", "1"}, {"b", "1"}}).has_value());
  EXPECT_EQ(refuse_repeats({{"code", "1"}, {"b", "2"}, {"code", "1"}}).error(),
            (Error{Why::kMalformed, "parameter code comes twice"}));
  EXPECT_FALSE(refuse_repeats({{"a", "1"}, {"a", ""}}).has_value());
}

TEST(RefuseRepeats, DoesNotEchoWhatMayBeASecret) {
  const std::string secret = "12be28e4-2e15-44b8-983e-e6c119a1bcac";
  const auto result = refuse_repeats({{secret, ""}, {secret, ""}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().say, "parameter … comes twice");
}

TEST(FindParam, TakesTheFirstAndAnEmptyOneForAbsent) {
  const Pairs pairs = {{"a", "1"}, {"a", "2"}, {"b", ""}};
  EXPECT_EQ(*find_param(pairs, "a"), "1");
  EXPECT_EQ(find_param(pairs, "b"), nullptr);
  EXPECT_EQ(find_param(pairs, "c"), nullptr);
}

TEST(PercentEncode, LeavesOnlyTheUnreserved) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode(" +/%\0\xff"s), "%20%2B%2F%25%00%FF");
}

}  // namespace
}  // namespace latchkey::http
