// A company's token and its operator's: caching, renewal, and what happens when the
// provider does not play along.

#include <sqlite3.h>

#include "broker/broker.h"
#include "broker/lease.h"
#include "broker/testing.h"
#include "dialects/chathub/chathub.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Fault;
using testing::Provider;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

const std::string kCompany = "/api/company/get-token";
const std::string kOperator = "/api/operator/get-token";

class Delegating : public ::testing::Test {
 protected:
  Delegating()
      : provider(dialects::chathub::dialect(),
                 {{"company_lifetime", "72h"}, {"auth_interval", "1s"}}),
        profile(testing::profile_of(dialects::chathub::dialect(),
                                    {{"login", "demo-company"}, {"operator", "1"}})),
        vault(Vault::open(testing::chain_in(home), true).value()),
        broker(vault, provider.world({{"PASSWORD", "demo-password"}})) {
    profile.sources["password"] = {SecretSource::Kind::kVariable, {"PASSWORD"}};
  }
  Handed logged_in() {
    auto handed = broker.login(profile, {}, SecondFactor::kAsk, person);
    EXPECT_TRUE(handed) << say_of(handed);
    return handed.value_or(Handed{});
  }
  Entry entry() { return vault.load(profile.name).value().value(); }
  void go_to(Instant when) { provider.clock.advance(when - provider.clock.now()); }

  TempDir home;
  Provider provider;
  Profile profile;
  testing::Script person;
  Vault vault;
  Broker broker;
};

TEST_F(Delegating, HandsOutTheOperatorsTokenFromTheVault) {
  const Handed first = logged_in();
  ASSERT_FALSE(first.token.empty());
  EXPECT_FALSE(entry().parent_token.empty());
  const int served = provider.served();
  const auto again = broker.token(profile, 60s);
  ASSERT_TRUE(again) << say_of(again);
  EXPECT_EQ(again->token, first.token);
  EXPECT_EQ(provider.served(), served) << "a token that lives needs no request";
}

TEST_F(Delegating, RenewsAtTheBoundaryAndWithoutACompanyLogin) {
  const Handed first = logged_in();
  go_to(*first.until - 60s);
  EXPECT_EQ(broker.token(profile, 60s)->token, first.token);
  go_to(*first.until - 59s);
  const auto second = broker.token(profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_FALSE(second->token == first.token);
  EXPECT_GT(*second->until, *first.until + 20h);
  EXPECT_EQ(provider.served(kCompany), 1);
  EXPECT_EQ(provider.served(kOperator), 2);
}

TEST_F(Delegating, LogsInAloneWhenTheCompanysTokenIsOver) {
  logged_in();
  provider.clock.advance(72h);
  const auto handed = broker.token(profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(provider.served(kCompany), 2);
}

TEST_F(Delegating, NeedsNoFirstLoginByAPerson) {
  EXPECT_TRUE(broker.token(profile, 60s));
  profile.sources["password"].words = {"NOT_SET"};
  profile.name = ProfileName("other");
  const auto refused = broker.token(profile, 60s);
  EXPECT_EQ(why_of(refused), Why::kPersonNeeded);
  EXPECT_NE(say_of(refused).find("NOT_SET"), std::string::npos);
}

TEST_F(Delegating, LogsInAgainWhenTheCompanysTokenWasRevoked) {
  const Handed first = logged_in();
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  go_to(*first.until);
  const auto handed = broker.token(profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(provider.served(kCompany), 2);
}

// I12 no storm
TEST_F(Delegating, NeverCallsFasterThanTheProviderAllows) {
  Vault second = Vault::open(testing::chain_in(home), false).value();
  Broker other(second, provider.world({{"PASSWORD", "demo-password"}}));
  Profile colleague = profile;
  colleague.name = ProfileName("colleague");
  colleague.facts["operator"] = "2";
  logged_in();
  EXPECT_TRUE(other.token(colleague, 60s));  // the provider would refuse with 429
  EXPECT_EQ(provider.served(), 4);
  EXPECT_GE(provider.clock.now() - testing::kNoon, 3s);
}

TEST_F(Delegating, RefreshesNowWhenItIsTold) {
  const Handed first = logged_in();
  const auto second = broker.refresh(profile);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_FALSE(second->token == first.token);
  EXPECT_EQ(provider.served(kOperator), 2);
}

struct Down {
  const char* title;
  Fault fault;
  Why why;
};
class WhenDown : public Delegating, public ::testing::WithParamInterface<Down> {};

TEST_P(WhenDown, HandsOutTheOldTokenWithAWarningWhileItLives) {
  const Handed first = logged_in();
  go_to(*first.until - 59s);
  provider.always(GetParam().fault);
  const auto old = broker.token(profile, 60s);
  ASSERT_TRUE(old) << GetParam().title << ": " << say_of(old);
  EXPECT_EQ(old->token, first.token);
  EXPECT_NE(old->warning.find("still lives"), std::string::npos);
  EXPECT_EQ(why_of(broker.refresh(profile)), GetParam().why) << "who asks for a new one is told";
  go_to(*first.until);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), GetParam().why);
  provider.always(Fault::kNone);
  provider.clock.advance(3601s);  // whatever was said, or grew, is over
  const auto fresh = broker.token(profile, 60s);
  ASSERT_TRUE(fresh) << say_of(fresh);
  EXPECT_TRUE(fresh->warning.empty());
}

INSTANTIATE_TEST_SUITE_P(
    , WhenDown,
    ::testing::Values(Down{"unreachable", Fault::kUnreachable, Why::kUnavailable},
                      Down{"no answer", Fault::kAnswerLost, Why::kNoAnswer},
                      Down{"503", Fault::kNotThere, Why::kUnavailable},
                      Down{"429", Fault::kSlowDown, Why::kTooMany},
                      Down{"a web page", Fault::kNonsense, Why::kBadResponse}));

TEST_F(Delegating, TriesAgainWhatPasses) {
  logged_in();
  provider.next(kOperator, Fault::kUnreachable);
  provider.next(kOperator, Fault::kNotThere);
  EXPECT_TRUE(broker.refresh(profile));
}

TEST_F(Delegating, NeverTriesAWrongPasswordTwice) {
  Broker wrong(vault, provider.world({{"PASSWORD", "wrong"}}));
  EXPECT_EQ(why_of(wrong.token(profile, 60s)), Why::kBadCredentials);
  provider.clock.advance(24h);
  const auto again = wrong.token(profile, 60s);
  EXPECT_EQ(why_of(again), Why::kPersonNeeded);
  EXPECT_NE(say_of(again).find("latchkey login desk"), std::string::npos);
  EXPECT_EQ(provider.served(), 1);
}

TEST_F(Delegating, SaysThatNoTokenLivesAsLongAsIsAsked) {
  const Handed first = logged_in();
  const auto second = broker.token(profile, 48h);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_FALSE(second->token == first.token);
  EXPECT_NE(second->warning.find("only"), std::string::npos);
}

TEST_F(Delegating, KeepsOnlyWhatTheUserAllows) {
  profile.sources.clear();
  person.answers["password"] = "demo-password";
  logged_in();
  EXPECT_FALSE(entry().kept.contains("password"));
  provider.clock.advance(80h);
  const auto refused = broker.token(profile, 60s);
  EXPECT_EQ(why_of(refused), Why::kPersonNeeded);
  EXPECT_NE(say_of(refused).find("latchkey login desk"), std::string::npos);

  profile.keep_secrets = true;
  logged_in();
  EXPECT_EQ(entry().kept.find("password")->second.reveal(), "demo-password");
  provider.clock.advance(80h);
  EXPECT_TRUE(broker.token(profile, 60s));
}

TEST_F(Delegating, StoresNoSecretThatComesFromElsewhere) {
  profile.keep_secrets = true;
  logged_in();
  EXPECT_TRUE(entry().kept.empty());
}

TEST_F(Delegating, LogsInOverAnEntryThatCannotBeRead) {
  logged_in();
  // As an entry sealed under another name, from a backup that was mixed up.
  {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open((home / "vault.db").c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw, "UPDATE entries SET sealed=x'00'", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(raw);
  }
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kStore);
  logged_in();
  EXPECT_TRUE(broker.token(profile, 60s));
}

TEST_F(Delegating, ValidatesWithTheCompanysTokenAndNeverRenews) {
  const Handed first = logged_in();
  const auto alive = broker.validate(profile);
  ASSERT_TRUE(alive) << say_of(alive);
  EXPECT_TRUE(alive->valid);
  go_to(*first.until);
  const auto dead = broker.validate(profile);
  ASSERT_TRUE(dead) << say_of(dead);
  EXPECT_FALSE(dead->valid);
  EXPECT_EQ(provider.served(kOperator), 1);
  EXPECT_TRUE(*broker.forget(profile));
  EXPECT_FALSE(*broker.forget(profile));
  EXPECT_EQ(why_of(broker.validate(profile)), Why::kPersonNeeded);
}

TEST_F(Delegating, HandsOutNoTokenThatTheProviderCallsDead) {
  const Handed first = logged_in();
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm(), .operator_id = 1}, "test",
                                      provider.clock.now()));
  EXPECT_FALSE(broker.validate(profile)->valid);
  const auto next = broker.token(profile, 60s);
  ASSERT_TRUE(next) << say_of(next);
  EXPECT_FALSE(next->token == first.token);
  EXPECT_TRUE(broker.validate(profile)->valid);
}

TEST_F(Delegating, CarriesTheTokenWithoutReadingASecret) {
  const Handed first = logged_in();
  profile.sources["password"] = {SecretSource::Kind::kCommand, {"false"}};
  const auto headers = broker.headers(profile, 60s);
  ASSERT_TRUE(headers) << say_of(headers);
  EXPECT_EQ(*headers->find("Authorization"), "Bearer " + std::string(first.token.reveal()));
  http::Request request;
  request.target.path = "/api/operator";
  const auto response = broker.request(profile, request, true);
  ASSERT_TRUE(response) << say_of(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(Delegating, SaysThatATokenCannotBeEndedEarly) {
  logged_in();
  EXPECT_EQ(why_of(broker.revoke(profile)), Why::kUnsupported);
}

// I8 bounded: whoever holds the lease, a token that lives is handed out.
TEST_F(Delegating, NeverWaitsForALeaseWhenTheTokenLives) {
  const Handed first = logged_in();
  const auto held = Lease::take(home.path(), profile.name, 0ms);
  ASSERT_TRUE(held);
  EXPECT_EQ(broker.token(profile, 60s)->token, first.token);
}

}  // namespace
}  // namespace latchkey::broker
