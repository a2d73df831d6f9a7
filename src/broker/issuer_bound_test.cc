// Logins whose tokens are bound to a key (RFC 9449).        // checklist 39, from the other side

#include "broker/backoff.h"
#include "broker/issuer_testing.h"
#include "dialects/oauth2/client_proof.h"
#include "dialects/oauth2/dpop.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Desk;
using testing::Fault;
using testing::say_of;
using testing::why_of;

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

TEST(BoundLogin, ThatFailsLeavesTheOneBeforeAsItWas) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  const Entry before = desk.entry();
  desk.issuer.next("/token", Fault::kAnswerLost);
  EXPECT_FALSE(desk.log_in());
  EXPECT_TRUE(desk.entry().proof_key == before.proof_key);
  EXPECT_EQ(desk.entry().generation, before.generation);
}

TEST(BoundLogin, OnADeviceProvesItsKeyWheneverItAsks) {
  Desk desk({{"dpop", "true"}, {"flow", "device"}});
  desk.issuer.proof_nonce = "n1";
  desk.issuer.device_answers = {"authorization_pending", ""};
  const auto handed = desk.log_in();
  ASSERT_TRUE(handed) << say_of(handed);
  EXPECT_EQ(desk.issuer.count("/token"), 3) << "one lacked the nonce";
  EXPECT_EQ(desk.issuer.proofs.size(), 2u);
  EXPECT_EQ(desk.broker.request(desk.profile, kOrders, false)->status, 200);
}

TEST(BoundLogin, OfAClientThatSignsSignsAnewForEachNonce) {
  Desk desk({{"dpop", "true"}, {"flow", "client_credentials"}, {"auth_method", "private_key_jwt"}},
            "");
  const auto key = crypto::Key::generate(crypto::Alg::kEs256);
  testing::write_file(desk.home / "key.pem", std::string(key.export_private().reveal()));
  desk.profile.sources["client_key"] = {SecretSource::Kind::kFile, {desk.home / "key.pem"}};
  desk.issuer.client_keys =
      json::write(json::Object{{"keys", json::Array{key.public_jwk("k1").value()}}});
  desk.issuer.proof_nonce = "n1";
  const auto answer = desk.broker.request(desk.profile, kOrders, false);
  ASSERT_TRUE(answer) << say_of(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(desk.issuer.count("/token"), 2);
}

TEST(BoundLogin, IsNoneAtAnIssuerThatBindsNothing) {
  for (const char* flow : {"browser", "device", "client_credentials"}) {
    Desk desk({{"dpop", "true"}, {"flow", flow}});
    desk.issuer.binds = false;
    desk.issuer.device_answers = {""};
    const auto refused = std::string_view(flow) == "client_credentials"
                             ? desk.broker.lend(desk.profile, 60s)
                             : desk.log_in();
    EXPECT_EQ(why_of(refused), Why::kBadResponse) << flow;
    EXPECT_NE(say_of(refused).find("not bound to our key"), std::string::npos) << say_of(refused);
    EXPECT_TRUE(!desk.has_entry() || desk.entry().access_token.empty()) << flow;
  }
}

TEST(BoundLogin, TakesNoTokenOfABearerInItsStead) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  const Secret before = desk.entry().access_token;
  desk.let_it_die();
  desk.issuer.binds = false;
  EXPECT_EQ(why_of(desk.broker.lend(desk.profile, 60s)), Why::kLostRotation);
  EXPECT_EQ(desk.issuer.count("/token"), 2);
  EXPECT_TRUE(desk.entry().access_token == before);
  EXPECT_EQ(why_of(desk.broker.lend(desk.profile, 60s)), Why::kPersonNeeded);
}

TEST(BoundLogin, IsNotSentForEverToAnIssuerThatTakesNoNonce) {
  for (const char* rotation : {"single-use", "reusable"}) {
    Desk desk({{"dpop", "true"}, {"rotation", rotation}});
    ASSERT_TRUE(desk.log_in());
    desk.let_it_die();
    desk.issuer.content = false;
    const int tries = std::string_view(rotation) == "reusable" ? kMostAttempts : 1;
    const auto refused = desk.broker.lend(desk.profile, 60s);
    EXPECT_EQ(why_of(refused), Why::kUnavailable) << rotation;
    EXPECT_NE(say_of(refused).find("nonce"), std::string::npos) << say_of(refused);
    EXPECT_EQ(desk.issuer.count("/token"), 1 + tries * kMostProofs) << rotation;
    EXPECT_FALSE(desk.entry().spending_since) << "it was not looked at";
    desk.issuer.content = true;
    const auto handed = desk.broker.refresh(desk.profile);
    EXPECT_TRUE(handed) << say_of(handed);
  }
}

TEST(BoundLogin, IsNotSentAgainWithTheNonceThatWasRefused) {
  Desk desk({{"dpop", "true"}});
  desk.issuer.proof_nonce = "n1";
  ASSERT_TRUE(desk.log_in());
  EXPECT_EQ(desk.issuer.count("/token"), 2);
  desk.let_it_die();
  desk.issuer.repeats_nonce = true;
  EXPECT_EQ(why_of(desk.broker.lend(desk.profile, 60s)), Why::kUnavailable);
  EXPECT_EQ(desk.issuer.count("/token"), 3);
}

TEST(BoundLogin, KeepsATokenWhoseProofAnApiRefuses) {
  for (const char* error : {"use_dpop_nonce", "invalid_dpop_proof"}) {
    Desk desk({{"dpop", "true"}});
    ASSERT_TRUE(desk.log_in());
    desk.issuer.api_says = error;
    const auto answer = desk.broker.request(desk.profile, kOrders, false);
    ASSERT_TRUE(answer) << say_of(answer);
    EXPECT_EQ(answer->status, 401);
    EXPECT_FALSE(desk.entry().access_token.empty()) << error;
    EXPECT_EQ(desk.issuer.count("/token"), 1) << "no renewal mends that";
    EXPECT_EQ(desk.issuer.count("/api"), 1);
  }
}

TEST(BoundLogin, CallsAnApiTwiceAtMostForANonce) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  desk.issuer.content = false;
  EXPECT_EQ(desk.broker.request(desk.profile, kOrders, false)->status, 401);
  EXPECT_EQ(desk.issuer.count("/api"), kMostProofs);
  EXPECT_EQ(desk.issuer.count("/token"), 1);
}

TEST(BoundLogin, WhoseTokensAreOfAnotherKeyIsOverOnce) {
  Desk desk({{"dpop", "true"}});
  ASSERT_TRUE(desk.log_in());
  Entry entry = desk.entry();
  entry.proof_key = dialects::oauth2::new_proof_key();
  ASSERT_TRUE(desk.vault.store(desk.profile.name, entry));
  EXPECT_EQ(why_of(desk.broker.request(desk.profile, kOrders, false)), Why::kInvalidToken);
  EXPECT_EQ(desk.issuer.count("/api"), 1);
  EXPECT_EQ(desk.issuer.count("/token"), 2) << "the code, and one refresh that was refused";
  EXPECT_EQ(why_of(desk.broker.request(desk.profile, kOrders, false)), Why::kPersonNeeded);
  EXPECT_EQ(desk.issuer.count("/token"), 2);
}

TEST(BoundLogin, InDoubtIsNotSentAgainWhenANonceTookTheRestOfTheWindow) {
  for (const Seconds takes : {0s, 2s}) {
    Desk desk({{"dpop", "true"}, {"replay_window", "30s"}});
    ASSERT_TRUE(desk.log_in());
    desk.let_it_die();
    Entry entry = desk.entry();
    entry.spending_since = desk.issuer.clock.now();
    entry.spending_uptime = desk.issuer.clock.uptime();
    ASSERT_TRUE(desk.vault.store(desk.profile.name, entry));
    desk.issuer.clock.advance(29s);
    desk.issuer.proof_nonce = "n1";
    desk.issuer.refusal_takes = takes;
    const auto handed = desk.broker.lend(desk.profile, 60s);
    EXPECT_EQ(handed.has_value(), takes == 0s) << say_of(handed);
    EXPECT_EQ(desk.issuer.count("/token"), takes == 0s ? 3 : 2);
    if (!handed) EXPECT_EQ(why_of(handed), Why::kLostRotation);
  }
}

TEST(BoundLogin, AsksAboutItsTokenWithAProof) {
  Desk desk({{"dpop", "true"}}, "");
  ASSERT_TRUE(desk.log_in());
  desk.issuer.proof_nonce = "n1";
  EXPECT_TRUE(desk.broker.validate(desk.profile)->valid);
  EXPECT_EQ(desk.issuer.count("/userinfo"), 2);
  EXPECT_EQ(desk.issuer.proofs.back().token_hash,
            dialects::oauth2::token_hash(desk.entry().access_token));
  desk.issuer.content = false;
  EXPECT_EQ(why_of(desk.broker.validate(desk.profile)), Why::kUnavailable);
  EXPECT_FALSE(desk.entry().access_token.empty()) << "that says nothing of the token";
}

}  // namespace
}  // namespace latchkey::broker
