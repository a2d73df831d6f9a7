// Issuers that take more than a code and a secret: what the client signs, and what it hands in
// before the browser comes.

#include "broker/issuer_testing.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Desk;
using testing::Fault;
using testing::say_of;
using testing::why_of;

using Facts = std::map<std::string, std::string>;

/// A desk whose client signs, with a key that the issuer knows.
struct SigningDesk : Desk {
  explicit SigningDesk(Facts settings = {})
      : Desk(with(std::move(settings), {"auth_method", "private_key_jwt"}), "") {
    const auto key = crypto::Key::generate(crypto::Alg::kEs256);
    testing::write_file(home / "key.pem", std::string(key.export_private().reveal()));
    profile.sources["client_key"] = {SecretSource::Kind::kFile, {home / "key.pem"}};
    issuer.client_keys =
        json::write(json::Object{{"keys", json::Array{key.public_jwk("k1").value()}}});
  }
  static Facts with(Facts settings, std::pair<std::string, std::string> one) {
    settings.insert(std::move(one));
    return settings;
  }
};

TEST(Issuer, IsShownASignatureInsteadOfASecret) {
  SigningDesk desk;
  const auto handed = desk.log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  desk.let_it_die();
  ASSERT_TRUE(desk.broker.token(desk.profile, 60s));
  EXPECT_TRUE(desk.broker.validate(desk.profile)->valid);
  ASSERT_TRUE(desk.broker.revoke(desk.profile));
  EXPECT_EQ(desk.issuer.assertions.size(), 5u) << "code, refresh, question, two ends";
  EXPECT_TRUE(desk.entry().kept.empty()) << "the key stays where it is";
}

TEST(Issuer, IsShownAnotherSignatureWhenItIsAskedAgain) {
  SigningDesk desk({{"replay_window", "30s"}});
  desk.issuer.answers_again = true;
  ASSERT_TRUE(desk.log_in());
  desk.let_it_die();
  desk.issuer.next("/token", Fault::kAnswerLost);
  const auto handed = desk.broker.token(desk.profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(desk.issuer.assertions.size(), 3u);
}

TEST(Issuer, GivesASigningClientATokenOfItsOwn) {
  SigningDesk desk({{"flow", "client_credentials"}});
  EXPECT_TRUE(desk.broker.token(desk.profile, 60s));
  desk.let_it_die();
  EXPECT_TRUE(desk.broker.token(desk.profile, 60s));
}

TEST(Issuer, SeesNobodyInABrowserWhoseKeyCannotSign) {
  SigningDesk desk;
  testing::write_file(desk.home / "key.pem", "no key");
  EXPECT_EQ(why_of(desk.log_in()), Why::kUsage);
  EXPECT_EQ(desk.issuer.count("/token"), 0);
}

TEST(Issuer, ThatOffersItIsToldBeforehandWhatTheBrowserAsks) {
  Desk desk;
  desk.issuer.takes_pushed = true;
  const auto handed = desk.log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(desk.issuer.count("/par"), 1);
  EXPECT_EQ(desk.issuer.codes_proved, 1) << "the challenge was that of what was pushed";
  EXPECT_EQ(desk.issuer.brought,
            (std::vector<std::string>{"client_id=me&request_uri="
                                      "urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A1"}))
      << "and nothing else stands in an address";
}

TEST(Issuer, IsToldBeforehandWhereItDemandsItWhateverTheProfileSays) {
  Desk desk({{"pushed_requests", "demanded"}});
  desk.issuer.takes_pushed = true;
  ASSERT_TRUE(desk.log_in());
  EXPECT_EQ(desk.issuer.count("/par"), 0);
  desk.issuer.only_pushed = true;
  const auto handed = desk.log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(desk.issuer.count("/par"), 1);
}

TEST(Issuer, ThatRefusesWhatIsPushedSeesNoBrowser) {
  Desk desk({}, "wrong");
  desk.issuer.takes_pushed = true;
  EXPECT_EQ(why_of(desk.log_in()), Why::kBadCredentials);
  EXPECT_TRUE(desk.issuer.brought.empty());
}

// checklist 13: a pushed state is compared like any other.
TEST(Issuer, WhoseAnswerToAPushedRequestIsSomebodyElsesGetsNoCode) {
  Desk desk;
  desk.issuer.takes_pushed = true;
  desk.issuer.mends_callback = [](http::Pairs& query) { query[1].second = "0000"; };
  EXPECT_EQ(why_of(desk.log_in()), Why::kBadResponse);
  EXPECT_EQ(desk.issuer.count("/token"), 0);
}

}  // namespace
}  // namespace latchkey::broker
