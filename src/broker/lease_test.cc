#include "broker/lease.h"

#include <signal.h>

#include <thread>

#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

const ProfileName kDesk("desk");

/// A process that holds the lease until it is told to let go, or killed.
class Holder {
 public:
  explicit Holder(const std::string& directory) {
    if (pipe(ready_) != 0 || pipe(go_) != 0) ADD_FAILURE();
    child_ = testing::start([&] {
      close(go_[1]);
      const auto lease = Lease::take(directory, kDesk, 1s);
      char c = lease ? '1' : '0';
      if (write(ready_[1], &c, 1) != 1) return 2;
      return static_cast<int>(read(go_[0], &c, 1));  // until the other end closes
    });
    char c = 0;
    EXPECT_EQ(read(ready_[0], &c, 1), 1);
    EXPECT_EQ(c, '1');
  }
  ~Holder() {
    let_go();
    for (int fd : {ready_[0], ready_[1], go_[0]}) close(fd);
  }
  void let_go() {
    if (child_ < 0) return;
    close(go_[1]);
    EXPECT_EQ(testing::exit_of(child_), 0);
    child_ = -1;
  }
  void die() {
    kill(child_, SIGKILL);
    EXPECT_EQ(testing::exit_of(child_), -1);
    close(go_[1]);
    child_ = -1;
  }

 private:
  int ready_[2], go_[2];
  pid_t child_ = -1;
};

// I3 exactly once
TEST(Lease, IsWaitedForByASecondProcess) {
  const TempDir home;
  Holder holder(home.path());
  EXPECT_EQ(why_of(Lease::take(home.path(), kDesk, 0ms)), Why::kUnavailable);
  std::thread waiting([&] {
    const auto lease = Lease::take(home.path(), kDesk, 20s);
    EXPECT_TRUE(lease) << say_of(lease);
  });
  holder.let_go();
  waiting.join();
}

TEST(Lease, IsFreedWhenItsHolderIsKilled) {
  const TempDir home;
  Holder holder(home.path());
  holder.die();
  EXPECT_TRUE(Lease::take(home.path(), kDesk, 0ms));
}

// I8 bounded
TEST(Lease, EndsItsWaitingInTime) {
  const TempDir home;
  const auto held = Lease::take(home.path(), kDesk, 0ms);
  ASSERT_TRUE(held);
  const auto begun = std::chrono::steady_clock::now();
  const auto second = Lease::take(home.path(), kDesk, 200ms);
  const auto waited = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(why_of(second), Why::kUnavailable);
  EXPECT_NE(say_of(second).find("desk"), std::string::npos);
  EXPECT_GE(waited, 200ms);
  EXPECT_LT(waited, 5s);
}

// I9 no collateral
TEST(Lease, OfOneProfileLeavesTheOthersAlone) {
  const TempDir home;
  const auto held = Lease::take(home.path(), kDesk, 0ms);
  ASSERT_TRUE(held);
  EXPECT_TRUE(Lease::take(home.path(), ProfileName("other"), 0ms));
  EXPECT_TRUE(Lease::take(home.path(), ProfileName("../desk"), 0ms));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(home / "locks"), {}), 3);
}

TEST(Lease, MovesWithItsOwner) {
  const TempDir home;
  auto held = Lease::take(home.path(), kDesk, 0ms);
  ASSERT_TRUE(held);
  {
    const Lease moved = std::move(*held);
    EXPECT_FALSE(Lease::take(home.path(), kDesk, 0ms));
  }
  EXPECT_TRUE(Lease::take(home.path(), kDesk, 0ms));
}

TEST(Lease, DoesNotFollowALinkInItsPlace) {
  const TempDir home;
  ASSERT_TRUE(Lease::take(home.path(), kDesk, 0ms));
  const std::string lock = std::filesystem::directory_iterator(home / "locks")->path();
  std::filesystem::remove(lock);
  std::filesystem::create_symlink(home / "elsewhere", lock);
  EXPECT_EQ(why_of(Lease::take(home.path(), kDesk, 0ms)), Why::kStore);
  EXPECT_FALSE(std::filesystem::exists(home / "elsewhere"));
}

}  // namespace
}  // namespace latchkey::broker
