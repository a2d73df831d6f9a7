#include "broker/clocks.h"

#include "broker/broker.h"
#include "broker/testing.h"
#include "dialects/alor/alor.h"
#include "dialects/chathub/chathub.h"
#include "dialects/fastconnect/fastconnect.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::kNoon;

struct Row {
  const char* title;
  std::optional<Seconds> refresh;      // how long the refresh token lives from noon on
  std::optional<Seconds> credentials;  // how old the credentials are at noon
  Seconds rotate_after;
  std::optional<HumanAction> human;
};

class TwoClocks : public ::testing::TestWithParam<Row> {};

TEST_P(TwoClocks, SayWhatAPersonMustDoNext) {
  const Row& row = GetParam();
  Profile profile = testing::profile_of(dialects::fastconnect::dialect(), {});
  profile.rotate_credentials_after = row.rotate_after;
  Entry entry{.access_token = Secret("access"), .access_until = kNoon + 60s};
  if (row.refresh) {
    entry.refresh_token = Secret("refresh");
    entry.refresh_until = kNoon + *row.refresh;
  }
  if (row.credentials) entry.credentials_since = kNoon - *row.credentials;
  const Clocks clocks = clocks_of(profile, entry, kNoon);
  EXPECT_EQ(clocks.access_until, kNoon + 60s);
  EXPECT_EQ(clocks.human, row.human) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    , TwoClocks,
    ::testing::Values(
        Row{"the login dies with its refresh token", 1h, 1h, 0s,
            HumanAction{Duty::kLogIn, kNoon + 1h}},
        Row{"nothing left but the access token",
            {},
            1h,
            0s,
            HumanAction{Duty::kLogIn, kNoon + 60s}},
        Row{"credentials due before the login dies", 24h, 10h, 20h,
            HumanAction{Duty::kRotateCredentials, kNoon + 10h}},
        Row{"credentials due a second before", 24h, 10h, 34h - 1s,
            HumanAction{Duty::kRotateCredentials, kNoon + 24h - 1s}},
        Row{"both at once: the login", 24h, 10h, 34h, HumanAction{Duty::kLogIn, kNoon + 24h}},
        Row{"credentials overdue", 24h, 30h, 20h,
            HumanAction{Duty::kRotateCredentials, kNoon - 10h}},
        Row{"an age that nobody knows", 24h, {}, 20h, HumanAction{Duty::kLogIn, kNoon + 24h}},
        Row{"an age beyond all time", 24h, 1h, Seconds::max(),
            HumanAction{Duty::kLogIn, kNoon + 24h}}));

TEST(TwoClocksOf, AProfileThatLogsInAloneHaveTheCredentialsOnly) {
  Profile profile = testing::profile_of(dialects::chathub::dialect(), {{"login", "demo"}});
  profile.sources["password"] = {SecretSource::Kind::kVariable, {"PASSWORD"}};
  Entry entry;
  EXPECT_EQ(clocks_of(profile, entry, kNoon).human, std::nullopt);
  entry.credentials_since = kNoon;
  profile.rotate_credentials_after = 90 * 24h;
  EXPECT_EQ(clocks_of(profile, entry, kNoon).human,
            (HumanAction{Duty::kRotateCredentials, kNoon + 90 * 24h}));
  EXPECT_EQ(clocks_of(profile, entry, kNoon).access_until, std::nullopt);
}

TEST(Credentials, AgeFromTheirFirstUseUntilTheyAreChanged) {
  const Profile profile = testing::profile_of(dialects::chathub::dialect(), {{"login", "demo"}});
  dialect::Answers answers;
  answers.emplace("password", Secret("first"));
  Entry entry;
  note_credentials(entry, profile, answers, kNoon);
  EXPECT_EQ(entry.credentials_since, kNoon);
  EXPECT_EQ(entry.credentials_mark.size(), 4u) << "no more of a hash than tells two apart";
  note_credentials(entry, profile, answers, kNoon + 24h);
  EXPECT_EQ(entry.credentials_since, kNoon) << "the same ones, used again";
  answers.insert_or_assign("password", Secret("second"));
  note_credentials(entry, profile, answers, kNoon + 48h);
  EXPECT_EQ(entry.credentials_since, kNoon + 48h);
}

TEST(Credentials, HaveNoAgeWhereAPersonPastesAToken) {
  const Profile profile = testing::profile_of(dialects::alor::dialect(), {});
  dialect::Answers answers;
  answers.emplace("refresh_token", Secret("x"));
  Entry entry;
  note_credentials(entry, profile, answers, kNoon);
  EXPECT_EQ(entry.credentials_since, std::nullopt);
}

TEST(Remedy, NamesTheCommand) {
  const Profile profile = testing::profile_of(dialects::chathub::dialect(), {});
  EXPECT_EQ(remedy(profile, Duty::kLogIn), "latchkey login desk");
  EXPECT_EQ(remedy(profile, Duty::kRotateCredentials),
            "get new credentials from SMSBAT ChatHub, then: latchkey login desk");
}

/// In a time zone for the length of a test.
class InZone {
 public:
  explicit InZone(const char* zone) { set(zone); }
  ~InZone() { set("UTC0"); }

 private:
  static void set(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
};

TEST(LocalTime, HasTheOffsetOfItsZone) {
  const std::tuple<const char*, Instant, const char*> rows[] = {
      {"UTC0", kNoon, "2026-03-01T12:00:00+00:00"},
      {"ICT-7", kNoon, "2026-03-01T19:00:00+07:00"},
      {"NST3:30", kNoon, "2026-03-01T08:30:00-03:30"},
      {"CST-8", kNoon + 12h, "2026-03-02T08:00:00+08:00"},
      {"ICT-7", kEndOfTime, "9999-12-31T23:59:59+00:00"}};
  for (const auto& [zone, at, text] : rows) {
    const InZone in(zone);
    EXPECT_EQ(to_local_rfc3339(at), text) << zone;
  }
}

TEST(Described, HasBothClocksInThreeForms) {
  const InZone in("ICT-7");
  const Profile profile = testing::profile_of(dialects::chathub::dialect(), {});
  EXPECT_EQ(json::write(described(kNoon + 60s, kNoon)),
            R"({"until":"2026-03-01T12:01:00Z","local":"2026-03-01T19:01:00+07:00",)"
            R"("epoch":1772366460,"seconds":60})");
  EXPECT_EQ(json::write(described(profile, HumanAction{Duty::kLogIn, kNoon - 1s}, kNoon)),
            R"({"until":"2026-03-01T11:59:59Z","local":"2026-03-01T18:59:59+07:00",)"
            R"("epoch":1772366399,"seconds":-1,"kind":"log-in","what":"log in again",)"
            R"("remedy":"latchkey login desk"})");
  EXPECT_TRUE(described(std::nullopt, kNoon).is_null());
  EXPECT_TRUE(described(profile, std::nullopt, kNoon).is_null());
}

}  // namespace
}  // namespace latchkey::broker
