// Programs that log in by themselves: when they do, and when they stop.

#include "broker/broker.h"
#include "broker/testing.h"
#include "dialects/tconnect/tconnect.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Fault;
using testing::Provider;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

// A provider that lets a program log in alone.

class Unattended : public ::testing::Test {
 protected:
  Unattended()
      : provider(dialects::tconnect::dialect()),
        profile(testing::profile_of(dialects::tconnect::dialect(),
                                    {{"username", "demo@yourdomain.vn"},
                                     {"client_id", "demo-tconnect-client"},
                                     {"partner_code", "DEMO-PARTNER"}})),
        vault(Vault::open(testing::chain_in(home), true).value()),
        broker(vault, provider.world()) {
    person.answers = {
        {"password", "Demo-Password-1"},
        {"client_secret", "demo-tconnect-secret"},
        {"aes_key",
         std::string(dialects::tconnect::dialect().demo().clients[0].shared_key.reveal())}};
  }
  void log_in(bool keep) {
    profile.keep_secrets = keep;
    const auto handed = broker.login(profile, {}, SecondFactor::kAsk, person);
    ASSERT_TRUE(handed) << say_of(handed);
    until = *handed->until;
  }
  Entry entry() { return vault.load(profile.name).value().value(); }

  TempDir home;
  Provider provider;
  Profile profile;
  testing::Script person;
  Vault vault;
  Broker broker;
  Instant until;
};

TEST_F(Unattended, KeepsWhatRenewalNeedsAndNoPassword) {
  log_in(false);
  EXPECT_TRUE(entry().kept.contains("aes_key"));
  EXPECT_FALSE(entry().kept.contains("password"));
  provider.clock.advance(until - provider.clock.now());
  EXPECT_TRUE(broker.token(profile, 60s)) << "a refresh needs no person";
}

TEST_F(Unattended, LogsInAloneWhenARotationIsLost) {
  log_in(true);
  provider.clock.advance(until - provider.clock.now());
  provider.always(Fault::kAnswerLost);
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kNoAnswer);
  provider.always(Fault::kNone);
  const auto handed = broker.token(profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_FALSE(entry().spending_since);
}

// Two machines with one key end each other's session for ever.
TEST_F(Unattended, DoesNotLogInForEver) {
  log_in(true);
  const auto end_session = [&] {
    ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
    EXPECT_FALSE(broker.validate(profile)->valid);
    provider.clock.advance(kFresh);
  };
  for (int i = 0; i < 10; ++i) {
    end_session();
    ASSERT_TRUE(broker.token(profile, 60s)) << i;
  }
  end_session();
  const int served = provider.served();
  const auto refused = broker.token(profile, 60s);
  EXPECT_EQ(why_of(refused), Why::kTooMany);
  EXPECT_NE(say_of(refused).find("latchkey login desk"), std::string::npos);
  EXPECT_LE(provider.served(), served + 1) << "a refresh, but no login";
  const auto by_hand = broker.login(profile, {}, SecondFactor::kAsk, person);
  EXPECT_TRUE(by_hand) << say_of(by_hand);
}

TEST_F(Unattended, TriesAKeptPasswordOnceThatIsWrong) {
  log_in(true);
  Entry stale = entry();
  stale.kept.insert_or_assign("password", Secret("of last year"));
  ASSERT_TRUE(vault.store(profile.name, stale));
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  provider.clock.advance(until - provider.clock.now());
  EXPECT_EQ(why_of(broker.token(profile, 60s)), Why::kBadCredentials);
  const int served = provider.served();
  for (int i = 0; i < 3; ++i) {
    provider.clock.advance(24h);
    const auto again = broker.token(profile, 60s);
    EXPECT_EQ(why_of(again), Why::kPersonNeeded);
    EXPECT_NE(say_of(again).find("latchkey login desk"), std::string::npos);
  }
  EXPECT_EQ(why_of(broker.refresh(profile)), Why::kPersonNeeded);
  EXPECT_EQ(provider.served(), served) << "it is not sent again";
  ASSERT_TRUE(broker.login(profile, {}, SecondFactor::kAsk, person));
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  provider.clock.advance(24h);
  EXPECT_TRUE(broker.token(profile, 60s)) << "the new one works alone again";
}

TEST_F(Unattended, LogsInAloneWhenTheSessionIsOver) {
  log_in(true);
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  provider.clock.advance(until - provider.clock.now());
  const auto handed = broker.token(profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(entry().logged_in, provider.clock.now());
}

TEST_F(Unattended, RenewsAndSendsOnceMoreAfterA401) {
  log_in(true);
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  http::Request listing{.method = "POST", .target = {"/openapi/v1/transaction/qr", {}}};
  listing.body = R"({"from_date":"2020-01-01 00:00:00","to_date":"2099-01-01 00:00:00",)"
                 R"("limit":10,"page":1})";
  const auto answer = broker.request(profile, listing, false);
  ASSERT_TRUE(answer) << say_of(answer);
  EXPECT_EQ(answer->status, 200) << answer->body;
}

TEST_F(Unattended, AsksForAPersonWhenNothingWasKept) {
  log_in(false);
  ASSERT_TRUE(provider.admin().revoke({.realm = provider.realm()}, "test", provider.clock.now()));
  provider.clock.advance(until - provider.clock.now());
  const auto refused = broker.token(profile, 60s);
  ASSERT_FALSE(refused);
  EXPECT_NE(say_of(refused).find("latchkey login desk"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::broker
