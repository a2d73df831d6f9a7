#include "broker/reserve.h"

#include <fcntl.h>

#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using testing::chain_in;
using testing::TempDir;
using testing::why_of;

long long blocks_of(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 ? info.st_blocks * 512 : -1;
}

TEST(Reserve, IsSpaceThatIsReallyThere) {
  const TempDir home;
  const std::string vault = home / "vault.db";
  ASSERT_TRUE(hold_reserve(vault));
  EXPECT_GE(blocks_of(vault + ".reserve"), kReserveBytes);
  ASSERT_TRUE(hold_reserve(vault)) << "it is there already";
  release_reserve(vault);
  EXPECT_EQ(blocks_of(vault + ".reserve"), -1);
  release_reserve(vault);
}

TEST(Reserve, OfZerosWithoutBlocksIsNone) {
  const TempDir home;
  const std::string vault = home / "vault.db";
  testing::write_file(vault + ".reserve", "");
  ASSERT_EQ(truncate((vault + ".reserve").c_str(), kReserveBytes), 0);
  ASSERT_TRUE(hold_reserve(vault));
  EXPECT_GE(blocks_of(vault + ".reserve"), kReserveBytes);
}

TEST(Reserve, IsNotHeldBehindALinkOrWhereNothingMayBe) {
  const TempDir home;
  std::filesystem::create_symlink(home / "elsewhere", home / "vault.db.reserve");
  EXPECT_EQ(why_of(hold_reserve(home / "vault.db")), Why::kStore);
  EXPECT_FALSE(std::filesystem::exists(home / "elsewhere"));
  EXPECT_EQ(why_of(hold_reserve(home / "nowhere/vault.db")), Why::kStore);
}

/// Fills the disk that holds `home` to the last byte.
void fill_disk(const std::string& home) {
  const int file = open((home + "/filler").c_str(), O_WRONLY | O_CREAT, 0600);
  const std::string block(4096, 'x');
  for (std::size_t size = block.size(); size > 0; size /= 2)
    while (write(file, block.data(), size) > 0) {
    }
  close(file);
}

// I2 no orphan: the answer is in hand, and the disk is full.
int store_on_a_full_disk(const TempDir& home, bool reserve) {
  // A disk of our own: in a namespace that ends with this process.
  if (!testing::has_own_mounts() ||
      mount("none", home.path().c_str(), "tmpfs", 0, "size=1m,mode=700") != 0)
    return 77;
  auto vault = Vault::open(chain_in(home), true);
  if (!vault) return 1;
  const ProfileName desk("desk");
  Entry entry;
  entry.kept.emplace("much", Secret(std::string(20'000, 'k')));
  if (!vault->store(desk, entry)) return 2;
  if (reserve && !vault->hold_reserve()) return 3;
  fill_disk(home.path());
  if (!reserve) return vault->hold_reserve() ? 4 : 0;
  entry.refresh_token = Secret("the successor");
  entry.kept.emplace("more", Secret(std::string(20'000, 'm')));
  auto plain = vault->store(desk, entry);
  if (plain) return 5;
  if (!vault->store_with_reserve(desk, entry)) return 6;
  return vault->load(desk)->value().refresh_token == Secret("the successor") ? 0 : 7;
}

class FullDisk : public ::testing::TestWithParam<bool> {};

TEST_P(FullDisk, TakesWhatComesBackOrLetsNothingLeave) {
  const TempDir home;
  const bool reserve = GetParam();
  const int code =
      testing::exit_of(testing::start([&] { return store_on_a_full_disk(home, reserve); }));
  if (code == 77) GTEST_SKIP() << "a small disk needs the right to mount one";
  EXPECT_EQ(code, 0);
}

INSTANTIATE_TEST_SUITE_P(, FullDisk, ::testing::Values(true, false));

}  // namespace
}  // namespace latchkey::broker
