#include "broker/vault.h"

#include <sqlite3.h>

#include "broker/database.h"
#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::chain_in;
using testing::kNoon;
using testing::say_of;
using testing::TempDir;
using testing::why_of;
using testing::write_file;

const ProfileName kDesk("desk");
const ProfileName kOther("other");

Entry entry_of(std::string_view token) {
  Entry entry;
  entry.access_token = Secret(token);
  return entry;
}

/// A vault with two entries, closed again.
void found(const TempDir& home) {
  auto vault = Vault::open(chain_in(home), true);
  ASSERT_TRUE(vault) << say_of(vault);
  for (const auto& name : {kDesk, kOther}) {
    Entry entry = entry_of("token-of-" + name.text);
    ASSERT_TRUE(vault->store(name, entry));
  }
}

void edit(const TempDir& home, const std::string& sql) {
  const auto database = Database::open(home / "vault.db");
  ASSERT_TRUE(database);
  const auto done = database->execute(sql.c_str());
  ASSERT_TRUE(done) << say_of(done);
}

TEST(Vault, KeepsWhatItIsGiven) {
  const TempDir home;
  EXPECT_EQ(why_of(Vault::open(chain_in(home), false)), Why::kNotFound);
  EXPECT_TRUE(std::filesystem::is_empty(home.path())) << "looking makes nothing";
  found(home);
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault) << say_of(vault);
  const auto entry = vault->load(kDesk);
  ASSERT_TRUE(entry && *entry);
  EXPECT_EQ((*entry)->access_token.reveal(), "token-of-desk");
  EXPECT_EQ((*entry)->generation, 1);
  EXPECT_EQ(*vault->list(), (std::vector{kDesk, kOther}));
  EXPECT_FALSE(vault->load(ProfileName("nobody"))->has_value());
  EXPECT_EQ(vault->path(), home / "vault.db");
  EXPECT_NE(vault->protected_by().find("vault.key"), std::string::npos);
}

// I7 no leak
TEST(Vault, HasNoSecretInItsFilesAndNoFileForOthers) {
  const TempDir home;
  auto vault = Vault::open(chain_in(home), true);
  ASSERT_TRUE(vault);
  Entry entry = entry_of("canary-token-4711");
  entry.kept.emplace("password", Secret("canary-password-4711"));
  ASSERT_TRUE(vault->store(kDesk, entry));
  int files = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(home.path())) {
    if (!file.is_regular_file()) continue;
    ++files;
    EXPECT_EQ(testing::read_file(file.path()).find("canary"), std::string::npos) << file.path();
    EXPECT_EQ(file.status().permissions() & std::filesystem::perms(077),
              std::filesystem::perms::none)
        << file.path();
  }
  EXPECT_GE(files, 4);  // the vault, its log and its index, the key
}

TEST(Vault, CommitsOnlyOverWhatWasRead) {
  const TempDir home;
  found(home);
  auto one = Vault::open(chain_in(home), false);
  auto two = Vault::open(chain_in(home), false);
  ASSERT_TRUE(one && two);
  Entry awake = one->load(kDesk)->value();
  Entry asleep = two->load(kDesk)->value();
  awake.access_token = Secret("newer");
  ASSERT_TRUE(one->store(kDesk, awake));
  EXPECT_EQ(awake.generation, 2);
  asleep.access_token = Secret("stale");
  EXPECT_EQ(why_of(two->store(kDesk, asleep)), Why::kConflict);
  EXPECT_EQ(asleep.generation, 1);
  EXPECT_EQ(two->load(kDesk)->value().access_token.reveal(), "newer");
  Entry unaware = entry_of("unaware");
  EXPECT_EQ(why_of(two->store(kDesk, unaware)), Why::kConflict);
  EXPECT_EQ(unaware.generation, 0);
}

// I5 no resurrection
TEST(Vault, ForgetsSoThatNobodyWhoSleptCanStoreAfterIt) {
  const TempDir home;
  found(home);
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault);
  Entry asleep = vault->load(kDesk)->value();
  EXPECT_TRUE(*vault->remove(kDesk));
  EXPECT_FALSE(*vault->remove(kDesk));
  EXPECT_FALSE(vault->load(kDesk)->has_value());
  EXPECT_EQ(*vault->list(), std::vector{kOther});
  EXPECT_EQ(why_of(vault->store(kDesk, asleep)), Why::kConflict);
  Entry fresh = entry_of("fresh");
  ASSERT_TRUE(vault->store(kDesk, fresh));
  EXPECT_EQ(fresh.generation, 3);
  EXPECT_EQ(why_of(vault->store(kDesk, asleep)), Why::kConflict);
  EXPECT_EQ(vault->load(kDesk)->value().access_token.reveal(), "fresh");
  EXPECT_TRUE(vault->store(kDesk, fresh));
}

TEST(Vault, IsMadeOnceByManyProcesses) {
  const TempDir home;
  constexpr int kMany = 8;
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kMany; ++i)
    children.push_back(testing::start([&, i] {
      close(gate[1]);
      char c;
      if (read(gate[0], &c, 1) != 0) return 9;  // all begin when it closes
      auto vault = Vault::open(chain_in(home), true);
      if (!vault) return 1;
      Entry entry = entry_of("token-" + std::to_string(i));
      return vault->store(ProfileName("p" + std::to_string(i)), entry) ? 0 : 2;
    }));
  close(gate[1]);
  for (const pid_t child : children) EXPECT_EQ(testing::exit_of(child), 0);
  close(gate[0]);
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault) << say_of(vault);
  for (int i = 0; i < kMany; ++i) {
    const auto entry = vault->load(ProfileName("p" + std::to_string(i)));
    ASSERT_TRUE(entry && *entry) << say_of(entry);
    EXPECT_EQ((*entry)->access_token.reveal(), "token-" + std::to_string(i));
  }
  for (const auto& file : std::filesystem::directory_iterator(home.path()))
    EXPECT_FALSE(file.path().string().ends_with(".new")) << file.path();
}

TEST(Vault, IsNotHalfMadeWhenItsKeyCannotBe) {
  const TempDir home;
  KeyChain chain = chain_in(home);
  chain.choice.key = VaultChoice::Key::kPassphrase;
  EXPECT_EQ(why_of(Vault::open(chain, true)), Why::kPersonNeeded);
  EXPECT_EQ(why_of(Vault::open(chain, false)), Why::kNotFound);
  for (const auto& file : std::filesystem::directory_iterator(home.path()))
    EXPECT_EQ(file.path().filename(), "locks");
}

TEST(Vault, MayLieBehindALinkedDirectory) {  // a home on another disk
  const TempDir home;
  std::filesystem::create_directory(home / "disk");
  std::filesystem::create_directory_symlink(home / "disk", home / "home");
  KeyChain chain = chain_in(home);
  chain.choice.path = home / "home/vault.db";
  EXPECT_TRUE(Vault::open(chain, true));
  EXPECT_TRUE(Vault::open(chain, false));
}

TEST(Vault, DetectsAnEntryMovedToAnotherProfile) {
  const TempDir home;
  found(home);
  edit(home,
       "UPDATE entries SET sealed=(SELECT sealed FROM entries WHERE profile='other')"
       " WHERE profile='desk'");
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault);
  EXPECT_EQ(why_of(vault->load(kDesk)), Why::kStore);
  EXPECT_NE(say_of(vault->load(kDesk)).find("latchkey logout --forget desk"), std::string::npos);
  EXPECT_TRUE(vault->load(kOther));  // I9 no collateral
  EXPECT_TRUE(*vault->remove(kDesk));
}

TEST(Vault, DetectsANameThatWasChanged) {
  const TempDir home;
  found(home);
  edit(home, "UPDATE entries SET profile='de3k' WHERE profile='desk'");
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault);
  EXPECT_EQ(why_of(vault->load(kDesk)), Why::kStore) << "it is not that nobody has logged in";
  EXPECT_NE(say_of(vault->load(kDesk)).find("latchkey login desk"), std::string::npos);
  EXPECT_TRUE(vault->load(kOther));  // I9 no collateral
  Entry fresh = entry_of("fresh");
  ASSERT_TRUE(vault->store(kDesk, fresh));
  EXPECT_EQ(vault->load(kDesk)->value().access_token.reveal(), "fresh");
}

TEST(Vault, DetectsAGenerationThatWasChanged) {
  const TempDir home;
  found(home);
  edit(home, "UPDATE entries SET generation=5 WHERE profile='desk'");
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault);
  EXPECT_EQ(why_of(vault->load(kDesk)), Why::kStore);
}

// What is refused is left as it is.

struct Refused {
  const char* title;
  std::function<void(const TempDir&)> spoil;
  const char* says;
};

class VaultRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(VaultRefuses, AndLeavesTheFileAsItIs) {
  const TempDir home;
  found(home);
  GetParam().spoil(home);
  const std::string before = testing::read_file(home / "vault.db");
  for (const bool create : {false, true}) {
    const auto vault = Vault::open(chain_in(home), create);
    ASSERT_EQ(why_of(vault), Why::kStore) << GetParam().title;
    EXPECT_NE(say_of(vault).find(GetParam().says), std::string::npos) << say_of(vault);
  }
  EXPECT_EQ(testing::read_file(home / "vault.db"), before);
}

/// A database that is no vault, in the vault's place.
void strange_database(const TempDir& home, const char* sql) {
  std::filesystem::remove(home / "vault.db");
  write_file(home / "vault.db", "");
  edit(home, sql);
}

INSTANTIATE_TEST_SUITE_P(
    , VaultRefuses,
    ::testing::Values(
        Refused{"a link",
                [](const TempDir& home) {
                  std::filesystem::rename(home / "vault.db", home / "real.db");
                  std::filesystem::create_symlink(home / "real.db", home / "vault.db");
                },
                "symbolic link"},
        Refused{"open to others",
                [](const TempDir& home) { chmod((home / "vault.db").c_str(), 0644); }, "chmod 600"},
        Refused{"a log that is open to others",
                [](const TempDir& home) { write_file(home / "vault.db-wal", "", 0644); },
                "chmod 600"},
        Refused{"a log that is a link",
                [](const TempDir& home) {
                  std::filesystem::create_symlink(home / "x", home / "vault.db-wal");
                },
                "symbolic link"},
        Refused{"an empty file", [](const TempDir& home) { write_file(home / "vault.db", ""); },
                "left as it is"},
        Refused{"garbage",
                [](const TempDir& home) { write_file(home / "vault.db", std::string(8192, 'g')); },
                "left as it is"},
        Refused{"a newer schema", [](const TempDir& home) { edit(home, "PRAGMA user_version=3"); },
                "newer latchkey"},
        Refused{"another application's database",
                [](const TempDir& home) {
                  strange_database(home, "CREATE TABLE t(x); PRAGMA application_id=7");
                },
                "not a vault"},
        Refused{"another database that says nothing of itself",
                [](const TempDir& home) {
                  strange_database(home, "CREATE TABLE t(x); INSERT INTO t VALUES(1)");
                },
                "not a vault"},
        Refused{"no key record", [](const TempDir& home) { edit(home, "DELETE FROM meta"); },
                "no key record"},
        Refused{"a key record that is none",
                [](const TempDir& home) { edit(home, "UPDATE meta SET value='{}'"); },
                "cannot be read"},
        Refused{"no key file",
                [](const TempDir& home) { std::filesystem::remove(home / "vault.key"); },
                "is gone"},
        Refused{"a wrong key file",
                [](const TempDir& home) { write_file(home / "vault.key", std::string(64, 'w')); },
                "does not open"},
        Refused{"a key file that is open to others",
                [](const TempDir& home) { chmod((home / "vault.key").c_str(), 0640); },
                "chmod 600"}));

TEST(Vault, IsNotMadeAnewOverTheLogOfOneThatIsGone) {
  const TempDir home;
  found(home);
  std::filesystem::remove(home / "vault.db");
  write_file(home / "vault.db-wal", "a log");
  EXPECT_EQ(why_of(Vault::open(chain_in(home), true)), Why::kStore);
  EXPECT_FALSE(std::filesystem::exists(home / "vault.db"));
  EXPECT_EQ(testing::read_file(home / "vault.db-wal"), "a log");
}

/// Opens and reads everything; true when nothing seemed wrong. Any refusal is kStore.
bool reads_well(const TempDir& home) {
  auto vault = Vault::open(chain_in(home), false);
  if (!vault) {
    EXPECT_EQ(vault.error().why, Why::kStore) << vault.error().say;
    return false;
  }
  for (const auto& name : {kDesk, kOther}) {
    const auto entry = vault->load(name);
    if (!entry) EXPECT_EQ(entry.error().why, Why::kStore);
    if (!entry || !*entry) return false;
    EXPECT_EQ((*entry)->access_token.reveal(), "token-of-" + name.text);
  }
  return true;
}

TEST(Vault, SurvivesATruncatedFile) {
  const TempDir home;
  found(home);
  const std::string whole = testing::read_file(home / "vault.db");
  for (std::size_t size = 0; size < whole.size(); size += 512) {
    write_file(home / "vault.db", whole.substr(0, size));
    EXPECT_FALSE(reads_well(home)) << size;
    EXPECT_EQ(testing::read_file(home / "vault.db"), whole.substr(0, size)) << size;
  }
}

TEST(Vault, SurvivesFlippedBits) {
  const TempDir home;
  found(home);
  const std::string whole = testing::read_file(home / "vault.db");
  int noticed = 0;
  for (std::size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 23) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    write_file(home / "vault.db", flipped);
    const bool well = reads_well(home);
    noticed += well ? 0 : 1;
    if (!well) EXPECT_EQ(testing::read_file(home / "vault.db"), flipped) << at;
    for (const char* ending : {"-wal", "-shm", "-journal"})
      std::filesystem::remove((home / "vault.db") + ending);
  }
  EXPECT_GT(noticed, 30);
}

TEST(Vault, SaysWhenItCannotBeWritten) {
  const TempDir home;
  found(home);
  const pid_t child = testing::start([&] {
    // Root may write anywhere; nobody may not.
    if (geteuid() == 0) {
      for (const auto& file : std::filesystem::recursive_directory_iterator(home.path()))
        if (chown(file.path().c_str(), 65534, 65534) != 0) return 9;
      if (chown(home.path().c_str(), 65534, 65534) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
        return 9;
    }
    chmod(home.path().c_str(), 0500);
    auto vault = Vault::open(chain_in(home), true);
    if (!vault) return vault.error().why == Why::kStore ? 0 : 1;
    Entry entry = entry_of("x");
    const auto stored = vault->store(ProfileName("new"), entry);
    return !stored && stored.error().why == Why::kStore ? 0 : 2;
  });
  EXPECT_EQ(testing::exit_of(child), 0);
}

TEST(Vault, IsNotMadeWhereNothingCanBe) {
  const TempDir home;
  KeyChain chain = chain_in(home);
  write_file(home / "file", "");
  chain.choice.path = home / "file/vault.db";
  EXPECT_EQ(why_of(Vault::open(chain, true)), Why::kStore);
}

}  // namespace
}  // namespace latchkey::broker
