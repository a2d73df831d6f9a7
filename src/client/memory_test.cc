// N4: a valid token from memory makes no system call. The kernel is the judge: a thread
// in strict seccomp mode is killed at its first call that is not read, write or exit.

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <future>

#include "client/abi.h"
#include "client/testing.h"
#include "net/clock.h"

namespace latchkey::client {
namespace {

using testing::Program;

/// The clock of this machine, at the noon of the tests.
class CoarseNoon final : public Clock {
 public:
  Instant now() const override { return machine_.now() + offset_; }

 private:
  net::CoarseClock machine_;
  Seconds offset_ = broker::testing::kNoon - machine_.now();
};

TEST(Memory, GivesATokenWithoutASystemCall) {
  Program program;
  const CoarseNoon clock;
  const auto config = program.home / "config.toml";
  latchkey_options options{};
  options.size = sizeof options;
  options.config = config.c_str();
  options.recheck_seconds = 3600;
  latchkey_ring* ring = nullptr;
  ASSERT_EQ(open_ring(program.registry, program.world(), clock, &options, &ring, nullptr),
            LATCHKEY_OK);
  latchkey_token* token = nullptr;
  ASSERT_EQ(latchkey_get_token(ring, "desk", 60, -1, &token, nullptr), LATCHKEY_OK);
  latchkey_token_free(token);

  std::atomic<long> given{0};
  std::atomic<int> strict{-1};
  std::atomic<bool> forbidden{false};
  const auto in_prison = [&](bool then_call) {
    given = 0;
    std::thread([&, then_call] {
      strict = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
      if (strict == 0) {
        for (int i = 0; i < 100'000; ++i) {
          latchkey_token* mine = nullptr;
          if (latchkey_get_token(ring, "desk", 60, -1, &mine, nullptr) == LATCHKEY_OK) ++given;
          latchkey_token_free(mine);
        }
        if (then_call) forbidden = syscall(SYS_getppid) >= 0;
      }
      syscall(SYS_exit, 0);
    }).join();
  };
  in_prison(false);
  if (strict != 0) {
    latchkey_close(ring);
    GTEST_SKIP() << "this machine has no seccomp";
  }
  EXPECT_EQ(given, 100'000);
  in_prison(true);
  EXPECT_EQ(given, 100'000);
  EXPECT_FALSE(forbidden) << "the kernel lets a system call pass: this test says nothing";
  latchkey_close(ring);
}

}  // namespace
}  // namespace latchkey::client
