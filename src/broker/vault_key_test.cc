#include "broker/vault_key.h"

#include <random>

#include "broker/files.h"
#include "broker/testing.h"
#include "crypto/aead.h"

namespace latchkey::broker {
namespace {

using Kind = VaultChoice::Key;
using testing::chain_in;
using testing::environment;
using testing::say_of;
using testing::TempDir;
using testing::why_of;
using testing::write_file;

AskPassphrase says(const std::string& passphrase) {
  return [passphrase](bool) -> Result<Secret> { return Secret(passphrase); };
}

/// Makes a key, writes and reads its record, and opens it again.
Result<Secret> again(const KeyChain& chain, const Protection& protection) {
  const Protection read = TRY(read_protection(write_protection(protection)));
  return open_vault_key(chain, read);
}

TEST(VaultKey, ComesBackFromAKeyFile) {
  const TempDir home;
  const auto made = make_vault_key(chain_in(home));
  ASSERT_TRUE(made) << say_of(made);
  EXPECT_EQ(made->key.size(), 32u);
  EXPECT_TRUE(check_private_file(home / "vault.key"));
  const auto key = again(chain_in(home), made->protection);
  ASSERT_TRUE(key) << say_of(key);
  EXPECT_EQ(*key, made->key);
  // The record names the kind and no key.
  EXPECT_EQ(write_protection(made->protection).find(testing::read_file(home / "vault.key")),
            std::string::npos);
}

TEST(VaultKey, IsAnotherForEachVaultWithTheSameKeyFile) {
  const TempDir home;
  const auto one = make_vault_key(chain_in(home));
  const std::string file = testing::read_file(home / "vault.key");
  const auto other = make_vault_key(chain_in(home));
  ASSERT_TRUE(one && other);
  EXPECT_FALSE(one->key == other->key);
  EXPECT_EQ(testing::read_file(home / "vault.key"), file);
}

TEST(VaultKey, StaysShutWithoutItsFile) {
  const TempDir home;
  const auto made = make_vault_key(chain_in(home));
  ASSERT_TRUE(made);
  const std::string path = home / "vault.key";

  chmod(path.c_str(), 0644);
  EXPECT_EQ(why_of(again(chain_in(home), made->protection)), Why::kStore);
  EXPECT_NE(say_of(again(chain_in(home), made->protection)).find("chmod 600"), std::string::npos);
  chmod(path.c_str(), 0600);
  EXPECT_TRUE(again(chain_in(home), made->protection));

  std::filesystem::rename(path, home / "moved");
  EXPECT_NE(say_of(again(chain_in(home), made->protection)).find("is gone"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path)) << "opening must not make a new key";
  std::filesystem::create_symlink(home / "moved", path);
  EXPECT_NE(say_of(again(chain_in(home), made->protection)).find("symbolic link"),
            std::string::npos);

  std::filesystem::remove(path);
  write_file(path, std::string(64, 'a'));
  EXPECT_NE(say_of(again(chain_in(home), made->protection)).find("does not open"),
            std::string::npos);
  write_file(path, std::string(31, 'a'));
  EXPECT_NE(say_of(again(chain_in(home), made->protection)).find("too short"), std::string::npos);
}

TEST(VaultKey, ComesBackFromAPassphrase) {
  const TempDir home;
  KeyChain chain = chain_in(home);
  chain.choice.key = Kind::kPassphrase;
  chain.ask = says("correct horse");
  const auto made = make_vault_key(chain);
  ASSERT_TRUE(made) << say_of(made);
  const auto key = again(chain, made->protection);
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, made->key);

  chain.ask = says("correct horsf");
  EXPECT_EQ(why_of(again(chain, made->protection)), Why::kStore);
  EXPECT_EQ(say_of(again(chain, made->protection)), "wrong passphrase");
  chain.ask = says("");
  EXPECT_EQ(why_of(again(chain, made->protection)), Why::kPersonNeeded);
  chain.ask = [](bool) -> Result<Secret> { return fail(Why::kPersonNeeded); };
  EXPECT_EQ(why_of(again(chain, made->protection)), Why::kPersonNeeded);
  chain.choice.askpass = {"echo", "correct horse"};
  EXPECT_TRUE(again(chain, made->protection));
  chain.choice.askpass = {"false"};
  EXPECT_EQ(why_of(again(chain, made->protection)), Why::kPersonNeeded);
}

TEST(VaultKey, ComesBackFromASystemdCredential) {
  const TempDir home;
  KeyChain chain = chain_in(home);
  chain.choice.key = Kind::kAuto;
  chain.environment = environment({{"CREDENTIALS_DIRECTORY", home.path()}});
  write_file(home / "latchkey-vault-key", std::string(32, 'k'), 0400);
  const auto made = make_vault_key(chain);
  ASSERT_TRUE(made) << say_of(made);
  EXPECT_EQ(made->protection.kind, Kind::kCredential);
  EXPECT_TRUE(again(chain, made->protection));
  EXPECT_FALSE(std::filesystem::exists(home / "vault.key"));
  chain.environment = environment({});
  EXPECT_EQ(why_of(again(chain, made->protection)), Why::kStore);
}

TEST(VaultKey, IsProtectedByWhatIsThere) {
  const TempDir home;
  KeyChain chain = chain_in(home);
  chain.choice.key = Kind::kAuto;
  // A bus that nobody answers on is no keyring.
  chain.environment = environment({{"DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere"}});
  const auto by_file = make_vault_key(chain);
  ASSERT_TRUE(by_file) << say_of(by_file);
  EXPECT_EQ(by_file->protection.kind, Kind::kFile);
  chain.choice.askpass = {"echo", "passphrase"};
  const auto by_askpass = make_vault_key(chain);
  ASSERT_TRUE(by_askpass) << say_of(by_askpass);
  EXPECT_EQ(by_askpass->protection.kind, Kind::kPassphrase);
}

// I8 bounded
TEST(Protection, ThatAsksForAnAbsurdEffortIsRefused) {
  const auto record = [](const std::string& passes, const std::string& memory) {
    return R"({"kind":"passphrase","salt":"00112233445566778899aabbccddeeff","passes":)" + passes +
           R"(,"memory":)" + memory + R"(,"wrapped":"00"})";
  };
  EXPECT_TRUE(read_protection(record("3", "67108864")));
  EXPECT_TRUE(read_protection(record("8", "268435456")));
  for (const auto& text :
       {record("9", "67108864"), record("3", "268435457"), record("-1", "67108864"),
        record("3", "-1"), record("4294967299", "67108864")})
    EXPECT_EQ(why_of(read_protection(text)), Why::kStore) << text;

  // Too little for argon2id, and a salt that is none: refused before any work.
  const TempDir home;
  KeyChain chain = chain_in(home);
  chain.ask = says("passphrase");
  for (const auto& text :
       {record("0", "67108864"), record("1", "8191"),
        std::string(
            R"({"kind":"passphrase","salt":"00","passes":3,"memory":67108864,"wrapped":"00"})")}) {
    const auto read = read_protection(text);
    ASSERT_TRUE(read) << text;
    EXPECT_NE(say_of(open_vault_key(chain, *read)).find("absurd"), std::string::npos) << text;
  }
}

TEST(Protection, IsRefusedWhenItIsNotOne) {
  for (const char* text :
       {"", "{}", "[]", "null", "x", R"({"kind":"file"})",
        R"({"kind":"none","salt":"","passes":0,"memory":0,"wrapped":""})",
        R"({"kind":"auto","salt":"","passes":0,"memory":0,"wrapped":""})",
        R"({"kind":"file","salt":"0","passes":0,"memory":0,"wrapped":""})",
        R"({"kind":"file","salt":"","passes":"0","memory":0,"wrapped":""})",
        R"({"kind":"file","kind":"file","salt":"","passes":0,"memory":0,"wrapped":""})"})
    EXPECT_EQ(why_of(read_protection(text)), Why::kStore) << text;
}

TEST(Protection, SurvivesChanceInput) {
  const TempDir home;
  const auto made = make_vault_key(chain_in(home));
  ASSERT_TRUE(made);
  const std::string good = write_protection(made->protection);
  std::mt19937 chance(20260301);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    for (int i = 0; i < 3; ++i) {
      const std::size_t at = chance() % text.size();
      if (chance() % 2 == 0) text[at] = static_cast<char>(chance());
      else text.erase(at, 1);
    }
    const auto read = read_protection(text);
    if (read) ASSERT_LE(read->memory_bytes, 256u << 20);
    else ASSERT_EQ(read.error().why, Why::kStore);
    refused += read ? 0 : 1;
  }
  EXPECT_GT(refused, 5'000);
}

}  // namespace
}  // namespace latchkey::broker
