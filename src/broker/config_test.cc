#include "broker/profile.h"

#include "broker/testing.h"
#include "dialects/alor/alor.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::say_of;
using testing::why_of;

dialect::Registry registry() {
  dialect::Registry made;
  made.add(dialects::chathub::dialect());
  made.add(dialects::alor::dialect());
  return made;
}

Result<Config> parse(const std::string& text) {
  return parse_config(text, "/etc/lk/config.toml", registry());
}

/// A profile with these lines; they begin on line 3.
std::string desk(const std::string& lines) {
  return "[profiles.desk]\nprovider = \"chathub\"\n" + lines;
}

TEST(Config, IsEmptyWhenTheFileIs) {
  const auto config = parse("");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->profiles.empty());
  EXPECT_EQ(config->vault.key, VaultChoice::Key::kAuto);
}

TEST(Config, TakesAnEmptyPathForNoPath) {
  const auto config = parse("[vault]\npath = \"\"\nkey_file = \"\"\n" + desk("ca_file = \"\"\n"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->vault.path, "");
  EXPECT_EQ(config->vault.key_file, "");
  EXPECT_EQ(config->profiles.at(ProfileName("desk")).ca_file, "");
}

TEST(Config, TakesASettingInTheProfileItself) {
  const auto config = parse(desk("expired_text = \"Token expired\"\n"));
  ASSERT_TRUE(config) << say_of(config);
  EXPECT_EQ(config->profiles.at(ProfileName("desk")).settings.text("expired_text"),
            "Token expired");
  const auto twice =
      parse(desk("expired_text = \"Token expired\"\n[profiles.desk.settings]\n"
                 "expired_text = \"Invalid token\"\n"));
  EXPECT_EQ(why_of(twice), Why::kUsage);
  EXPECT_NE(say_of(twice).find(":5: expired_text stands here twice"), std::string::npos);
}

TEST(Config, HasEverythingThatItSays) {
  const auto config = parse(R"(
[vault]
key = "passphrase"
path = "/v/vault.db"
key_file = "keys/vault.key"
askpass = ["pass", "show", "vault"]
[profiles.desk]
provider = "chathub"
base_url = "http://127.0.0.1:8080/hub"
ca_file = "ca.pem"
login = "company"
operator = 123
password_command = ["pass", "show", "hub"]
keep_secrets = true
validate_first = true
live_for = "5m"
timeout = "10s"
rotate_credentials_after = "120d"
hosts = ["chat.example", "chat.example:8443"]
default = true
[profiles.desk.settings]
expired_text = "Token expired"
[profiles.alor-test]
provider = "alor"
refresh_token_file = "r.txt"
)");
  ASSERT_TRUE(config) << say_of(config);
  EXPECT_EQ(config->vault.key, VaultChoice::Key::kPassphrase);
  EXPECT_EQ(config->vault.path, "/v/vault.db");
  EXPECT_EQ(config->vault.key_file, "/etc/lk/keys/vault.key");
  EXPECT_EQ(config->vault.askpass, (std::vector<std::string>{"pass", "show", "vault"}));
  const auto profile = find_profile(*config, ProfileName("desk"));
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->base_url, "http://127.0.0.1:8080/hub");
  EXPECT_EQ(profile->api_url, profile->base_url) << "one's own host serves both";
  EXPECT_EQ(profile->ca_file, "/etc/lk/ca.pem");
  EXPECT_EQ(profile->facts.find("operator")->second, "123");
  EXPECT_EQ(profile->sources.find("password")->second,
            (SecretSource{SecretSource::Kind::kCommand, {"pass", "show", "hub"}}));
  EXPECT_TRUE(profile->keep_secrets && profile->validate_first);
  EXPECT_EQ(profile->live_for, 5min);
  EXPECT_EQ(profile->timeout, 10s);
  EXPECT_EQ(profile->rotate_credentials_after, 120 * 24h);
  EXPECT_EQ(profile->hosts, (std::vector<std::string>{"chat.example", "chat.example:8443"}));
  EXPECT_TRUE(profile->is_default);
  EXPECT_EQ(profile->settings.text("expired_text"), "Token expired");
  const auto alor = find_profile(*config, ProfileName("alor-test"));
  ASSERT_TRUE(alor);
  EXPECT_EQ(alor->base_url, dialects::alor::dialect().traits().base_url);
  EXPECT_EQ(alor->api_url, dialects::alor::dialect().traits().api_url);
  EXPECT_EQ(alor->sources.find("refresh_token")->second.words.front(), "/etc/lk/r.txt");
}

TEST(Config, ListsItsProfilesWhenOneIsNotThere) {
  const auto config = parse(desk("login = \"x\""));
  ASSERT_TRUE(config);
  const auto missing = find_profile(*config, ProfileName("d\x1b[2Jesk"));
  EXPECT_EQ(why_of(missing), Why::kUnknownName);
  EXPECT_EQ(say_of(missing), "no profile \"d?[2Jesk\"; there is desk");
}

struct Refused {
  const char* title;
  std::string text;
  const char* says;  ///< file, line and what is wrong
  Why why = Why::kUsage;
};

class ConfigRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(ConfigRefuses, WithFileLineAndReason) {
  const Refused& row = GetParam();
  const auto config = parse(row.text);
  EXPECT_EQ(why_of(config), row.why) << row.title;
  EXPECT_TRUE(say_of(config).starts_with(std::string("/etc/lk/config.toml:") + row.says))
      << row.title << ": " << say_of(config);
  EXPECT_EQ(say_of(config).find("hunter2"), std::string::npos) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , ConfigRefuses,
    ::testing::Values(
        Refused{"bad TOML", "\n[vault", "2: "},
        Refused{"a key twice", desk("login = \"x\"\nlogin = \"y\""), "4: "},
        Refused{"an unknown key at the top", "vaults = 1", "1: unknown key vaults"},
        Refused{"a vault that is no table", "vault = 1", "1: vault must be a table"},
        Refused{"an unknown key of the vault", "[vault]\npasword = \"x\"",
                "2: unknown key vault.pasword"},
        Refused{"an unknown kind of key", "[vault]\nkey = \"fil\"", "2: key must be"},
        Refused{"a secret\'s file without a path", desk("password_file = \"\""),
                "3: password_file must not be empty"},
        Refused{"an askpass that is a text", "[vault]\naskpass = \"pass show\"",
                "2: askpass must be a list"},
        Refused{"an askpass of nothing", "[vault]\naskpass = []", "2: askpass must be a list"},
        Refused{"an askpass with a number", "[vault]\naskpass = [\"x\", 1]",
                "2: askpass must be a list"},
        Refused{"profiles that are none", "profiles = []", "1: profiles must be a table"},
        Refused{"a profile that is none", "[profiles]\ndesk = 1",
                "2: profiles.desk must be a table"},
        Refused{"hosts with a path", desk("hosts = [\"a.example/x\"]"), "3: hosts must be a list"},
        Refused{"hosts with a user", desk("hosts = [\"a@b.example\"]"), "3: hosts must be a list"},
        Refused{"hosts that are a text", desk("hosts = \"a.example\""), "3: hosts must be a list"},
        Refused{"no provider", "[profiles.desk]\nlogin = \"x\"",
                "1: profile desk names no provider"},
        Refused{"an unknown provider", "[profiles.desk]\nprovider = \"chathup\"",
                "2: no provider \"chathup\"", Why::kUnknownName},
        Refused{"a name that is a flag", "[profiles.--json]\nprovider = \"chathub\"",
                "1: \"--json\" is no name"},
        Refused{"a name with a space", "[profiles.\"a b\"]\nprovider = \"chathub\"",
                "1: \"a b\" is no name"},
        Refused{"a name with a shell's character", "[profiles.\"a;b\"]\nprovider = \"chathub\"",
                "1: \"a;b\" is no name"},
        Refused{"a name with a slash", "[profiles.\"../a\"]\nprovider = \"chathub\"",
                "1: \"../a\" is no name"},
        Refused{"an empty name", "[profiles.\"\"]\nprovider = \"chathub\"", "1: \"\" is no name"},
        Refused{"a misspelt key", desk("logn = \"x\""), "3: unknown key logn for provider chathub"},
        Refused{"a misspelt source", desk("pasword_file = \"x\""), "3: unknown key pasword_file"},
        Refused{"a secret in clear", desk("password = \"hunter2\""), "3: password is a secret"},
        Refused{"a secret from two places", desk("password_env = \"A\"\npassword_file = \"b\""),
                "4: password comes from two places"},
        Refused{"a command that is a text", desk("password_command = \"pass show\""),
                "3: password_command must be a list"},
        Refused{"a variable without a name", desk("password_env = \"\""),
                "3: password_env must not be empty"},
        Refused{"a file that is a list", desk("password_file = [\"x\"]"),
                "3: password_file must be a text"},
        Refused{"a path with a NUL", desk("password_file = \"x\\u0000y\""),
                "3: password_file must not be empty"},
        Refused{"a switch that is a text", desk("keep_secrets = \"yes\""),
                "3: keep_secrets must be true or false"},
        Refused{"a time without a unit", desk("live_for = 60"), "3: live_for must be a duration"},
        Refused{"a call without a deadline", desk("timeout = \"0s\""), "3: timeout must be"},
        Refused{"a call with a far one", desk("timeout = \"301s\""), "3: timeout must be"},
        Refused{"settings that are none", desk("settings = 1"), "3: settings must be a table"},
        Refused{"an unknown setting", desk("settings = {loud = true}"),
                "3: there is no setting \"loud\""},
        Refused{"a setting's wrong value", desk("settings = {expired_text = \"x\"}"),
                "3: setting \"expired_text\""},
        Refused{"an unsafe API host", desk("api_url = \"http://api.example\""),
                "3: api_url must be https"}));

TEST(Config, SendsTokensOnlyToHttpsOrThisMachine) {
  const std::pair<const char*, bool> rows[] = {{"https://api.example", true},
                                               {"https://api.example:8443/v1", true},
                                               {"https://[2001:db8::1]:443", true},
                                               {"http://127.0.0.1", true},
                                               {"http://127.0.0.1:8080/x", true},
                                               {"http://localhost:1", true},
                                               {"http://[::1]:8080", true},
                                               {"http://api.example", false},
                                               {"http://127.0.0.1@evil.example/", false},
                                               {"http://127.0.0.1:80@evil.example/", false},
                                               {"http://localhost:x@evil.example", false},
                                               {"http://[::1]@evil.example", false},
                                               {"http://[::1", false},
                                               {"http://127.0.0.1.evil.example", false},
                                               {"http://127.0.0.1\\\\@evil.example", false},
                                               {"http://localhost.evil.example", false},
                                               {"http://127.0.0.1:0", false},
                                               {"http://127.0.0.1:65536", false},
                                               {"http://127.0.0.1:8080#@evil.example", false},
                                               {"http://127.0.0.1?@evil.example", false},
                                               {"https://user:hunter2@api.example", false},
                                               {"https://", false},
                                               {"https://:443", false},
                                               {"https://api.example/ x", false},
                                               {"https://api.example\\n.evil.example", false},
                                               {"HTTP://api.example", false},
                                               {"ftp://api.example", false},
                                               {"//api.example", false},
                                               {"api.example", false}};
  for (const auto& [url, allowed] : rows) {
    const auto config = parse(desk("base_url = \"" + std::string(url) + "\""));
    EXPECT_EQ(config.has_value(), allowed) << url << ": " << say_of(config);
    if (allowed) continue;
    EXPECT_TRUE(say_of(config).starts_with("/etc/lk/config.toml:3: base_url must be https"))
        << say_of(config);
    EXPECT_EQ(say_of(config).find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace latchkey::broker
