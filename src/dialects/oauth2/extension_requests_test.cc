#include "dialects/oauth2/codec.h"
#include "dialects/oauth2/registration.h"
#include "dialects/oauth2/testing.h"

namespace latchkey::dialects::oauth2 {
namespace {

WireOptions all_on() {
  return {.issuer = "https://as.example",
          .device = true,
          .exchange = true,
          .pushed = true,
          .registration = true};
}

http::Request post(std::string_view path, const http::Pairs& form) {
  http::Request request{.method = "POST", .target = {.path = std::string(path)}};
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = http::write_form(form);
  return request;
}

http::Request post_json(std::string body) {
  http::Request request{.method = "POST", .target = {.path = std::string(kRegisterPath)}};
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(body);
  return request;
}

class Extensions : public ::testing::Test {
 protected:
  template <class Asked>
  Asked read(const http::Request& request) {
    const auto asked = codec_.decode_request(request);
    EXPECT_TRUE(asked.has_value()) << (asked ? "" : asked.error().say);
    const auto* it = asked ? std::get_if<Asked>(&*asked) : nullptr;
    EXPECT_NE(it, nullptr);
    return it ? *it : Asked{};
  }
  /// What a request that cannot be read, or a refusal of the engine, is answered.
  std::pair<int, std::string> refusal(const http::Request& request, const Codec& codec) {
    const auto asked = codec.decode_request(request);
    EXPECT_FALSE(asked.has_value());
    if (asked) return {};
    return error_in(codec.encode_reply({request, nullptr, {}}, fail(asked.error())));
  }
  std::pair<int, std::string> refusal(const http::Request& request) {
    return refusal(request, codec_);
  }
  std::pair<int, std::string> refusal(const http::Request& request, Why why) {
    const auto asked = codec_.decode_request(request);
    EXPECT_TRUE(asked.has_value());
    if (!asked) return {};
    return error_in(codec_.encode_reply({request, &*asked, {}}, fail(why)));
  }
  static std::pair<int, std::string> error_in(const http::Response& response) {
    return {response.status, *object_from(response.body).find("error")->as_string()};
  }
  using Answer = std::pair<int, std::string>;
  Codec codec_{all_on(), nullptr};
};

TEST_F(Extensions, ADeviceBeginsAndPolls) {  // checklist 37
  const auto begun = read<engine::AuthorizeDevice>(post(
      kDevicePath, {{"client_id", "tv"}, {"scope", "openid read"}, {"resource", "https://a/"}}));
  EXPECT_EQ(begun.client.id, ClientId("tv"));
  EXPECT_EQ(begun.scope, "openid read");
  EXPECT_EQ(begun.resources, std::vector<std::string>{"https://a/"});
  const auto poll = post(
      kTokenPath,
      {{"client_id", "tv"}, {"grant_type", std::string(kDeviceGrant)}, {"device_code", "d-1"}});
  EXPECT_EQ(read<engine::PollDevice>(poll).device_code, Secret("d-1"));
  EXPECT_EQ(refusal(poll, Why::kPending), Answer(400, "authorization_pending"));
  EXPECT_EQ(refusal(poll, Why::kTooMany), Answer(400, "slow_down"));
  EXPECT_EQ(refusal(poll, Why::kDeclined), Answer(400, "access_denied"));
  EXPECT_EQ(refusal(poll, Why::kExpired), Answer(400, "expired_token"));
  EXPECT_EQ(refusal(poll, Why::kReplayed), Answer(400, "invalid_grant"));
}

TEST_F(Extensions, ATokenIsExchanged) {  // checklist 38
  const http::Pairs form{{"client_id", "payroll"},
                         {"client_secret", "s"},
                         {"grant_type", std::string(kTokenExchangeGrant)},
                         {"subject_token", "t-1"},
                         {"subject_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                         {"actor_token", "t-2"},
                         {"actor_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                         {"requested_token_type", "urn:x"},
                         {"scope", "read"},
                         {"resource", "https://a/"},
                         {"audience", "b"},
                         {"audience", "c"}};
  const auto asked = read<engine::ExchangeToken>(post(kTokenPath, form));
  EXPECT_EQ(asked.subject_token, Secret("t-1"));
  EXPECT_EQ(asked.actor_token, Secret("t-2"));
  EXPECT_EQ(asked.subject_type, "urn:ietf:params:oauth:token-type:access_token");
  EXPECT_EQ(asked.actor_type, "urn:ietf:params:oauth:token-type:jwt");
  EXPECT_EQ(asked.wanted_type, "urn:x");
  EXPECT_EQ(asked.audiences, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(refusal(post(kTokenPath, form), Why::kMalformed), Answer(400, "invalid_request"));
  EXPECT_EQ(refusal(post(kTokenPath, form), Why::kConflict), Answer(400, "invalid_scope"));
  EXPECT_EQ(refusal(post(kTokenPath, form), Why::kNotFound), Answer(400, "invalid_target"));
  http::Pairs twice = form;
  twice.emplace_back("subject_token", "t-3");
  EXPECT_EQ(refusal(post(kTokenPath, twice)), Answer(400, "invalid_request"));  // checklist 14
}

TEST_F(Extensions, ARequestIsPushedWholeOrNotAtAll) {  // checklist 15
  const http::Pairs form{{"client_id", "web"},
                         {"client_secret", "s"},
                         {"response_type", "code"},
                         {"redirect_uri", "https://web.example/cb"},
                         {"state", "x"}};
  const auto asked = read<engine::PushAuthorization>(post(kPushPath, form));
  EXPECT_EQ(asked.client.id, ClientId("web"));
  EXPECT_EQ(asked.asked.client, ClientId("web"));
  EXPECT_EQ(asked.asked.redirect_uri, "https://web.example/cb");
  for (const char* name : {"request_uri", "request"}) {
    http::Pairs reference = form;
    reference.emplace_back(name, "urn:x");
    EXPECT_EQ(refusal(post(kPushPath, reference)), Answer(400, "invalid_request")) << name;
  }
  http::Pairs implicit = form;
  implicit[2].second = "token";
  EXPECT_EQ(refusal(post(kPushPath, implicit)), Answer(400, "unsupported_response_type"));
  const engine::Outcome pushed = engine::Pushed{"urn:p", from_epoch(60)};
  const auto response = codec_.encode_reply({post(kPushPath, form), nullptr, {}}, pushed);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, R"({"request_uri":"urn:p","expires_in":60})");
  EXPECT_EQ(*response.headers.find("Cache-Control"), "no-store");  // checklist 31
}

TEST_F(Extensions, AClientRegistersItself) {
  auto request = post_json(R"({"redirect_uris":["https://web.example/cb"]})");
  EXPECT_TRUE(read<engine::RegisterClient>(request).bearer.empty());
  request.headers.add("Authorization", "Bearer initial");
  const auto asked = read<engine::RegisterClient>(request);
  EXPECT_EQ(asked.bearer, Secret("initial"));
  EXPECT_EQ(asked.facts.auth_method, "client_secret_basic");
  EXPECT_EQ(refusal(request, Why::kInvalidToken), Answer(401, "invalid_token"));
  EXPECT_EQ(refusal(post_json(R"({"redirect_uris":["http://web.example/cb"]})")),
            Answer(400, "invalid_redirect_uri"));
  for (const char* bad : {"", "[]", "{", R"({"grant_types":["password"]})",
                          R"({"redirect_uris":["https://a/"],"jwks_uri":"https://a/"})"}) {
    EXPECT_EQ(refusal(post_json(bad)), Answer(400, "invalid_client_metadata")) << bad;
  }
  auto form = request;
  form.headers.set("Content-Type", "application/x-www-form-urlencoded");
  EXPECT_EQ(refusal(form), Answer(400, "invalid_client_metadata"));
  const engine::Outcome made = engine::Registered{.id = ClientId("c-1"),
                                                  .secret = Secret("s-1"),
                                                  .issued = from_epoch(5),
                                                  .facts = asked.facts};
  const auto response = codec_.encode_reply({request, nullptr, {}}, made);
  EXPECT_EQ(response.status, 201);
  const auto body = object_from(response.body);
  EXPECT_EQ(*body.find("client_secret")->as_string(), "s-1");
  EXPECT_EQ(*body.find("client_secret_expires_at")->as_int(), 0);
  EXPECT_EQ(*body.find("client_id_issued_at")->as_int(), 5);
  EXPECT_EQ(read_client_facts(body).value(), asked.facts);
}

TEST_F(Extensions, WhatIsSwitchedOffIsNotThere) {
  const Codec off(WireOptions{.issuer = "https://as.example"}, nullptr);
  for (const std::string_view path : {kDevicePath, kPushPath, kRegisterPath}) {
    EXPECT_EQ(refusal(post(path, {{"client_id", "a"}}), off).first, 404) << path;
  }
  for (const std::string_view grant : {kDeviceGrant, kTokenExchangeGrant}) {
    const auto request = post(kTokenPath, {{"client_id", "a"}, {"grant_type", std::string(grant)}});
    EXPECT_EQ(refusal(request, off), Answer(400, "unsupported_grant_type")) << grant;
  }
}

TEST_F(Extensions, OnlyPostIsAnswered) {  // checklist 32
  for (const std::string_view path : {kDevicePath, kPushPath, kRegisterPath}) {
    http::Request request = post(path, {{"client_id", "a"}});
    request.method = "GET";
    EXPECT_EQ(refusal(request).first, 405) << path;
  }
}

TEST_F(Extensions, AProofIsReadForTheVeryEndpoint) {  // checklist 39
  const crypto::Key& key = test_key(crypto::Alg::kEs256);
  const json::Object header{
      {"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", key.public_jwk("").value()}};
  const auto proof_for = [&](std::string_view uri) {
    const json::Object claims{{"jti", "j"}, {"htm", "POST"}, {"htu", uri}, {"iat", 5}};
    return std::string(signed_text(key, header, claims).reveal());
  };
  auto request = post(kPushPath, {{"client_id", "web"}, {"response_type", "code"}});
  request.headers.add("DPoP", proof_for("https://as.example/oauth2/par"));
  EXPECT_EQ(read<engine::PushAuthorization>(request).dpop->id, "j");
  request.headers.set("DPoP", proof_for("https://as.example/oauth2/token"));
  EXPECT_EQ(refusal(request), Answer(400, "invalid_dpop_proof"));
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
