#include "broker/budget.h"

#include "broker/testing.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::broker {
namespace {

TEST(Budget, IsOneForEverySpellingOfAHost) {
  const std::pair<const char*, const char*> rows[] = {
      {"https://api.example", "https://api.example"},
      {"https://API.Example/", "https://api.example"},
      {"HTTPS://api.example:443/v3", "https://api.example"},
      {"http://127.0.0.1:80", "http://127.0.0.1"},
      {"http://127.0.0.1:8443", "http://127.0.0.1:8443"},
      {"http://127.0.0.1:443", "http://127.0.0.1:443"},
      {"https://[::1]:443/x", "https://[::1]"}};
  for (const auto& [url, origin] : rows) EXPECT_EQ(origin_of(url), origin) << url;
}

// I9 no collateral
TEST(Budget, OfAnAccountIsSharedByItsProfilesAndNobodyElse) {
  const auto& dialect = dialects::chathub::dialect();
  Profile desk = testing::profile_of(dialect, {{"login", "company"}, {"operator", "1"}});
  Profile colleague = desk;
  colleague.name = ProfileName("colleague");
  colleague.facts["operator"] = "2";
  colleague.base_url = "https://PROVIDER.example:443/";
  EXPECT_EQ(account_of(desk, {}), account_of(colleague, {}));
  EXPECT_NE(record_of(desk), record_of(colleague));
  Profile stranger = desk;
  stranger.facts["login"] = "another";
  EXPECT_NE(account_of(desk, {}), account_of(stranger, {}));
  Profile elsewhere = desk;
  elsewhere.base_url = "https://other.example";
  EXPECT_NE(account_of(desk, {}), account_of(elsewhere, {}));
  Profile asked = desk;
  asked.facts.erase("login");
  Entry entry;
  entry.kept.emplace("login", "company");
  EXPECT_EQ(account_of(asked, entry), account_of(desk, {})) << "answered at a prompt, and kept";
  EXPECT_EQ(account_of(desk, {}).find("company"), std::string::npos) << "a hash";
}

}  // namespace
}  // namespace latchkey::broker
