#include "engine/scope.h"

#include <gtest/gtest.h>

namespace latchkey::engine {
namespace {

TEST(Scope, IsAListOfNames) {
  EXPECT_EQ(parse_scope("").value(), std::vector<std::string>{});
  EXPECT_EQ(parse_scope("read write read").value(), (std::vector<std::string>{"read", "write"}));
  EXPECT_EQ(parse_scope("!#[]~ https://a.example/b").value().size(), 2u);
  EXPECT_TRUE(parse_scope(std::string(kMostScopeBytes, 'a')).has_value());
}

TEST(Scope, IsRefusedOutsideItsAlphabet) {
  for (const std::string& bad :
       {std::string(" "), std::string("a  b"), std::string(" a"), std::string("a "),
        std::string("a\tb"), std::string("a\nb"), std::string("a\"b"), std::string("a\\b"),
        std::string("caf\xc3\xa9"), std::string("a\x7f"), std::string(1, '\0'),
        std::string(kMostScopeBytes + 1, 'a')}) {
    const auto names = parse_scope(bad);
    ASSERT_FALSE(names.has_value()) << bad;
    EXPECT_EQ(names.error().why, Why::kMalformed);
  }
}

TEST(Scope, WhatIsCommonIsNeverWider) {  // checklist 38
  struct Row {
    std::string_view have;
    std::vector<std::string_view> others;
    std::string_view common;
  };
  const Row rows[] = {{"a b c", {"c b a"}, "a b c"},
                      {"a b c", {"c a"}, "a c"},
                      {"a b c", {"a b", "b c"}, "b"},
                      {"a b", {"c"}, ""},
                      {"a b", {""}, ""},
                      {"a b", {"A B"}, ""},
                      {"a", {"ab"}, ""},
                      {"", {"a"}, ""},
                      {"a b", {}, "a b"}};
  for (const Row& row : rows) EXPECT_EQ(common_scope(row.have, row.others), row.common) << row.have;
}

TEST(Scope, IsWithinOneThatHasAllItsNames) {  // checklist 20
  EXPECT_TRUE(is_within("b a", "a b c"));
  EXPECT_TRUE(is_within("", ""));
  EXPECT_TRUE(is_within("", "a"));
  EXPECT_FALSE(is_within("a d", "a b c"));
  EXPECT_FALSE(is_within("a", ""));
  EXPECT_FALSE(is_within("a", "ab"));
}

}  // namespace
}  // namespace latchkey::engine
