#include "server/config.h"

#include <gtest/gtest.h>

#include "dialects/alor/alor.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::server {
namespace {

using namespace std::chrono_literals;

const std::string kState = "[state]\ndirectory = \"/var/lib/latchkey\"\n";
const std::string kKey = "[master_key]\nfile = \"/etc/latchkey/master.key\"\n";
const std::string kRealm = "[realms.chat]\ndialect = \"chathub\"\n";
const std::string kLeast = kState + kKey + kRealm;

Result<Config> parse(const std::string& text) {
  dialect::Registry registry;
  registry.add(dialects::alor::dialect());
  registry.add(dialects::chathub::dialect());
  return parse_config(text, "x.toml", registry);
}

TEST(Config, NeedsOnlyStateKeyAndOneRealm) {
  const auto config = parse(kLeast);
  ASSERT_TRUE(config) << config.error().say;
  EXPECT_EQ(config->listen.address, "127.0.0.1");
  EXPECT_EQ(config->listen.port, 8443);
  EXPECT_EQ(config->state_directory, "/var/lib/latchkey");
  EXPECT_EQ(config->master_key.kind, MasterKeySource::Kind::kFile);
  ASSERT_EQ(config->realms.size(), 1u);
  EXPECT_EQ(config->realms[0].name.text, "chat");
}

TEST(Config, ReadsEveryKey) {
  const auto config = parse(R"(
[listen]
address = "0.0.0.0"
port = 443
certificate = "/c.pem"
key = "/k.pem"
behind_proxy = true
threads = 4
drain = "5s"
[limits]
header_bytes = 8192
header_fields = 50
body_bytes = 4096
connections = 10
header_time = "1s"
body_time = "2s"
write_time = "3s"
idle_time = "4s"
[workers]
slow_threads = 1
slow_queue = 2
commit_threads = 3
commit_queue = 4
[log]
requests = false
[master_key]
credential = "master"
[state]
directory = "/s"
[realms.a]
dialect = "alor"
prefix = "/a"
[realms.a.settings]
access_lifetime = "5m"
token_in_query = false
flood_per_second = 7
[realms.b]
dialect = "alor"
prefix = "/b"
)");
  ASSERT_TRUE(config) << config.error().say;
  EXPECT_EQ(config->listen.port, 443);
  EXPECT_EQ(config->listen.certificate_file, "/c.pem");
  EXPECT_EQ(config->listen.key_file, "/k.pem");
  EXPECT_TRUE(config->behind_proxy);
  EXPECT_EQ(config->listen.threads, 4);
  EXPECT_EQ(config->drain, 5s);
  EXPECT_EQ(config->listen.limits.header_bytes, 8192u);
  EXPECT_EQ(config->listen.limits.header_fields, 50u);
  EXPECT_EQ(config->listen.limits.body_bytes, 4096u);
  EXPECT_EQ(config->listen.limits.connections, 10);
  EXPECT_EQ(config->listen.limits.header_time, 1s);
  EXPECT_EQ(config->listen.limits.body_time, 2s);
  EXPECT_EQ(config->listen.limits.write_time, 3s);
  EXPECT_EQ(config->listen.limits.idle_time, 4s);
  EXPECT_EQ(config->workers.slow_threads, 1);
  EXPECT_EQ(config->workers.slow_queue, 2u);
  EXPECT_EQ(config->workers.commit_threads, 3);
  EXPECT_EQ(config->workers.commit_queue, 4u);
  EXPECT_FALSE(config->log_requests);
  EXPECT_EQ(config->master_key.kind, MasterKeySource::Kind::kCredential);
  ASSERT_EQ(config->realms.size(), 2u);
  EXPECT_EQ(config->realms[0].prefix, "/a");
  EXPECT_EQ(config->realms[0].settings.duration("access_lifetime"), 300s);
  EXPECT_FALSE(config->realms[0].settings.flag("token_in_query"));
  EXPECT_EQ(config->realms[0].settings.number("flood_per_second"), 7);
}

struct Row {
  std::string text;
  std::string says;
};

class BadConfig : public ::testing::TestWithParam<Row> {};

TEST_P(BadConfig, IsRefusedWithItsLine) {
  const auto config = parse(GetParam().text);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().why, Why::kUsage);
  EXPECT_NE(config.error().say.find(GetParam().says), std::string::npos) << config.error().say;
}

INSTANTIATE_TEST_SUITE_P(
    , BadConfig,
    ::testing::Values(
        Row{"[state\n", "x.toml:1: "},
        Row{kLeast + "[listen]\nprot = 1\n", "x.toml:8: unknown key \"listen.prot\""},
        Row{kLeast + "surprise = 1\n", "x.toml:7: unknown key \"realms.chat.surprise\""},
        Row{"surprise = 1\n" + kLeast, "x.toml:1: unknown key \"surprise\""},
        Row{kLeast + "[listen]\nport = \"x\"\n",
            "x.toml:8: listen.port must be a number from 0 to 65535"},
        Row{kLeast + "[listen]\nport = 65536\n", "x.toml:8: listen.port must be a number"},
        Row{kLeast + "[listen]\nport = -1\n", "x.toml:8: listen.port must be a number"},
        Row{kLeast + "[listen]\naddress = \"0.0.0.0\"\n",
            "x.toml:8: listen.address is not loopback"},
        Row{kLeast + "[listen]\naddress = \"::\"\n", "behind_proxy"},
        Row{kLeast + "[listen]\naddress = \"127.0.0.1.example\"\n", "is not loopback"},
        Row{kLeast + "[listen]\ncertificate = \"/c\"\n", "listen.key is missing"},
        Row{kLeast + "[listen]\nkey = \"/c\"\n", "listen.certificate is missing"},
        Row{kLeast + "[listen]\nbehind_proxy = 1\n", "must be true or false"},
        Row{kLeast + "[limits]\nidle_time = \"soon\"\n",
            "x.toml:8: limits.idle_time must be a duration"},
        Row{kLeast + "[limits]\nidle_time = \"0s\"\n", "must be a duration"},
        Row{kLeast + "[limits]\nbody_bytes = 1023\n", "from 1024"},
        Row{kLeast + "[workers]\nslow_threads = 0\n", "from 1"},
        Row{kLeast + "[log]\nlevel = \"x\"\n", "unknown key \"log.level\""},
        Row{"listen = 1\n" + kLeast, "x.toml:1: listen must be a table"},
        Row{kState + kRealm, "say where the master key is"},
        Row{kState + kKey + "prompt = true\n" + kRealm, "say where the master key is"},
        Row{kState + "[master_key]\ncredential = \"a/b\"\n" + kRealm, "is a name, not a path"},
        Row{kKey + kRealm, "state.directory must be a full path"},
        Row{"[state]\ndirectory = \"here\"\n" + kKey + kRealm,
            "x.toml:2: state.directory must be a full path"},
        Row{kState + kKey, "there is no [realms.NAME]"},
        Row{kState + kKey + "[realms.a]\ndialect = \"none\"\n",
            "x.toml:6: realms.a.dialect must be one of: alor chathub"},
        Row{kState + kKey + "[realms.\"a b\"]\ndialect = \"alor\"\n", "is not [A-Za-z0-9_-]+"},
        Row{kLeast + "prefix = \"chat\"\n", "x.toml:7: realms.chat.prefix must look like"},
        Row{kLeast + "prefix = \"/chat/\"\n", "must look like"},
        Row{kLeast + "prefix = \"/..\"\n", "must look like"},
        Row{kLeast + "[realms.chat.settings]\nnone = 1\n", "x.toml:7: realms.chat.settings"},
        Row{kLeast + "[realms.chat.settings]\nnone = [1]\n",
            "x.toml:8: realms.chat.settings.none must be a text"},
        Row{kLeast + "[realms.two]\ndialect = \"chathub\"\n",
            "has the same dialect and prefix as chat"}));

TEST(Config, SaysWhichFileCannotBeRead) {
  dialect::Registry registry;
  const auto config = read_config("/nowhere/x.toml", registry);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().say, "cannot read /nowhere/x.toml: No such file or directory");
}

}  // namespace
}  // namespace latchkey::server
