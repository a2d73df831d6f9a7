#include <gtest/gtest.h>

#include "http/message.h"

namespace latchkey::http {
namespace {

using namespace std::string_literals;

constexpr const char* kUuid = "12be28e4-2e15-44b8-983e-e6c119a1bcac";

struct Row {
  std::string text;
  Target target;
};

class Readable : public ::testing::TestWithParam<Row> {};

TEST_P(Readable, TargetIsDecoded) {
  const auto target = parse_target(GetParam().text);
  ASSERT_TRUE(target.has_value()) << target.error().say;
  EXPECT_EQ(*target, GetParam().target);
  EXPECT_EQ(parse_target(write_target(*target)).value(), *target);
}

INSTANTIATE_TEST_SUITE_P(
    , Readable,
    ::testing::Values(
        Row{"/", {"/"}}, Row{"/refresh", {"/refresh"}}, Row{"/a/", {"/a/"}},
        Row{"/a//b", {"/a//b"}}, Row{"/?", {"/"}}, Row{"/a?x=1", {"/a", {{"x", "1"}}}},
        Row{"/refresh?token="s + kUuid, {"/refresh", {{"token", kUuid}}}},
        Row{"/a?x=1&y=2&x=3", {"/a", {{"x", "1"}, {"y", "2"}, {"x", "3"}}}},
        Row{"/a?x", {"/a", {{"x", ""}}}}, Row{"/a?x=", {"/a", {{"x", ""}}}},
        Row{"/a?=1", {"/a", {{"", "1"}}}}, Row{"/a?&&x=1&", {"/a", {{"x", "1"}}}},
        Row{"/a?x=1=2", {"/a", {{"x", "1=2"}}}}, Row{"/a?x=/?:@", {"/a", {{"x", "/?:@"}}}},
        Row{"/a?x=p+q", {"/a", {{"x", "p q"}}}}, Row{"/a?x=p%2Bq", {"/a", {{"x", "p+q"}}}},
        Row{"/a%20b", {"/a b"}}, Row{"/a+b", {"/a+b"}}, Row{"/a%25b", {"/a%b"}},
        Row{"/%2525", {"/%25"}}, Row{"/...", {"/..."}}, Row{"/.a/..b", {"/.a/..b"}},
        Row{"/~me;v=1,2/$&'()*+!:@", {"/~me;v=1,2/$&'()*+!:@"}}, Row{"/%E7%99%BB", {"/登"}},
        Row{"/a?x=%e7%99%bb", {"/a", {{"x", "登"}}}},
        Row{"/a?redirect_uri=https%3A%2F%2Fh%2Fcb%3Fa%3Db",
            {"/a", {{"redirect_uri", "https://h/cb?a=b"}}}},
        Row{"/a?x=..", {"/a", {{"x", ".."}}}}, Row{"/a?x=%0D%0A", {"/a", {{"x", "\r\n"}}}},
        Row{"/a?x=[|]{}^`\"<>\\", {"/a", {{"x", "[|]{}^`\"<>\\"}}}}));

class Unreadable : public ::testing::TestWithParam<std::string> {};

// checklist 65
TEST_P(Unreadable, TargetIsRefused) {
  const auto target = parse_target(GetParam());
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().why, Why::kMalformed);
  EXPECT_NE(target.error().say, "");
}

INSTANTIATE_TEST_SUITE_P(Form, Unreadable,
                         ::testing::Values("", "*", "a", "?x=1", "http://h/", "h:443", "//h/a",
                                           "\\a", " /a", "/a b", "/a ", "/a\\b", "/a#b", "/a?x#b",
                                           "/#", "/[a]", "/{a}", "/a|b", "/\"a\"", "/<a>", "/登",
                                           "/a?x=登", "/a?x=1 2"));

INSTANTIATE_TEST_SUITE_P(DotSegments, Unreadable,
                         ::testing::Values("/.", "/..", "/../a", "/a/../b", "/a/./b", "/a/..",
                                           "/%2e", "/%2E%2e/a", "/.%2e/a", "/a/%2e%2E"));

INSTANTIATE_TEST_SUITE_P(Encoding, Unreadable,
                         ::testing::Values("/%", "/%2", "/%zz", "/a%2", "/a%%20", "/a?x=%",
                                           "/a?x=%4", "/a?x=%g0", "/a?%=1", "/a?x=%u0041", "/a%2Fb",
                                           "/a%2fb", "/a%5Cb", "/%00", "/a?x=%00", "/a?%00=1",
                                           "/%0d%0a", "/%7f", "/%1b", "/%ff", "/a?x=%ff", "/%c0%af",
                                           "/a?x=%ed%a0%80"));

INSTANTIATE_TEST_SUITE_P(Controls, Unreadable,
                         ::testing::Values("/a\r\nX: y", "/a\n", "/a\t", "/a\0b"s, "/a\x7f",
                                           "/a?x=\x1f", "/a?x=\0"s, "/a?x=a\nb", "\n/a"));

TEST(Target, HasNoMoreParametersThanTheLimit) {
  std::string text = "/a?x=0";
  for (std::size_t i = 1; i < kMostParams; ++i) text += "&x=1";
  EXPECT_EQ(parse_target(text).value().query.size(), kMostParams);
  EXPECT_TRUE(parse_target(text + "&").has_value());
  EXPECT_FALSE(parse_target(text + "&x").has_value());
}

TEST(Target, TakesAnEmptyParameterForAbsent) {
  const Target target{"/a", {{"x", ""}, {"y", "1"}, {"y", "2"}, {"x", "3"}}};
  EXPECT_EQ(target.param("x"), nullptr);
  ASSERT_NE(target.param("y"), nullptr);
  EXPECT_EQ(*target.param("y"), "1");
  EXPECT_EQ(target.param("Y"), nullptr);
}

TEST(WriteTarget, EncodesAllButTheUnreserved) {
  EXPECT_EQ(write_target({"/"}), "/");
  EXPECT_EQ(write_target({"/a b/c:d%"}), "/a%20b/c%3Ad%25");
  EXPECT_EQ(write_target({"/a?b#c"}), "/a%3Fb%23c");
  EXPECT_EQ(write_target({"/a", {{"x y", "1&2=3+4/5"}, {"é", ""}}}),
            "/a?x%20y=1%262%3D3%2B4%2F5&%C3%A9=");
  EXPECT_EQ(write_target({""}), "/");
}

// checklist 30, 68
TEST(LoggableTarget, ShowsNoValue) {
  EXPECT_EQ(loggable_target({"/refresh", {{"token", kUuid}}}), "/refresh?token=…");
  EXPECT_EQ(loggable_target({"/a", {{"x", ""}, {"y-1.2_3", "v"}}}), "/a?x=…&y-1.2_3=…");
  EXPECT_EQ(loggable_target({"/a"}), "/a");
}

// checklist 68
TEST(LoggableTarget, ShowsNoNameThatMayBeAToken) {
  const std::string names[] = {
      kUuid, "123456", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "", "a b", "a\nb", "пароль"};
  for (const auto& name : names) EXPECT_EQ(loggable_target({"/a", {{name, ""}}}), "/a?…=…") << name;
}

// checklist 69
TEST(LoggableTarget, IsPrintable) {
  EXPECT_EQ(loggable_target({"/a\r\nb\x1b[2J"}), "/a??b?[2J");
  EXPECT_LE(loggable_target({"/" + std::string(5000, 'a')}).size(), 200u);
}

}  // namespace
}  // namespace latchkey::http
