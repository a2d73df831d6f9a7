#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace latchkey::json {
namespace {

using namespace std::string_literals;

std::string reread(std::string_view text) {
  const auto value = parse(text);
  return value ? write(*value) : "(refused)";
}

struct Row {
  std::string text;
  std::string compact;
};

class Good : public ::testing::TestWithParam<Row> {};

TEST_P(Good, IsReadAndWrittenCompactly) {
  EXPECT_EQ(reread(GetParam().text), GetParam().compact) << GetParam().text;
  EXPECT_EQ(reread(GetParam().compact), GetParam().compact);
}

INSTANTIATE_TEST_SUITE_P(
    Structure, Good,
    ::testing::Values(Row{"null", "null"}, Row{"true", "true"}, Row{"false", "false"},
                      Row{"[]", "[]"}, Row{"{}", "{}"}, Row{" [ ] ", "[]"}, Row{"{ }", "{}"},
                      Row{"[1,2,3]", "[1,2,3]"}, Row{"[1 , 2]", "[1,2]"},
                      Row{"[[],[[]]]", "[[],[[]]]"}, Row{"\t\r\n 1 \n", "1"},
                      Row{R"({"b":1,"a":2})", R"({"b":1,"a":2})"},
                      Row{R"({"a":{"a":{"a":[]}}})", R"({"a":{"a":{"a":[]}}})"},
                      Row{R"({"a":1,"A":2})", R"({"a":1,"A":2})"}, Row{R"({"":0})", R"({"":0})"},
                      Row{R"([{"a":1},{"a":1}])", R"([{"a":1},{"a":1}])"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, Good,
    ::testing::Values(Row{R"("")", R"("")"}, Row{R"("a b")", R"("a b")"},
                      Row{R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\b\f\n\r\t")"},
                      Row{R"("\u0000")", R"("\u0000")"}, Row{R"("\u001F")", R"("\u001f")"},
                      Row{R"("\u0041")", R"("A")"}, Row{R"("\u00e9")", "\"é\""},
                      Row{R"("\uD83D\uDD11")", "\"🔑\""}, Row{"\"🔑\"", "\"🔑\""},
                      Row{"\"\x7f\"", "\"\x7f\""}, Row{"\"\xe2\x80\xa8\"", "\"\xe2\x80\xa8\""},
                      Row{"\"\xef\xbf\xbf\"", "\"\xef\xbf\xbf\""}, Row{R"("a\/b")", R"("a/b")"},
                      Row{R"({"\u0061":1})", R"({"a":1})"},
                      Row{"\"before \\\" after\"", "\"before \\\" after\""}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Good,
    ::testing::Values(Row{"0", "0"}, Row{"-1", "-1"}, Row{"17", "17"}, Row{"-0", "0"},
                      Row{"9223372036854775807", "9223372036854775807"},
                      Row{"-9223372036854775808", "-9223372036854775808"},
                      Row{"9007199254740993", "9007199254740993"},
                      Row{"9223372036854775808", "9223372036854775808.0"},
                      Row{"-9223372036854775809", "-9223372036854775808.0"},
                      Row{"18446744073709551616", "18446744073709551616.0"}, Row{"1.0", "1.0"},
                      Row{"-0.0", "-0.0"}, Row{"0.1", "0.1"}, Row{"1e2", "100.0"},
                      Row{"1E+2", "100.0"}, Row{"1e-2", "0.01"}, Row{"1.5e300", "1.5e+300"},
                      Row{"1.7976931348623157e308", "1.7976931348623157e+308"},
                      Row{"2.2250738585072014e-308", "2.2250738585072014e-308"},
                      Row{"5e-324", "5e-324"}, Row{"1e-400", "0.0"}, Row{"-1e-400", "-0.0"},
                      Row{"0.30000000000000004", "0.30000000000000004"},
                      Row{"123456789.12345678", "123456789.12345678"}));

class Bad : public ::testing::TestWithParam<std::string> {};

TEST_P(Bad, IsRefusedWithAReasonThatMayBeShown) {
  const auto value = parse(GetParam());
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().why, Why::kMalformed);
  EXPECT_NE(value.error().say, "");
}

INSTANTIATE_TEST_SUITE_P(Structure, Bad,
                         ::testing::Values("", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]",
                                           "[,]", "[1,,2]", "[1 2]", "[1}", "{\"a\":1", "{\"a\"}",
                                           "{\"a\":}", "{\"a\":1,}", "{,}", "{:1}", "{\"a\" 1}",
                                           "{\"a\",1}", "{1:1}", "{a:1}", "{'a':1}", "{null:1}",
                                           "[\"a\":1]", "{\"a\":1]", "{\"a\":1,,\"b\":2}", "1 2",
                                           "[] []", "{}}", "[]]", "[]x", "null null", "// c\n1",
                                           "1 // c", "/* c */1", "[1,/**/2]", "\xEF\xBB\xBF[]",
                                           "\f1", "\v1",
                                           "\xC2\xA0"
                                           "1",
                                           "[\0]"s, "1\0"s, "undefined", "True", "NULL", "nul",
                                           "tru", "truex", "<html>"));

INSTANTIATE_TEST_SUITE_P(
    Strings, Bad,
    ::testing::Values("\"", "\"a", "'a'", "a", "\"\\\"", "\"\\x41\"", "\"\\a\"", "\"\\u\"",
                      "\"\\u12\"", "\"\\u12g4\"", "\"\\U0041\"", "\"\\\n\"", "\"a\nb\"", "\"a\tb\"",
                      "\"a\x1f"
                      "b\"",
                      "\"a\0b\""s, "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
                      "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\x80\"", "\"\xff\"", "\"\xc0\xaf\"",
                      "\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
                      "\"\xe2\x82\"", "\"\xc3\"", "{\"\xff\":1}", "\"a\"b", "\"a\"\"b\""));

INSTANTIATE_TEST_SUITE_P(Numbers, Bad,
                         ::testing::Values("-", "+1", "01", "-01", "00", "1.", ".1", "-.1", "1.e1",
                                           "1e", "1e+", "1E-", "1e1.5", "0x10", "1_000", "1,000",
                                           "0e", "--1", "1-", "1a", "NaN", "nan", "-NaN",
                                           "Infinity", "-Infinity", "inf", "1e309", "-1e309",
                                           "1e999999999999", "1.7976931348623159e308", "[1e400]",
                                           "٣", "1e1e1", "1 .5"));

// checklist 50
INSTANTIATE_TEST_SUITE_P(Duplicates, Bad,
                         ::testing::Values(R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})",
                                           R"({"a":1,"\u0061":2})", R"({"":1,"":2})",
                                           R"([{"x":{"a":1,"a":2}}])",
                                           R"({"alg":"ES256","typ":"JWT","alg":"none"})"));

TEST(Limits, StopAtTheDepth) {
  const Limits limits{.depth = 3};
  EXPECT_TRUE(parse("[[[1]]]", limits).has_value());
  EXPECT_TRUE(parse(R"({"a":[{"b":1}]})", limits).has_value());
  EXPECT_FALSE(parse("[[[[1]]]]", limits).has_value());
  EXPECT_FALSE(parse(R"([{"a":[{}]}])", limits).has_value());
  EXPECT_TRUE(parse("[[],[],[],[]]", limits).has_value());
  EXPECT_EQ(parse("[[[[", limits).error().say, "not acceptable JSON: deeper than 3 levels");
}

TEST(Limits, StopAtSixteenLevelsUnlessToldOtherwise) {
  EXPECT_TRUE(parse(std::string(16, '[') + std::string(16, ']')).has_value());
  EXPECT_FALSE(parse(std::string(17, '[') + std::string(17, ']')).has_value());
  EXPECT_FALSE(parse(std::string(60000, '[')).has_value());
}

TEST(Limits, StopAtTheSize) {
  EXPECT_TRUE(parse("[1234]", {.bytes = 6}).has_value());
  EXPECT_FALSE(parse("[1234]", {.bytes = 5}).has_value());
  EXPECT_FALSE(parse("[] ", {.bytes = 2}).has_value());
  const std::string most = '"' + std::string(64 * 1024 - 2, 'x') + '"';
  EXPECT_TRUE(parse(most).has_value());
  EXPECT_FALSE(parse(most + " ").has_value());
}

TEST(Parse, TellsIntegersFromOtherNumbers) {
  EXPECT_EQ(*parse("17")->as_int(), 17);
  EXPECT_EQ(*parse("-0")->as_int(), 0);
  EXPECT_EQ(*parse("9223372036854775807")->as_int(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse("9223372036854775808")->as_int(), nullptr);
  EXPECT_EQ(*parse("9223372036854775808")->as_double(), 9223372036854775808.0);
  EXPECT_EQ(*parse("17.0")->as_double(), 17.0);
  EXPECT_TRUE(std::signbit(*parse("-1e-400")->as_double()));
}

TEST(Parse, SaysWhereItStopped) {
  EXPECT_NE(parse("[1,x]").error().say.find("at byte 3"), std::string::npos)
      << parse("[1,x]").error().say;
  EXPECT_EQ(parse("[] x").error().say, "not acceptable JSON: more text at byte 3");
  EXPECT_EQ(parse(R"({"a":1,"a":1})").error().say,
            "not acceptable JSON: a member name comes twice");
}

TEST(Parse, JoinsStringsThatEscapesCutApart) {
  EXPECT_EQ(*parse(R"("a\nb\u00e9c")")->as_string(), "a\nbéc");
  EXPECT_EQ(parse(R"({"k\ne\ty":1})")->as_object()->begin()->name, "k\ne\ty");
  const std::string longer(5000, 'x');
  EXPECT_EQ(*parse('"' + longer + "\\n" + longer + '"')->as_string(), longer + "\n" + longer);
}

TEST(Write, GivesJsonWhateverTheStringHolds) {
  EXPECT_EQ(write("a\xff"
                  "b\xe2\x82"),
            "\"a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(write(std::string("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
}

TEST(Write, EscapesWhereverInTheStringItIsDue) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    text[at] = '"';
    std::string written = text;
    written.insert(at, "\\");
    EXPECT_EQ(write(Value(text)), '"' + written + '"') << at;
    text[at] = '\xff';
    written = text;
    written.replace(at, 1, "\xEF\xBF\xBD");
    EXPECT_EQ(write(Value(text)), '"' + written + '"') << at;
  }
}

TEST(Write, HasNoInfinity) {
  EXPECT_EQ(write(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(write(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(WritePretty, IndentsByTwoSpaces) {
  const Value value = Object{{"a", 1},
                             {"b", Array{true, nullptr}},
                             {"c", Object{}},
                             {"d", Array{}},
                             {"e", Object{{"f", "g"}}}};
  EXPECT_EQ(write_pretty(value), R"({
  "a": 1,
  "b": [
    true,
    null
  ],
  "c": {},
  "d": [],
  "e": {
    "f": "g"
  }
})");
  EXPECT_EQ(parse(write_pretty(value)).value(), value);
}

TEST(Object, KeepsTheOrderOfItsMembers) {
  Object object;
  object.add("z", 1).add("a", "two").add("m", nullptr);
  EXPECT_EQ(write(object), R"({"z":1,"a":"two","m":null})");
  EXPECT_EQ(object.size(), 3u);
  EXPECT_TRUE(Object{}.empty());
}

TEST(Object, FindsByNameInOneCaseOrInAny) {
  const Object object{{"Token", 1}, {"token", 2}};
  EXPECT_EQ(*object.find("token")->as_int(), 2);
  EXPECT_EQ(object.find("TOKEN"), nullptr);
  EXPECT_EQ(*object.find_ignoring_case("TOKEN")->as_int(), 1);
  EXPECT_EQ(object.find_ignoring_case("tok"), nullptr);
}

TEST(Object, IsEqualOnlyInTheSameOrder) {
  EXPECT_EQ((Object{{"a", 1}, {"b", 2}}), (Object{{"a", 1}, {"b", 2}}));
  EXPECT_NE((Object{{"a", 1}, {"b", 2}}), (Object{{"b", 2}, {"a", 1}}));
  EXPECT_NE((Object{{"a", 1}}), (Object{{"a", 1.0}}));
}

class Fields : public ::testing::Test {
 protected:
  const Object object_{{"s", "text"}, {"n", 7}, {"d", 1.5}, {"null", nullptr}, {"empty", ""}};
};

TEST_F(Fields, GiveStrings) {
  EXPECT_EQ(string_field(object_, "s").value(), "text");
  EXPECT_EQ(string_field(object_, "empty").value(), "");
  EXPECT_EQ(string_field(object_, "x").error(), (Error{Why::kMalformed, "field \"x\" is missing"}));
  EXPECT_EQ(string_field(object_, "n").error(),
            (Error{Why::kMalformed, "field \"n\" is not a string"}));
  EXPECT_EQ(string_field(object_, "null").error().why, Why::kMalformed);
  EXPECT_EQ(string_field(object_, "S").error().why, Why::kMalformed);
}

TEST_F(Fields, GiveIntegers) {
  EXPECT_EQ(int_field(object_, "n").value(), 7);
  EXPECT_EQ(int_field(object_, "x").error().say, "field \"x\" is missing");
  EXPECT_EQ(int_field(object_, "d").error().say, "field \"d\" is not an integer");
  EXPECT_EQ(int_field(object_, "s").error().why, Why::kMalformed);
}

TEST_F(Fields, MayBeAbsentButNotOfAnotherType) {
  EXPECT_EQ(optional_string_field(object_, "s").value(), "text");
  EXPECT_EQ(optional_string_field(object_, "x").value(), std::nullopt);
  EXPECT_EQ(optional_string_field(object_, "null").value(), std::nullopt);
  EXPECT_EQ(optional_string_field(object_, "n").error().say, "field \"n\" is not a string");
}

}  // namespace
}  // namespace latchkey::json
