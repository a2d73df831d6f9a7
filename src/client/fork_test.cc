// A ring in a child that was forked from a program of many threads.

#include <future>

#include "client/abi.h"
#include "client/testing.h"

namespace latchkey::client {
namespace {

using testing::Program;

class Forked : public ::testing::Test, protected Program {
 protected:
  Forked() {
    const auto config = home / "config.toml";
    latchkey_options options{};
    options.size = sizeof options;
    options.config = config.c_str();
    EXPECT_EQ(open_ring(registry, world(), provider.clock, &options, &ring, nullptr), LATCHKEY_OK);
  }
  ~Forked() override { latchkey_close(ring); }

  std::string text(int64_t timeout_ms = 20'000) const {
    latchkey_token* token = nullptr;
    const int code = latchkey_get_token(ring, "desk", 60, timeout_ms, &token, nullptr);
    if (code != LATCHKEY_OK) return "code " + std::to_string(code);
    std::string copy = latchkey_token_text(token);
    latchkey_token_free(token);
    return copy;
  }

  latchkey_ring* ring = nullptr;
};

TEST_F(Forked, GetsTheSameTokenAndLeavesTheParentsAlone) {
  const std::string before = text();
  const int child = broker::testing::exit_of(broker::testing::start([&] {
    const bool same = text() == before;
    const int closed = latchkey_close(ring);
    return same && closed == LATCHKEY_OK ? 0 : 1;
  }));
  EXPECT_EQ(child, 0);
  EXPECT_EQ(text(0), before) << "still in memory";
}

TEST_F(Forked, ClosesARingThatItNeverUsed) {
  text();
  EXPECT_EQ(broker::testing::exit_of(broker::testing::start([&] { return latchkey_close(ring); })),
            0);
}

// I1 single successor: the child waits for the renewal that the parent began.
TEST_F(Forked, InTheMiddleOfARenewalTakesWhatTheParentGets) {
  gate.close("desk");
  auto renewal = std::async(std::launch::async, [&] { return text(); });
  gate.wait_for_one();
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = broker::testing::start([&] {
    // What it sends would stay at the gate, which nobody opens here.
    const bool ready = write(told[1], "!", 1) == 1;
    const std::string got = ready ? text() : "";
    const bool sent = write(told[1], got.data(), got.size()) == static_cast<ssize_t>(got.size());
    return sent ? 0 : 1;
  });
  close(told[1]);
  char buffer[8192];
  ASSERT_EQ(read(told[0], buffer, 1), 1) << "it asks now";
  gate.open();
  const std::string token = renewal.get();
  EXPECT_EQ(broker::testing::exit_of(child), 0);
  const auto size = read(told[0], buffer, sizeof buffer);
  close(told[0]);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0))), token);
}

TEST_F(Forked, DoesNotCancelOrFreeWhatIsTheParents) {
  gate.close("desk");
  std::promise<int> promise;
  latchkey_request* request = nullptr;
  const auto callback = [](void* context, int code, latchkey_token* token, latchkey_error* error) {
    latchkey_token_free(token);
    latchkey_error_free(error);
    static_cast<std::promise<int>*>(context)->set_value(code);
  };
  ASSERT_EQ(latchkey_request_token(ring, "desk", 60, 20'000, callback, &promise, &request, nullptr),
            LATCHKEY_OK);
  gate.wait_for_one();
  EXPECT_EQ(broker::testing::exit_of(broker::testing::start([&] {
              latchkey_cancel(request);
              latchkey_request_free(request);
              return 0;
            })),
            0);
  gate.open();
  EXPECT_EQ(promise.get_future().get(), LATCHKEY_OK);
  latchkey_request_free(request);
}

}  // namespace
}  // namespace latchkey::client
