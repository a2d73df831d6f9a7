#include "dialects/oauth2/client_proof.h"

#include <gtest/gtest.h>

#include "dialects/oauth2/client.h"
#include "dialects/oauth2/dpop.h"
#include "dialects/oauth2/operation_parts.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);
constexpr std::string_view kDescription =
    R"({"issuer":"https://id.example","token_endpoint":"https://tokens.example/t?tenant=x",)"
    R"("userinfo_endpoint":"https://id.example/me"})";

const Secret& key() {
  static const Secret kKey = new_proof_key();
  return kKey;
}

// checklist 39, from the other side.
TEST(ClientProof, IsOneThatAnAuthorityTakes) {
  const auto text = sign_proof(key(), {.method = "POST",
                                       .uri = "https://ID.example:443/token?x=1#y",
                                       .token = Secret("t"),
                                       .nonce = "n",
                                       .at = kNoon});
  ASSERT_TRUE(text) << text.error().say;
  const auto proof = verify_proof(*text, "POST", "https://id.example/token");
  ASSERT_TRUE(proof) << proof.error().say;
  EXPECT_EQ(proof->thumbprint, proof_thumbprint(key()).value());
  EXPECT_EQ(proof->token_hash, token_hash(Secret("t")));
  EXPECT_EQ(proof->nonce, "n");
  EXPECT_EQ(proof->issued, kNoon);
}

TEST(ClientProof, IsAnotherOneEachTime) {
  const ProofOf what{.method = "GET", .uri = "https://id.example/", .at = kNoon};
  const auto first = verify_proof(sign_proof(key(), what).value(), "GET", what.uri);
  const auto second = verify_proof(sign_proof(key(), what).value(), "GET", what.uri);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(first->token_hash, "");
  EXPECT_EQ(first->nonce, "");
}

TEST(ClientProof, NeedsAKeyOfOurs) {
  EXPECT_EQ(sign_proof(Secret("x"), {.method = "GET"}).error().why, Why::kStore);
  EXPECT_EQ(proof_thumbprint(Secret("x")).error().why, Why::kStore);
}

Result<engine::Operation> proven(engine::Operation operation, const Secret& with) {
  static const auto settings = dialect::Settings::make(client_settings()).value();
  static const dialect::Answers answers;
  return prove_operation(std::move(operation), {.settings = settings,
                                                .answers = answers,
                                                .description = kDescription,
                                                .proof_key = with,
                                                .at = kNoon});
}

TEST(ProvenOperation, IsForTheAddressWithoutItsQuery) {
  const auto refresh = proven(engine::Refresh{.refresh_token = Secret("r")}, key());
  ASSERT_TRUE(refresh);
  const auto* proof = proof_in(*refresh);
  ASSERT_TRUE(proof != nullptr && proof->has_value());
  EXPECT_TRUE(verify_proof((*proof)->text, "POST", "https://tokens.example/t"));
}

TEST(ProvenOperation, WithATokenHoldsItsHash) {
  const auto asked = proven(engine::UserInfo{.bearer = Secret("t")}, key());
  ASSERT_TRUE(asked);
  const auto proof = verify_proof((*proof_in(*asked))->text, "GET", "https://id.example/me");
  ASSERT_TRUE(proof) << proof.error().say;
  EXPECT_EQ(proof->token_hash, token_hash(Secret("t")));
}

TEST(ProvenOperation, ForACodeNamesTheKey) {
  const auto asked = proven(engine::Authorize{.client = ClientId("me")}, key());
  ASSERT_TRUE(asked);
  EXPECT_EQ(std::get<engine::Authorize>(*asked).thumbprint, proof_thumbprint(key()).value());
}

TEST(ProvenOperation, IsLeftAsItIsWithoutAKeyOrAPlaceForIt) {
  const engine::Operation refresh = engine::Refresh{.refresh_token = Secret("r")};
  EXPECT_EQ(proven(refresh, Secret()).value(), refresh);
  const engine::Operation revoke = engine::Revoke{.token = Secret("r")};
  EXPECT_EQ(proven(revoke, key()).value(), revoke);
}

TEST(ProvenRequest, HasTheSchemeAndAProofForItsOwnAddress) {
  http::Request request{.method = "DELETE", .target = {"/orders/7", {{"x", "1"}}}};
  request.headers.add("Authorization", "Bearer t");
  const Secret token("t");
  const auto made = prove_request(
      request, {.key = key(), .token = token, .url = "https://api.example/v1/", .at = kNoon});
  ASSERT_TRUE(made);
  EXPECT_EQ(*made->headers.find("Authorization"), "DPoP t");
  const auto proof = proof_of(*made, "https://api.example/v1/orders/7");
  ASSERT_TRUE(proof && *proof);
  EXPECT_EQ((*proof)->token_hash, token_hash(token));
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
