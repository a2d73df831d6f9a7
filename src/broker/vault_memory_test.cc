// What the vault knows beside the tokens, and the way to its second schema.

#include "broker/database.h"
#include "broker/testing.h"
#include "broker/vault.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::chain_in;
using testing::kNoon;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

// I12 no storm
TEST(Turns, AreGivenOnceAnIntervalToAllProgramsTogether) {
  const TempDir home;
  auto one = Vault::open(chain_in(home), true);
  auto two = Vault::open(chain_in(home), true);
  ASSERT_TRUE(one && two);
  const std::string host = "https://api.example";
  EXPECT_EQ(*one->take_turn(host, 1s, kNoon, 30s), 0s);
  EXPECT_EQ(*two->take_turn(host, 1s, kNoon, 30s), 2s);
  EXPECT_EQ(*one->take_turn(host, 1s, kNoon, 30s), 4s);
  EXPECT_EQ(*two->take_turn("https://other.example", 1s, kNoon, 30s), 0s);
  const auto too_long = one->take_turn(host, 1s, kNoon, 5s);
  ASSERT_EQ(why_of(too_long), Why::kTooMany);
  EXPECT_EQ(too_long.error().retry_after, 6s);
  EXPECT_EQ(*one->take_turn(host, 1s, kNoon + 1s, 30s), 5s) << "a turn refused is not taken";
  EXPECT_EQ(*one->take_turn(host, 1s, kNoon + 1h, 30s), 0s);
  EXPECT_EQ(*one->take_turn(host, 1s, kNoon, 30s), 0s) << "the clock was set back by an hour";
}

// Login limits: a few at once, and then one at a time.
TEST(Draws, ComeBackOneByOne) {
  const TempDir home;
  auto vault = Vault::open(chain_in(home), true);
  ASSERT_TRUE(vault);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*vault->draw("x", 3, 60s, kNoon), 0s) << i;
  EXPECT_EQ(*vault->draw("x", 3, 60s, kNoon), 60s);
  EXPECT_EQ(*vault->draw("x", 3, 60s, kNoon + 59s), 1s) << "what is refused is not taken";
  EXPECT_EQ(*vault->draw("x", 3, 60s, kNoon + 60s), 0s);
  EXPECT_EQ(*vault->draw("x", 3, 60s, kNoon + 60s), 60s);
  EXPECT_EQ(*vault->draw("y", 3, 60s, kNoon), 0s);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*vault->draw("x", 3, 60s, kNoon + 1h), 0s) << i;
  EXPECT_EQ(*vault->draw("x", 3, 60s, kNoon - 1h), 0s) << "the clock was set back";
}

const Failure kDown{.serial = 1,
                    .count = 2,
                    .why = Why::kUnavailable,
                    .say = "no connection",
                    .noted = kNoon,
                    .until = kNoon + 2s};

TEST(FailureMemory, IsSharedAndGoesOnCounting) {
  const TempDir home;
  auto one = Vault::open(chain_in(home), true);
  auto two = Vault::open(chain_in(home), false);
  ASSERT_TRUE(one && two);
  const ProfileName desk("desk");
  EXPECT_FALSE(one->failure("desk")->has_value());
  EXPECT_EQ(*one->glimpse(desk, "desk"), (Vault::Glimpse{0, 0}));
  ASSERT_TRUE(one->note("desk", kDown));
  EXPECT_EQ(**two->failure("desk"), kDown);
  ASSERT_TRUE(two->note("desk", kDown));
  EXPECT_EQ(one->glimpse(desk, "desk")->failures, 2) << "who waits sees that another one failed";
  ASSERT_TRUE(two->absolve("desk"));
  EXPECT_EQ((*one->failure("desk"))->count, 0);
  ASSERT_TRUE(two->absolve("desk"));
  ASSERT_TRUE(one->note("desk", kDown));
  EXPECT_EQ((*two->failure("desk"))->serial, 3);
  EXPECT_FALSE(two->failure("other")->has_value());
}

TEST(FailureMemory, TellsAWaiterThatTheEntryChanged) {
  const TempDir home;
  auto vault = Vault::open(chain_in(home), true);
  ASSERT_TRUE(vault);
  const ProfileName desk("desk");
  Entry entry;
  ASSERT_TRUE(vault->store(desk, entry));
  EXPECT_EQ(vault->glimpse(desk, "desk")->generation, 1);
  ASSERT_TRUE(*vault->remove(desk));
  EXPECT_EQ(vault->glimpse(desk, "desk")->generation, 2);
}

/// A vault as the first version of this program left it, with one entry.
void found_old(const TempDir& home) {
  {
    auto vault = Vault::open(chain_in(home), true);
    ASSERT_TRUE(vault);
    Entry entry;
    entry.access_token = Secret("kept through the change");
    ASSERT_TRUE(vault->store(ProfileName("desk"), entry));
  }
  const auto database = Database::open(home / "vault.db");
  ASSERT_TRUE(database);
  ASSERT_TRUE(database->execute("DROP TABLE failures; PRAGMA user_version=1"));
}

TEST(Schema, OfAnOlderVaultIsBroughtUpToDate) {
  const TempDir home;
  found_old(home);
  auto vault = Vault::open(chain_in(home), false);
  ASSERT_TRUE(vault) << say_of(vault);
  EXPECT_EQ(vault->load(ProfileName("desk"))->value().access_token.reveal(),
            "kept through the change");
  EXPECT_TRUE(vault->note("desk", kDown));
  EXPECT_TRUE(Vault::open(chain_in(home), false));
}

TEST(Schema, IsChangedByOneOfManyProcesses) {
  const TempDir home;
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i)
    children.push_back(testing::start([&] {
      close(gate[1]);
      char c;
      if (read(gate[0], &c, 1) != 0) return 9;
      auto vault = Vault::open(chain_in(home), false);
      return vault && vault->note("desk", kDown) ? 0 : 1;
    }));
  found_old(home);
  close(gate[1]);
  for (const pid_t child : children) EXPECT_EQ(testing::exit_of(child), 0);
  close(gate[0]);
  EXPECT_EQ((*Vault::open(chain_in(home), false)->failure("desk"))->serial, 8);
}

// The file's head still says 2 when the step of a newer program is only in the log.
TEST(Schema, OfANewerProgramIsRefusedThoughOnlyItsLogSaysSo) {
  const TempDir home;
  ASSERT_TRUE(Vault::open(chain_in(home), true));
  const auto newer = Database::open(home / "vault.db");
  ASSERT_TRUE(newer && newer->execute("PRAGMA user_version=3"));
  const auto vault = Vault::open(chain_in(home), false);
  ASSERT_EQ(why_of(vault), Why::kStore);
  EXPECT_NE(say_of(vault).find("newer latchkey"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::broker
