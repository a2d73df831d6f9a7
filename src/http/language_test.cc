#include <gtest/gtest.h>

#include "http/message.h"

namespace latchkey::http {
namespace {

struct Row {
  const char* field;
  const char* chosen;
};

class PreferredLanguage : public ::testing::TestWithParam<Row> {};

TEST_P(PreferredLanguage, IsTheOneWithTheGreatestWeight) {
  const std::vector<std::string> known = {"en", "ru", "vi", "zh-Hant"};
  EXPECT_EQ(preferred_language({{"Accept-Language", GetParam().field}}, known), GetParam().chosen)
      << GetParam().field;
}

INSTANTIATE_TEST_SUITE_P(
    , PreferredLanguage,
    ::testing::Values(Row{"ru", "ru"}, Row{"RU", "ru"}, Row{"ru-RU,ru;q=0.9,en;q=0.8", "ru"},
                      Row{"zh-TW", "zh-Hant"}, Row{"zh", "zh-Hant"}, Row{"zh-hant-TW", "zh-Hant"},
                      Row{"zh-Hant", "zh-Hant"}, Row{"zh-TW,zh;q=0.9,en-US;q=0.8", "zh-Hant"},
                      Row{"de,vi;q=0.3", "vi"}, Row{"de", "en"}, Row{"", "en"}, Row{"*", "en"},
                      Row{"ru;q=0.5,vi;q=0.6", "vi"}, Row{"vi;q=0.6,ru;q=0.6", "vi"},
                      Row{"ru;q=0.6,vi;q=0.6", "ru"}, Row{"ru;q=0,vi;q=0.001", "vi"},
                      Row{"ru;q=0", "en"}, Row{"en;q=0,*", "ru"}, Row{"*;q=0.1,vi;q=0.2", "vi"},
                      Row{"ru;q=1.000,vi", "ru"}, Row{"vi;q=2,ru;q=0.1", "ru"},
                      Row{"vi;q=-1,ru;q=0.1", "ru"}, Row{"vi;q=0.1234,ru;q=0.1", "ru"},
                      Row{"vi;q=,ru;q=0.1", "ru"}, Row{"vi;x=1,ru;q=0.1", "ru"},
                      Row{" vi ; q=0.4 , ru ; Q=0.5 ", "ru"}, Row{",,;q=1,ru", "ru"},
                      Row{"rus", "en"}, Row{"zh;q=0.1,ru;q=0.5,zh-TW", "zh-Hant"}));

TEST(PreferredLanguageOf, SeveralFieldsIsReadAsOneList) {
  const Headers headers{{"Accept-Language", "ru;q=0.2"}, {"accept-language", "vi"}};
  EXPECT_EQ(preferred_language(headers, {"en", "ru", "vi"}), "vi");
}

TEST(PreferredLanguageOf, NoFieldIsTheFirstKnown) {
  EXPECT_EQ(preferred_language({}, {"vi", "en"}), "vi");
  EXPECT_EQ(preferred_language({{"Accept-Language", "en"}}, {}), "");
}

TEST(PreferredLanguageOf, ALongListIsReadOnlySoFar) {
  std::string field;
  for (int i = 0; i < 31; ++i) field += "xx,";
  EXPECT_EQ(preferred_language({{"Accept-Language", field + "ru"}}, {"en", "ru"}), "ru");
  EXPECT_EQ(preferred_language({{"Accept-Language", field + "xx,ru"}}, {"en", "ru"}), "en");
}

}  // namespace
}  // namespace latchkey::http
