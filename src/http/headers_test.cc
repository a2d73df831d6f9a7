#include <gtest/gtest.h>

#include "http/message.h"

namespace latchkey::http {
namespace {

using namespace std::string_literals;

TEST(Headers, AreFoundWhateverTheCase) {
  const Headers headers{{"Content-Type", "a"}, {"X-Authorization-Key", "b"}};
  ASSERT_NE(headers.find("content-TYPE"), nullptr);
  EXPECT_EQ(*headers.find("content-TYPE"), "a");
  EXPECT_EQ(headers.find("Content"), nullptr);
  EXPECT_EQ(headers.find("Content-Types"), nullptr);
}

TEST(Headers, KeepRepeatsAndTheirOrder) {
  Headers headers;
  headers.add("Set-Cookie", "a").add("Vary", "x").add("set-cookie", "b");
  EXPECT_EQ(headers.count("SET-COOKIE"), 2u);
  EXPECT_EQ(*headers.find("Set-Cookie"), "a");
  EXPECT_EQ(headers, (Headers{{"Set-Cookie", "a"}, {"Vary", "x"}, {"set-cookie", "b"}}));
  EXPECT_NE(headers, (Headers{{"Set-Cookie", "a"}, {"set-cookie", "b"}, {"Vary", "x"}}));
}

TEST(Headers, ReplaceEveryFieldOfAName) {
  Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.set("a", "4");
  EXPECT_EQ(headers, (Headers{{"B", "2"}, {"a", "4"}}));
  headers.set("C", "5");
  EXPECT_EQ(headers.count("c"), 1u);
}

TEST(Headers, ForgetEveryFieldOfAName) {
  Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.remove("A");
  EXPECT_EQ(headers, (Headers{{"B", "2"}}));
  headers.remove("A");
  EXPECT_EQ(headers.count("B"), 1u);
}

// checklist 65
TEST(Headers, HoldNoValueThatBeginsAnotherField) {
  const Headers headers{{"Location", "/x\r\nSet-Cookie: a=b"}};
  EXPECT_EQ(*headers.find("Location"), "/x  Set-Cookie: a=b");
  Headers added;
  added.add("A", "1\n2").set("B", "3\0004"s);
  EXPECT_EQ(added, (Headers{{"A", "1 2"}, {"B", "3 4"}}));
}

}  // namespace
}  // namespace latchkey::http
