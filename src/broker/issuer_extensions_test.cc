// Issuers that take more than a code and a secret: what the client signs, and what it hands in
// before the browser comes; and tokens that are bound to a key.

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

const http::Request kOrders{.method = "GET", .target = {"/api", {{"page", "2"}}}};

TEST(BoundLogin, ProvesItsKeyWhereverItsTokensGo) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  desk.let_it_die();
  ASSERT_TRUE(desk.broker.refresh(desk.profile));
  const auto answer = desk.broker.request(desk.profile, kOrders, false);
  ASSERT_TRUE(answer) << say_of(answer);
  EXPECT_EQ(answer->status, 200);
  ASSERT_EQ(desk.issuer.proofs.size(), 3u) << "code, refresh, call";
  for (const auto& proof : desk.issuer.proofs)
    EXPECT_EQ(proof.thumbprint, desk.issuer.proofs.front().thumbprint);
  EXPECT_EQ(desk.issuer.proofs.back().uri, "https://id.example/api") << "without the query";
  EXPECT_NE(desk.issuer.brought.front().find("dpop_jkt="), std::string::npos)
      << "the code is for that key only";
}

TEST(BoundLogin, HandsNoTokenOutThatOpensNothing) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  const auto refused = desk.broker.token(desk.profile, 60s);
  EXPECT_EQ(why_of(refused), Why::kPolicy);
  EXPECT_NE(say_of(refused).find("latchkey request"), std::string::npos);
  EXPECT_EQ(why_of(desk.broker.headers(desk.profile, 60s)), Why::kPolicy);
  EXPECT_EQ(why_of(desk.broker.headers_of(desk.profile, Secret("x"))), Why::kPolicy);
  EXPECT_TRUE(desk.broker.lend(desk.profile, 60s)->bound);
}

TEST(BoundLogin, OfAClientOfItsOwnHandsNoneOutEither) {
  Desk desk({{"dpop", "true"}, {"flow", "client_credentials"}});
  EXPECT_EQ(why_of(desk.broker.token(desk.profile, 60s)), Why::kPolicy);
  EXPECT_EQ(desk.broker.request(desk.profile, kOrders, false)->status, 200);
}

TEST(BoundLogin, RepeatsWhatWasRefusedForTheNonceAlone) {
  Desk desk({{"dpop", "true"}});
  desk.issuer.takes_pushed = true;
  desk.issuer.proof_nonce = "n1";
  ASSERT_TRUE(desk.log_in());
  EXPECT_EQ(desk.issuer.count("/par"), 2);
  EXPECT_EQ(desk.issuer.count("/token"), 1) << "it is known by then";
  desk.let_it_die();
  desk.issuer.proof_nonce = "n2";
  const auto handed = desk.broker.lend(desk.profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(desk.issuer.count("/token"), 3)
      << "a refresh token that was not looked at is not spent";
  EXPECT_EQ(desk.issuer.reused, 0);
  EXPECT_EQ(desk.broker.request(desk.profile, kOrders, false)->status, 200);
  EXPECT_EQ(desk.issuer.count("/api"), 2);
  EXPECT_EQ(desk.broker.request(desk.profile, kOrders, false)->status, 200);
  EXPECT_EQ(desk.issuer.count("/api"), 3) << "and it is known there as well";
}

TEST(BoundLogin, WhoseSecondAnswerIsLostIsLostOnce) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  desk.let_it_die();
  desk.issuer.proof_nonce = "n1";
  desk.issuer.next("/token", Fault::kNone);
  desk.issuer.next("/token", Fault::kAnswerLost);
  EXPECT_EQ(why_of(desk.broker.lend(desk.profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(desk.issuer.count("/token"), 3);
  EXPECT_EQ(why_of(desk.broker.lend(desk.profile, 60s)), Why::kPersonNeeded);
}

TEST(BoundLogin, StaysBoundWhenTheSettingGoes) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  desk.profile.settings = desk.issuer.profile({}).settings;
  desk.let_it_die();
  const auto handed = desk.broker.lend(desk.profile, 60s);
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_TRUE(handed->bound);
}

TEST(BoundLogin, HasAKeyOfItsOwn) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  const Secret first = desk.entry().proof_key;
  ASSERT_TRUE(desk.log_in());
  EXPECT_FALSE(first == desk.entry().proof_key);
  EXPECT_FALSE(desk.entry().proof_key.empty());
}

TEST(UnboundLogin, KeepsNoKeyAndProvesNothing) {
  Desk desk;
  ASSERT_TRUE(desk.log_in());
  EXPECT_TRUE(desk.entry().proof_key.empty());
  EXPECT_EQ(desk.broker.request(desk.profile, kOrders, false)->status, 200);
  EXPECT_TRUE(desk.issuer.proofs.empty());
}

}  // namespace
}  // namespace latchkey::broker
