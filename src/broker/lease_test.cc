#include "broker/lease.h"

#include <fcntl.h>
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

// One lock a credential: a home behind a link is the same home.
TEST(Lease, IsTheSameThroughALinkedDirectory) {
  const TempDir home;
  std::filesystem::create_directory(home / "disk");
  std::filesystem::create_directory_symlink(home / "disk", home / "home");
  const auto held = Lease::take(home / "disk", kDesk, 0ms);
  ASSERT_TRUE(held);
  EXPECT_EQ(why_of(Lease::take(home / "home", kDesk, 0ms)), Why::kUnavailable);
}

TEST(Lease, IsTheSameThroughABindMount) {
  const TempDir home;
  std::filesystem::create_directory(home / "disk");
  std::filesystem::create_directory(home / "home");
  const int code = testing::exit_of(testing::start([&] {
    if (!testing::has_own_mounts() ||
        mount((home / "disk").c_str(), (home / "home").c_str(), "", MS_BIND, nullptr) != 0)
      return 77;
    const auto held = Lease::take(home / "disk", kDesk, 0ms);
    return held && why_of(Lease::take(home / "home", kDesk, 0ms)) == Why::kUnavailable ? 0 : 1;
  }));
  if (code == 77) GTEST_SKIP() << "a bind mount needs the right to make one";
  EXPECT_EQ(code, 0);
}

TEST(Lease, EndsItsWaitingWhenThereIsNothingLeftToWaitFor) {
  const TempDir home;
  auto held = std::optional(Lease::take(home.path(), kDesk, 0ms).value());
  int looks = 0;
  const auto settled = [&]() -> Result<bool> { return ++looks == 3; };
  const auto none = Lease::take_unless(home.path(), kDesk, 20s, settled);
  ASSERT_TRUE(none) << say_of(none);
  EXPECT_FALSE(none->has_value());
  EXPECT_EQ(looks, 3);
  const auto broken = Lease::take_unless(
      home.path(), kDesk, 20s, []() -> Result<bool> { return fail(Why::kStore, "cannot look"); });
  EXPECT_EQ(why_of(broken), Why::kStore);
  held.reset();
  EXPECT_TRUE(Lease::take_unless(home.path(), kDesk, 0ms, settled)->has_value());
  EXPECT_EQ(looks, 3) << "who has it at once looks at nothing";
}

/// A child that lives until the gate opens.
pid_t bystander(int gate_in, int gate_out) {
  return testing::start([=] {
    close(gate_out);
    char c;
    return static_cast<int>(read(gate_in, &c, 1));
  });
}

TEST(Lease, IsNotKeptByAChildThatOutlivesItsHolder) {
  const TempDir home;
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  pid_t grandchild = -1;
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t holder = testing::start([&] {
    const auto held = Lease::take(home.path(), kDesk, 0ms);
    const pid_t child = bystander(gate[0], gate[1]);
    if (!held || write(told[1], &child, sizeof child) != sizeof child) return 1;
    raise(SIGKILL);
    return 2;
  });
  EXPECT_EQ(testing::exit_of(holder), -1);
  ASSERT_EQ(read(told[0], &grandchild, sizeof grandchild), ssize_t{sizeof grandchild});
  // The child closes it as the first thing that it does, which may be after this.
  EXPECT_TRUE(Lease::take(home.path(), kDesk, 20s));
  EXPECT_EQ(kill(grandchild, 0), 0) << "it outlived its parent";
  for (int fd : {gate[0], gate[1], told[0], told[1]}) close(fd);
}

TEST(Lease, IsLetGoByItsHolderAloneWhateverItsChildrenDo) {
  const TempDir home;
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  auto held = std::optional(Lease::take(home.path(), kDesk, 0ms).value());
  const pid_t careless = testing::start([&] {
    held.reset();  // the child's copy
    return 0;
  });
  EXPECT_EQ(testing::exit_of(careless), 0);
  EXPECT_EQ(why_of(Lease::take(home.path(), kDesk, 0ms)), Why::kUnavailable);
  const pid_t other = bystander(gate[0], gate[1]);
  held.reset();
  EXPECT_TRUE(Lease::take(home.path(), kDesk, 0ms)) << "though a child lives";
  close(gate[1]);
  EXPECT_EQ(testing::exit_of(other), 0);
  close(gate[0]);
}

TEST(Lease, IsNotInheritedByAProgram) {
  const TempDir home;
  const auto held = Lease::take(home.path(), kDesk, 0ms);
  ASSERT_TRUE(held);
  for (const auto& open : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(open.path(), gone);
    if (target.string().find(home / "locks/") == std::string::npos) continue;
    const int fd = std::stoi(open.path().filename());
    EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  }
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
