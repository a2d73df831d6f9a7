#include "broker/hosts.h"

#include "broker/testing.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::broker {
namespace {

using testing::say_of;
using testing::why_of;

TEST(AnOrigin, IsReadOrRefused) {
  const std::pair<const char*, std::optional<Origin>> rows[] = {
      {"https://api.example", Origin{true, "api.example", 443, ""}},
      {"HTTPS://API.Example:8443/v2/x?y#z", Origin{true, "api.example", 8443, "/v2/x"}},
      {"http://127.0.0.1", Origin{false, "127.0.0.1", 80, ""}},
      {"https://[::1]:9/", Origin{true, "[::1]", 9, "/"}},
      {"https://api.example?x=@evil.example", Origin{true, "api.example", 443, ""}},
      {"https://user@api.example/", std::nullopt},
      {"https://api.example@evil.example/", std::nullopt},
      {"https://api.example\\@evil.example/", std::nullopt},
      {"https://api.example:0/", std::nullopt},
      {"https://api.example:65536/", std::nullopt},
      {"https://api.example:/", std::nullopt},
      {"https://api.example:+443/", std::nullopt},
      {"https://[::1/", std::nullopt},
      {"https:///x", std::nullopt},
      {"https://аpi.example/", std::nullopt},
      {"https://api.example /", std::nullopt},
      {"ftp://api.example/", std::nullopt},
      {"api.example", std::nullopt},
      {"", std::nullopt}};
  for (const auto& [url, origin] : rows) EXPECT_EQ(origin_of(url), origin) << url;
}

TEST(AnOrigin, IsOfThisMachineOrNot) {
  for (const char* url :
       {"http://localhost/", "http://127.0.0.1/", "http://127.9.9.9/", "http://[::1]/"})
    EXPECT_TRUE(origin_of(url)->is_loopback()) << url;
  for (const char* url : {"http://127.0.0.1.example/", "http://127.1/", "http://localhost.example/",
                          "http://128.0.0.1/", "http://127.0.0.256/"})
    EXPECT_FALSE(origin_of(url)->is_loopback()) << url;
}

Config config_of(std::initializer_list<std::pair<const char*, const char*>> profiles) {
  Config config;
  for (const auto& [name, url] : profiles) {
    Profile profile = testing::profile_of(dialects::chathub::dialect(), {});
    profile.name = ProfileName(name);
    profile.base_url = "https://login.example";
    profile.api_url = url;
    config.profiles.emplace(profile.name, profile);
  }
  return config;
}

TEST(AProfileForAUri, HasItsApiThere) {
  const Config config = config_of({{"one", "https://api.example"},
                                   {"two", "https://api.two.example:8443/v2"},
                                   {"box", "http://127.0.0.1:8080"}});
  const std::pair<const char*, const char*> rows[] = {{"https://api.example/any?x", "one"},
                                                      {"https://API.EXAMPLE:443", "one"},
                                                      {"https://api.two.example:8443/v2", "two"},
                                                      {"https://api.two.example:8443/v2/x", "two"},
                                                      {"http://127.0.0.1:8080/x", "box"}};
  for (const auto& [uri, name] : rows) {
    const auto found = profile_for(config, uri);
    ASSERT_TRUE(found) << uri << ": " << say_of(found);
    EXPECT_EQ(found->name.text, name);
  }
  const std::pair<const char*, Why> refused[] = {
      {"http://api.example/", Why::kUsage},
      {"https://api.example:444/", Why::kUnknownName},
      {"https://login.example/", Why::kUnknownName},
      {"https://xapi.example/", Why::kUnknownName},
      {"https://api.example.evil.example/", Why::kUnknownName},
      {"https://api.example./", Why::kUnknownName},
      {"https://api.two.example:8443/v20", Why::kUnknownName},
      {"https://api.two.example:8443/v2/../admin", Why::kUnknownName},
      {"https://api.two.example:8443/v2/%2e%2e/admin", Why::kUnknownName},
      {"https://127.0.0.1:8080/", Why::kUnknownName},
      {"http://127.0.0.1/", Why::kUnknownName},
      {"file:///etc/passwd", Why::kUsage}};
  for (const auto& [uri, why] : refused) EXPECT_EQ(why_of(profile_for(config, uri)), why) << uri;
}

TEST(AProfileForAUri, IsTheDefaultOfSeveral) {
  Config config = config_of({{"one", "https://api.example"}, {"two", "https://api.example"}});
  const auto ambiguous = profile_for(config, "https://api.example/");
  EXPECT_EQ(why_of(ambiguous), Why::kUsage);
  EXPECT_EQ(say_of(ambiguous),
            "several profiles have their API at api.example (one, two); write default = true into "
            "one of them");
  config.profiles.at(ProfileName("two")).is_default = true;
  EXPECT_EQ(profile_for(config, "https://api.example/")->name.text, "two");
  config.profiles.at(ProfileName("one")).is_default = true;
  EXPECT_EQ(why_of(profile_for(config, "https://api.example/")), Why::kUsage);
}

TEST(AProfileForAUri, MayNameFurtherHosts) {
  Config config = config_of({{"one", "https://api.example"}});
  config.profiles.at(ProfileName("one")).hosts = {"trade.example", "data.example:8443"};
  EXPECT_TRUE(profile_for(config, "https://trade.example/x"));
  EXPECT_TRUE(profile_for(config, "https://data.example:8443/x"));
  EXPECT_EQ(why_of(profile_for(config, "https://data.example/x")), Why::kUnknownName);
}

}  // namespace
}  // namespace latchkey::broker
