// The ways in that need a person: codes, pushes, a browser, a paste.

#include "broker/broker.h"
#include "broker/lease.h"
#include "broker/testing.h"
#include "crypto/totp.h"
#include "dialects/alor/alor.h"
#include "dialects/fastconnect/fastconnect.h"
#include "dialects/sinopac/sinopac.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Provider;
using testing::say_of;
using testing::TempDir;
using testing::why_of;

struct SignIn {
  explicit SignIn(const dialect::Dialect& dialect,
                  std::map<std::string, std::string, std::less<>> facts)
      : provider(dialect),
        profile(testing::profile_of(dialect, std::move(facts))),
        vault(Vault::open(testing::chain_in(home), true).value()),
        broker(vault, provider.world()) {}
  Result<Handed> log_in(const dialect::Answers& given = {},
                        SecondFactor factor = SecondFactor::kAsk) {
    return broker.login(profile, given, factor, person);
  }
  bool has_entry() { return vault.load(profile.name).value().has_value(); }

  TempDir home;
  Provider provider;
  Profile profile;
  testing::Script person;
  Vault vault;
  Broker broker;
};

/// An account with a second factor.
class SecondFactors : public ::testing::Test {
 protected:
  void use(const std::string& account) {
    in = std::make_unique<SignIn>(
        dialects::fastconnect::dialect(),
        std::map<std::string, std::string, std::less<>>{{"api_key", "demo-" + account + "-key"}});
    in->person.answers["api_secret"] = "demo-" + account + "-secret";
  }
  std::string typed_code() const {
    const auto clients = dialects::fastconnect::dialect().demo().clients;
    for (const auto& client : clients)
      if (!client.totp_seed.empty())
        return std::string(
            crypto::totp(bytes_of(client.totp_seed.reveal()), in->provider.clock.now()).reveal());
    return {};
  }
  std::unique_ptr<SignIn> in;
};

TEST_F(SecondFactors, TakeATypedCode) {
  use("smart");
  in->person.codes = {"000000", typed_code()};
  const auto handed = in->log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(in->person.heard.size(), 1u) << "the first code was not accepted";
}

TEST_F(SecondFactors, TakeACodeFromAFlag) {
  use("smart");
  dialect::Answers given;
  given.emplace("otp", Secret(typed_code()));
  EXPECT_TRUE(in->log_in(given));
}

TEST_F(SecondFactors, AreNotNeededForTokensFromElsewhere) {
  use("smart");
  const Instant now = in->provider.clock.now();
  const Entry tokens{.access_token = Secret("access"),
                     .access_until = now + 1h,
                     .refresh_token = Secret("refresh"),
                     .refresh_until = now + 24h};
  ASSERT_TRUE(in->broker.adopt(in->profile, tokens, false));
  const auto handed = in->broker.token(in->profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(handed->token, tokens.access_token);
  EXPECT_EQ(why_of(in->broker.adopt(in->profile, tokens, false)), Why::kPolicy);
  EXPECT_TRUE(in->broker.adopt(in->profile, tokens, true));
  in->provider.clock.advance(25h);
  EXPECT_TRUE(in->broker.adopt(in->profile, tokens, false)) << "a login that is over";
}

TEST_F(SecondFactors, GiveUpAfterThreeWrongCodes) {
  use("smart");
  in->person.codes = {"000000", "000001", "000002", typed_code()};
  EXPECT_EQ(why_of(in->log_in()), Why::kOtpWrong);
  EXPECT_EQ(in->person.codes.size(), 1u);
  EXPECT_FALSE(in->has_entry());
}

TEST_F(SecondFactors, MayBeLeftOut) {
  use("smart");
  EXPECT_TRUE(in->log_in({}, SecondFactor::kNone));
}

TEST_F(SecondFactors, NeedSomebodyToAsk) {
  use("smart");
  EXPECT_EQ(why_of(in->log_in()), Why::kPersonNeeded);
}

TEST_F(SecondFactors, WaitForAPushToBeApproved) {
  use("push");
  int waits = 0;
  in->provider.on_wait = [&] {
    if (++waits != 3) return;
    const auto answered = in->provider.admin().answer_push(
        in->provider.realm(), ClientId("demo-push-key"), "", true, in->provider.clock.now());
    EXPECT_TRUE(answered) << say_of(answered);
  };
  const auto handed = in->log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(waits, 3);
  EXPECT_EQ(in->person.heard.size(), 3u);
}

TEST_F(SecondFactors, HearThatAPushWasDeclined) {
  use("push");
  in->provider.on_wait = [&] {
    EXPECT_TRUE(in->provider.admin().answer_push(in->provider.realm(), ClientId("demo-push-key"),
                                                 "", false, in->provider.clock.now()));
  };
  EXPECT_EQ(why_of(in->log_in()), Why::kDeclined);
}

// I8 bounded
TEST_F(SecondFactors, WaitForAPushOnlySoLong) {
  use("push");
  const Instant begun = in->provider.clock.now();
  const auto refused = in->log_in();
  EXPECT_FALSE(refused);
  EXPECT_FALSE(in->has_entry());
  EXPECT_LE(in->provider.clock.now() - begun, 70s);
}

// A browser.

class InABrowser : public ::testing::Test {
 protected:
  InABrowser() : in(dialects::sinopac::dialect(), {{"client_id", "latchkey-demo"}}) {
    in.person.answers["client_secret"] = "demo-client-secret";
  }
  /// A person who logs in and consents, and comes back with what `spoil` leaves.
  void browse(const std::function<void(http::Pairs&)>& spoil) {
    in.person.browser = [this, spoil](const http::Target& url,
                                      const std::string& redirect_uri) -> Result<http::Target> {
      auto& authority = in.provider.authority();
      const auto session = TRY(authority.sign_in({SubjectId("DEMOUSER01"), Secret("demo-password")},
                                                 in.provider.clock.now()));
      engine::Authorize asked;
      asked.client = ClientId("latchkey-demo");
      asked.redirect_uri = redirect_uri;
      asked.state = *url.param("state");
      const auto back = TRY(authority.consent(session, asked, in.provider.clock.now()));
      http::Target target;
      target.query = {{"code", std::string(back.code.reveal())}, {"state", back.state}};
      spoil(target.query);
      return target;
    };
  }
  SignIn in;
};

TEST_F(InABrowser, LogsInAndRefreshes) {
  browse([](http::Pairs&) {});
  const auto handed = in.log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  in.provider.clock.advance(24h);
  const auto second = in.broker.token(in.profile, 60s);
  ASSERT_TRUE(second) << say_of(second);
  EXPECT_FALSE(second->token == handed->token);
}

TEST_F(InABrowser, RefusesALoginThatItDidNotBegin) {
  const int before = in.provider.served();
  for (const auto& spoil : std::vector<std::function<void(http::Pairs&)>>{
           [](http::Pairs& query) { query[1].second = "another"; },
           [](http::Pairs& query) { query[1].second = ""; },
           [](http::Pairs& query) { query.pop_back(); },
           [](http::Pairs& query) { query.erase(query.begin()); },
           [](http::Pairs& query) { query.clear(); }}) {
    browse(spoil);
    EXPECT_FALSE(in.log_in());
    EXPECT_FALSE(in.has_entry());
  }
  EXPECT_EQ(in.provider.served(), before) << "no code was exchanged";
}

TEST_F(InABrowser, MayBeNobody) { EXPECT_EQ(why_of(in.log_in()), Why::kPersonNeeded); }

TEST_F(InABrowser, LetsOthersRenewWhileAPersonIsAsked) {
  browse([&](http::Pairs&) { EXPECT_TRUE(Lease::take(in.home.path(), in.profile.name, 0ms)); });
  EXPECT_TRUE(in.log_in());
}

// A paste.

TEST(APastedToken, IsProvedAndKept) {
  SignIn in(dialects::alor::dialect(), {});
  auto& authority = in.provider.authority();
  const Instant now = in.provider.clock.now();
  const auto session = authority.sign_in({SubjectId("P039004"), Secret("demo-password")}, now);
  ASSERT_TRUE(session);
  const auto client = dialects::alor::dialect().demo().clients[0].client.id;
  const auto shown = authority.issue(*session, client, now);
  ASSERT_TRUE(shown) << say_of(shown);

  EXPECT_EQ(why_of(in.log_in()), Why::kPersonNeeded);
  in.person.pasted = "12be28e4-2e15-44b8-983e-e6c119a1bcac";
  EXPECT_FALSE(in.log_in()) << "a token that is not one";
  EXPECT_FALSE(in.has_entry());
  in.person.pasted = shown->refresh_token.reveal();
  ASSERT_TRUE(in.log_in());
  in.provider.clock.advance(31min);
  const auto renewed = in.broker.token(in.profile, 60s);
  ASSERT_TRUE(renewed) << say_of(renewed);
  const auto entry = in.vault.load(in.profile.name).value().value();
  EXPECT_EQ(entry.refresh_token, shown->refresh_token) << "one refresh token, used again and again";
  EXPECT_GT(*entry.refresh_until, in.provider.clock.now() + 24h * 360);
}

}  // namespace
}  // namespace latchkey::broker
