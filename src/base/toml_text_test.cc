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
      {"[vaut\xD2\x91"
       "ey\"\n",
       1},
  };
  for (const auto& row : rows) EXPECT_EQ(stray_letter_in_toml(row.text), row.line) << row.text;
}

}  // namespace
}  // namespace latchkey
