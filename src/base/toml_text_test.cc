#include "base/toml_text.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

TEST(TomlText, LettersBeyondAsciiBelongIntoStringsAndComments) {
  const struct {
    const char* text;
    std::optional<int> line;
  } rows[] = {
      {"", {}},
      {"a = 1\n", {}},
      {"a = \"ґ\" # ґ\nb = 'ґ'\n\"ґ\" = 1", {}},
      {"a = \"\"\"\nґ\n\"\"\"\nb = '''\nґ'''\n", {}},
      {"a = \"\\\"ґ\"", {}},
      {"\xEF\xBB\xBF"
       "a = 1",
       {}},
      {"ґ = 1", 1},
      {"a = 1\n\nb = ґ", 3},
      {"a = '\\' ґ", 1},
      {"a = \"\"\"\n\"\"\"ґ", 2},
      {"a = \"not closed\nґ", 2},
      {"a = \"not closed\\", {}},
      {"a = [\n  \"ґ\", 'ґ' # ґ\n]\nb = { \"ґ\" = 1 }\n[\"ґ\"]", {}},
      {"a . \"b\" = 1", {}},
      {"a.\"ґ\" = 1", 1},  // TOML, but not told apart from the next ones
      {"a = 21\"7.0ґ\"", 1},
      {"a = 1.\"ґ", 1},
      {"a = x 'ґ'", 1},
      {"a = \"x\"'ґ'", 1},
      {"a = 1\"\"\"\nґ\"\"\"", 2},
      {"[vaut\xD2\x91"
       "ey\"\n",
       1},
  };
  for (const auto& row : rows) EXPECT_EQ(stray_letter_in_toml(row.text), row.line) << row.text;
}

TEST(TomlText, IsRefusedWithItsPlace) {
  EXPECT_TRUE(may_parse_toml("a = 'ґ'", "config.toml"));
  const auto refused = may_parse_toml("a = 1\nґ = 2", "config.toml");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, Why::kUsage);
  EXPECT_TRUE(refused.error().say.starts_with("config.toml:2: ")) << refused.error().say;
}

}  // namespace
}  // namespace latchkey
