#include "broker/journal.h"

#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::chain_in;
using testing::kNoon;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

struct Told {
  const char* title;
  Why why;
  int status;
  Fate fate;
  Seconds retry_after{0};
};

class FateOf : public ::testing::TestWithParam<Told> {};

TEST_P(FateOf, IsWhatIsProven) {
  const Told& row = GetParam();
  EXPECT_EQ(fate_of({row.why, {}, {}, row.retry_after}, row.status), row.fate) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , FateOf,
    ::testing::Values(Told{"no connection", Why::kUnavailable, 0, Fate::kUnspent},
                      Told{"not even encoded", Why::kBug, 0, Fate::kUnspent},
                      Told{"no answer", Why::kNoAnswer, 0, Fate::kInDoubt},
                      Told{"not HTTP", Why::kBadResponse, 0, Fate::kInDoubt},
                      Told{"a web page", Why::kBadResponse, 200, Fate::kInDoubt},
                      Told{"slow down", Why::kTooMany, 429, Fate::kUnspent},
                      Told{"500", Why::kNoAnswer, 500, Fate::kInDoubt},
                      Told{"502", Why::kNoAnswer, 502, Fate::kInDoubt},
                      Told{"503 that says nothing", Why::kUnavailable, 503, Fate::kInDoubt},
                      Told{"503 that asks to come back", Why::kUnavailable, 503, Fate::kUnspent,
                           1s},
                      Told{"504 that asks to come back", Why::kNoAnswer, 504, Fate::kInDoubt, 1s},
                      Told{"slow down, as a 500", Why::kTooMany, 500, Fate::kInDoubt},
                      Told{"499 is the last that proves", Why::kForbidden, 499, Fate::kUnspent},
                      Told{"wrong client", Why::kBadCredentials, 401, Fate::kUnspent},
                      Told{"dead", Why::kInvalidToken, 400, Fate::kDead},
                      Told{"dead in a 200", Why::kReplayed, 200, Fate::kDead},
                      Told{"dead in a 500", Why::kRevoked, 500, Fate::kDead},
                      Told{"dead of age", Why::kExpired, 401, Fate::kDead}));

Entry in_doubt() {
  Entry entry;
  entry.refresh_token = Secret("r1");
  entry.spending_since = kNoon;
  entry.spending_uptime = {"boot", 100s};
  return entry;
}

struct Moment {
  const char* title;
  Instant now;
  Uptime uptime;
  bool may;
};

class Window : public ::testing::TestWithParam<Moment> {};

TEST_P(Window, IsOpenOnlyForSure) {
  dialect::Traits traits;
  traits.rotation = engine::Rotation::kSingleUse;
  traits.replay_window = 30s;
  EXPECT_EQ(may_replay(in_doubt(), traits, GetParam().now, GetParam().uptime), GetParam().may)
      << GetParam().title;
}

INSTANTIATE_TEST_SUITE_P(
    , Window,
    ::testing::Values(
        Moment{"at once", kNoon, {"boot", 100s}, true},
        Moment{"just inside", kNoon + 29s, {"boot", 129s}, true},
        Moment{"just outside", kNoon + 30s, {"boot", 130s}, false},
        Moment{"the clock was set back", kNoon - 1h, {"boot", 130s}, false},
        Moment{"the clock was set back, but no time went by", kNoon - 1h, {"boot", 101s}, true},
        Moment{"the clock was set ahead", kNoon + 1h, {"boot", 101s}, false},
        Moment{"slept", kNoon + 10s, {"boot", 500s}, false},
        Moment{"another boot", kNoon + 1s, {"later", 101s}, false},
        Moment{"a boot that nobody knows", kNoon + 1s, {"", 101s}, false}));

TEST(MayReplay, DependsOnTheProvidersRule) {
  dialect::Traits traits;
  traits.rotation = engine::Rotation::kSingleUse;
  EXPECT_FALSE(may_replay(in_doubt(), traits, kNoon, {"boot", 100s})) << "no window";
  traits.rotation = engine::Rotation::kReissue;
  EXPECT_TRUE(may_replay(in_doubt(), traits, kNoon + 1000h, {"later", 1s}));
  Entry of_an_older_program = in_doubt();
  of_an_older_program.spending_uptime = {};
  traits.rotation = engine::Rotation::kSingleUse;
  traits.replay_window = 30s;
  EXPECT_FALSE(may_replay(of_an_older_program, traits, kNoon, {"", 0s}));
}

// What a holder that slept through its lease does with the pair that it got for r1.

struct Meanwhile {
  const char* title;
  std::function<void(Entry&)> change;
  bool ours_goes_in;
};

class Sleeper : public ::testing::TestWithParam<Meanwhile> {
 protected:
  Sleeper() : vault(Vault::open(chain_in(home), true).value()) {
    stored.access_token = Secret("a1");
    stored.refresh_token = Secret("r1");
    stored.logged_in = kNoon;
    EXPECT_TRUE(vault.store(desk, stored));
    ours = stored;
    ours.access_token = Secret("a2");
    ours.refresh_token = Secret("r2");
  }
  Result<Entry> keep() {
    return Journal(vault, desk).keep(ours, Secret("r1"), Deadline(0ms), [](Seconds) {});
  }
  TempDir home;
  const ProfileName desk{"desk"};
  Vault vault;
  Entry stored, ours;
};

// I2 no orphan
TEST_P(Sleeper, NeverDropsTheHeadOfTheFamily) {
  GetParam().change(stored);
  ASSERT_TRUE(vault.store(desk, stored));
  const auto kept = keep();
  ASSERT_TRUE(kept) << GetParam().title << ": " << say_of(kept);
  const Entry there = vault.load(desk)->value();
  EXPECT_EQ(there, *kept);
  EXPECT_EQ(there.refresh_token == Secret("r2"), GetParam().ours_goes_in) << GetParam().title;
}

INSTANTIATE_TEST_SUITE_P(
    , Sleeper,
    ::testing::Values(Meanwhile{"its access token was called dead",
                                [](Entry& e) { e.access_token = Secret(); }, true},
                      Meanwhile{"its rotation was given up for lost",
                                [](Entry& e) { e.refresh_token = Secret(); }, true},
                      Meanwhile{"somebody got another pair",
                                [](Entry& e) { e.refresh_token = Secret("r9"); }, false},
                      Meanwhile{"somebody logged in", [](Entry& e) { e.logged_in = kNoon + 1s; },
                                false}));

// I5 no resurrection
TEST_F(Sleeper, DoesNotBringBackWhatWasForgotten) {
  ASSERT_TRUE(*vault.remove(desk));
  EXPECT_EQ(why_of(keep()), Why::kPersonNeeded);
  EXPECT_FALSE(vault.load(desk)->has_value());
}

// Found by model_test: it was told as a refusal of the provider's.
TEST(Journal, IsToTryAgainWhenTheEntryWasChangedUnderIt) {
  const TempDir home;
  auto vault = Vault::open(chain_in(home), true).value();
  const ProfileName desk("desk");
  Entry entry;
  entry.refresh_token = Secret("r1");
  ASSERT_TRUE(vault.store(desk, entry));
  Entry sleeper = entry;
  ASSERT_TRUE(vault.store(desk, entry));
  Journal journal(vault, desk);
  EXPECT_EQ(why_of(journal.begin(sleeper, kNoon, {"boot", 5s})), Why::kUnavailable);
  EXPECT_EQ(why_of(journal.withdraw(sleeper)), Why::kUnavailable);
  EXPECT_EQ(vault.load(desk)->value(), entry);
}

TEST(Journal, WritesBeforeAndKeepsSpaceForAfter) {
  const TempDir home;
  auto vault = Vault::open(chain_in(home), true).value();
  const ProfileName desk("desk");
  Entry entry;
  entry.refresh_token = Secret("r1");
  ASSERT_TRUE(vault.store(desk, entry));
  Journal journal(vault, desk);
  ASSERT_TRUE(journal.begin(entry, kNoon, {"boot", 5s}));
  EXPECT_EQ(vault.load(desk)->value().spending_since, kNoon);
  EXPECT_TRUE(std::filesystem::exists(home / "vault.db.reserve"));
  ASSERT_TRUE(journal.withdraw(entry));
  EXPECT_FALSE(vault.load(desk)->value().spending_since);
}

}  // namespace
}  // namespace latchkey::broker
