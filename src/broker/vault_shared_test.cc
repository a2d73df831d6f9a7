// One vault, several connections of one process.

#include "broker/testing.h"
#include "broker/vault.h"

namespace latchkey::broker {
namespace {

using testing::chain_in;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

const ProfileName kDesk("desk");

Entry entry_of(std::string_view token) {
  Entry entry;
  entry.access_token = Secret(token);
  return entry;
}

/// A vault with one entry, closed again.
void found(const TempDir& home) {
  auto vault = Vault::open(chain_in(home), true);
  ASSERT_TRUE(vault) << say_of(vault);
  Entry entry = entry_of("token-of-desk");
  ASSERT_TRUE(vault->store(kDesk, entry));
}

TEST(SharedVault, IsNotUnlockedByAnotherOneOfTheSameProcess) {
  const TempDir home;
  found(home);
  // Made before we open anything: SQLite does not survive a fork.
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  const pid_t other = testing::start([&] {
    char go = 0;
    if (read(gate[0], &go, 1) != 1) return 2;
    auto theirs = Vault::open(chain_in(home), false);
    return theirs && theirs->load(kDesk) ? 0 : 1;
  });
  auto held = Vault::open(chain_in(home), false);
  ASSERT_TRUE(held && held->load(kDesk));
  {
    const auto looked = Vault::open(chain_in(home), false);
    ASSERT_TRUE(looked);
  }
  // Somebody else comes and goes. Did they believe to be the last, they would take
  // the log away under us, and what we write next would go nowhere.
  ASSERT_EQ(write(gate[1], "g", 1), 1);
  EXPECT_EQ(testing::exit_of(other), 0);
  close(gate[0]);
  close(gate[1]);
  EXPECT_TRUE(std::filesystem::exists(home / "vault.db-wal"));
  Entry entry = entry_of("new");
  ASSERT_TRUE(held->store(ProfileName("third"), entry));
  auto fresh = Vault::open(chain_in(home), false);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->list()->size(), 2u);
}

TEST(SharedVault, SaysWhenSomebodyElseWrote) {
  const TempDir home;
  found(home);
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault);
  auto ours = vault->another();
  ASSERT_TRUE(ours) << say_of(ours);
  const auto before = ours->version();
  ASSERT_TRUE(before);
  EXPECT_EQ(*ours->version(), *before) << "nobody wrote";
  EXPECT_EQ(ours->load(kDesk)->value().access_token.reveal(), "token-of-desk");
  EXPECT_TRUE(vault->remove(kDesk).value_or(false));
  const auto after = ours->version();
  ASSERT_TRUE(after);
  EXPECT_NE(*after, *before);
  EXPECT_EQ(*ours->version(), *after);
  EXPECT_FALSE(ours->load(kDesk)->has_value());
}

TEST(SharedVault, NoticesThatAnotherFileTookItsPlace) {
  const TempDir home;
  found(home);
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault && vault->version());
  std::filesystem::rename(home / "vault.db", home / "away.db");
  EXPECT_EQ(why_of(vault->version()), Why::kConflict);
  EXPECT_EQ(why_of(vault->another()), Why::kConflict);
}

}  // namespace
}  // namespace latchkey::broker
