// Real processes over real files. The provider is a page of memory that they share: it
// takes each refresh token once.

#include <sys/mman.h>

#include "broker/testing.h"
#include "dialects/fastconnect/fastconnect.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::chain_in;
using testing::kNoon;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

constexpr int kMany = 200;

struct Shared {
  std::atomic<int> head = 1;  ///< "r1", "r2", …
  std::atomic<int> refreshed = 0;
  std::atomic<int> reused = 0;
  std::atomic<int> tokens[kMany] = {};  ///< the number of the one that each process was handed
};

class SharedProvider final : public http::Client {
 public:
  SharedProvider(Shared& shared, bool stops) : shared_(shared), stops_(stops) {}
  Result<http::Response> send(const http::Request& request) override {
    if (stops_) raise(SIGSTOP);
    const int head = shared_.head;
    if (request.body.find("\"r" + std::to_string(head) + "\"") == std::string::npos) {
      ++shared_.reused;
      return http::json_response(401, R"({"code":401101,"msg":"refresh token invalid"})");
    }
    ++shared_.refreshed;
    shared_.head = head + 1;
    const std::string next = std::to_string(head + 1);
    const std::string until = std::to_string(epoch(kNoon) + 8 * 3600);
    const std::string end = std::to_string(epoch(kNoon) + 32 * 3600);
    return http::json_response(200, R"({"tokenType":"Bearer","accessToken":"a)" + next +
                                        R"(","refreshToken":"r)" + next + R"(","expiresAt":)" +
                                        until + R"(,"refreshExpiresAt":)" + end + "}");
  }

 private:
  Shared& shared_;
  bool stops_;
};

class Processes : public ::testing::Test {
 protected:
  Processes()
      : profile(testing::profile_of(dialects::fastconnect::dialect(), {{"api_key", "k"}})),
        page(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                  0)),
        shared(*new(page) Shared) {
    auto vault = Vault::open(chain_in(home), true);
    EXPECT_TRUE(vault) << say_of(vault);
    Entry entry;
    entry.access_token = Secret("a1");
    entry.access_until = kNoon;  // now: its life is over
    entry.refresh_token = Secret("r1");
    entry.logged_in = kNoon - 8h;
    EXPECT_TRUE(vault->store(profile.name, entry));
  }
  ~Processes() override { munmap(page, sizeof(Shared)); }

  Result<Handed> ask(bool stops = false) {
    auto vault = TRY(Vault::open(chain_in(home), false));
    World world;
    world.clock = &clock;
    world.connect = [&](const Profile&,
                        const std::string&) -> Result<std::unique_ptr<http::Client>> {
      return std::make_unique<SharedProvider>(shared, stops);
    };
    world.wait = [](Seconds) {};
    world.environment = testing::environment({});
    Broker broker(vault, std::move(world));
    return broker.token(profile, 60s);
  }

  TempDir home;
  testing::HandClock clock;
  Profile profile;
  void* page;
  Shared& shared;
};

// I3 exactly once, N7
TEST_F(Processes, RefreshOnceForTwoHundredAndAllGetTheSameToken) {
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < kMany; ++i)
    children.push_back(testing::start([&, i] {
      close(gate[1]);
      char c;
      if (read(gate[0], &c, 1) != 0) return 9;  // all begin when it closes
      const auto handed = ask();
      if (!handed) return 2;
      shared.tokens[i] = std::stoi(std::string(handed->token.reveal().substr(1)));
      return handed->warning.empty() ? 0 : 3;
    }));
  const auto begun = std::chrono::steady_clock::now();
  close(gate[1]);
  for (const pid_t child : children) EXPECT_EQ(testing::exit_of(child), 0);
  const auto took = std::chrono::steady_clock::now() - begun;
  close(gate[0]);
  EXPECT_EQ(shared.refreshed, 1);
  EXPECT_EQ(shared.reused, 0);
  for (const auto& token : shared.tokens) EXPECT_EQ(token, 2);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  RecordProperty("milliseconds", static_cast<int>(milliseconds));
  EXPECT_LT(milliseconds, 20'000) << "somebody waited in vain";
}

// I8 bounded, I2 no orphan: a holder that is stopped costs the others their patience,
// and keeps what it got when it wakes up.
TEST_F(Processes, SurviveAHolderThatIsStopped) {
  profile.timeout = 1s;
  const pid_t sleeper = testing::start([&] { return ask(true) ? 0 : 1; });
  int status = 0;
  ASSERT_EQ(waitpid(sleeper, &status, WUNTRACED), sleeper);
  ASSERT_TRUE(WIFSTOPPED(status));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(why_of(ask()), Why::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
  EXPECT_EQ(shared.refreshed + shared.reused, 0);
  ASSERT_EQ(kill(sleeper, SIGCONT), 0);
  EXPECT_EQ(testing::exit_of(sleeper), 0);
  const auto handed = ask();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(handed->token.reveal(), "a2");
  EXPECT_EQ(shared.refreshed, 1);
}

}  // namespace
}  // namespace latchkey::broker
