#include "base/text.h"
#include "dialects/oauth2/assertion.h"
#include "dialects/oauth2/testing.h"
#include "dialects/oauth2/wire_testing.h"
#include "engine/pkce.h"

namespace latchkey::dialects::oauth2 {
namespace {

class OneSigner final : public dialect::Keyring {
 public:
  Result<std::optional<Secret>> shared_key(std::string_view) const override { return std::nullopt; }
  Result<std::optional<std::string>> client_keys(const ClientId& id) const override {
    if (id.text == "lost") return fail(Why::kStore, "", "a damaged row");
    if (id.text != "signer") return std::nullopt;
    json::Array keys;
    keys.emplace_back(test_key(crypto::Alg::kEs256).public_jwk("k").value());
    return json::write(json::Object{{"keys", std::move(keys)}});
  }
};

std::string basic(const std::string& pair) { return "Basic " + to_base64(bytes_of(pair)); }

const http::Pairs kRefreshForm{{"grant_type", "refresh_token"}, {"refresh_token", "r"}};

class Requests : public ::testing::Test {
 protected:
  Result<engine::Operation> read(const http::Request& request) const {
    return codec_.decode_request(request);
  }
  Why why(const http::Request& request) const {
    const auto operation = read(request);
    EXPECT_FALSE(operation);
    return operation ? Why::kBug : operation.error().why;
  }
  engine::ClientKey client(const http::Request& request) const {
    const auto operation = read(request);
    EXPECT_TRUE(operation) << operation.error().say << operation.error().note;
    return operation ? std::get<engine::Refresh>(*operation).client : engine::ClientKey{};
  }
  OneSigner keyring_;
  Codec codec_{wire_options(), &keyring_};
};

TEST_F(Requests, AClientAuthenticatesInEveryWay) {
  const engine::ClientKey web{.id = ClientId("web:app"), .secret = Secret("a+b/c %")};
  const std::string pair = http::percent_encode("web:app") + ":" + http::percent_encode("a+b/c %");
  EXPECT_EQ(client(post(kTokenPath, kRefreshForm, {{"Authorization", basic(pair)}})), web);
  EXPECT_EQ(client(post(kTokenPath, with(kRefreshForm, {{"client_id", "web:app"}}),
                        {{"Authorization", basic(pair)}})),
            web);
  EXPECT_EQ(client(post(kTokenPath, with(kRefreshForm, {{"client_id", "web:app"},
                                                        {"client_secret", "a+b/c %"}}))),
            web);
  EXPECT_EQ(client(post(kTokenPath, with(kRefreshForm, {{"client_id", "native"}}))),
            engine::ClientKey{.id = ClientId("native")});
}

// checklist 41
TEST_F(Requests, AnAssertionIsVerifiedWithTheKeysOfTheClientThatItNames) {
  const json::Object claims{{"iss", "signer"},
                            {"sub", "signer"},
                            {"aud", kIssuer},
                            {"jti", "j1"},
                            {"exp", std::int64_t{epoch(kNoon + Seconds{60})}}};
  const json::Object head{{"alg", "ES256"}, {"kid", "k"}};
  const auto form = [&](const json::Object& said, const crypto::Key& key) {
    return with(kRefreshForm,
                {{"client_assertion_type", std::string(kAssertionType)},
                 {"client_assertion", std::string(signed_text(key, head, said).reveal())}});
  };
  const auto& key = test_key(crypto::Alg::kEs256);
  const auto signer = client(post(kTokenPath, form(claims, key)));
  EXPECT_EQ(signer.id.text, "signer");
  ASSERT_TRUE(signer.assertion);
  EXPECT_TRUE(signer.assertion->verified);
  EXPECT_EQ(signer.assertion->id, "j1");
  const crypto::Key other = crypto::Key::generate(crypto::Alg::kEs256);
  EXPECT_EQ(why(post(kTokenPath, form(claims, other))), Why::kBadCredentials);
  EXPECT_EQ(why(post(kTokenPath, form(changed(claims, "aud", "https://other.example"), key))),
            Why::kBadCredentials);
  EXPECT_EQ(
      why(post(kTokenPath, form(changed(changed(claims, "sub", "nobody"), "iss", "nobody"), key))),
      Why::kBadCredentials);
  EXPECT_EQ(why(post(kTokenPath, with(form(claims, key), {{"client_id", "web"}}))),
            Why::kMalformed);
  EXPECT_EQ(
      why(post(kTokenPath, form(changed(changed(claims, "sub", "lost"), "iss", "lost"), key))),
      Why::kStore)
      << "that is no verdict about the client";
}

// checklist 29
TEST_F(Requests, TwoWaysAtOnceAreRefused) {
  const std::string header = basic("web:s");
  const http::Pairs secret{{"client_id", "web"}, {"client_secret", "s"}};
  EXPECT_EQ(why(post(kTokenPath, with(kRefreshForm, secret), {{"Authorization", header}})),
            Why::kMalformed);
  EXPECT_EQ(why(post(kTokenPath, with(kRefreshForm, {{"client_assertion", "a.b.c"}}),
                     {{"Authorization", header}})),
            Why::kMalformed);
  EXPECT_EQ(
      why(post(kTokenPath, with(with(kRefreshForm, secret), {{"client_assertion", "a.b.c"}}))),
      Why::kMalformed);
  EXPECT_EQ(
      why(post(kTokenPath, kRefreshForm, {{"Authorization", header}, {"Authorization", header}})),
      Why::kMalformed);
  EXPECT_EQ(why(post(kTokenPath, with(kRefreshForm, {{"client_id", "other"}}),
                     {{"Authorization", header}})),
            Why::kMalformed);
}

TEST_F(Requests, NobodyIsNobody) {
  EXPECT_EQ(why(post(kTokenPath, kRefreshForm)), Why::kBadCredentials);
  for (const char* header : {"Basic", "Basic !!!", "Basic Og==", "Bearer x", "Basic eA=="})
    EXPECT_EQ(why(post(kTokenPath, kRefreshForm, {{"Authorization", header}})),
              Why::kBadCredentials)
        << header;
}

// checklist 14
TEST_F(Requests, NothingComesTwiceAndAnEmptyValueIsNone) {
  const http::Pairs form = with(kRefreshForm, {{"client_id", "native"}});
  EXPECT_EQ(why(post(kTokenPath, with(form, {{"scope", "a"}, {"scope", "b"}}))), Why::kMalformed);
  EXPECT_EQ(why(post(kTokenPath, with(form, {{"client_id", "native"}}))), Why::kMalformed);
  const auto asked = read(post(kTokenPath, with(form, {{"scope", ""},
                                                       {"resource", "https://a.example/"},
                                                       {"resource", "https://b.example/"},
                                                       {"unknown", "x"}})));
  ASSERT_TRUE(asked) << asked.error().say;
  EXPECT_TRUE(std::get<engine::Refresh>(*asked).narrow_to.empty());
  EXPECT_EQ(std::get<engine::Refresh>(*asked).resources.size(), 2u);
}

// checklist 30
TEST_F(Requests, NoSecretStandsInAQuery) {
  for (const char* name : {"client_secret", "refresh_token", "code", "token", "client_assertion"}) {
    auto request = post(kTokenPath, with(kRefreshForm, {{"client_id", "native"}}));
    request.target.query = {{name, "x"}};
    EXPECT_EQ(why(request), Why::kMalformed) << name;
  }
}

// checklist 32
TEST_F(Requests, TokensAreAskedForByPost) {
  for (const char* method : {"GET", "PUT", "TRACE", "HEAD", "post"}) {
    for (const auto path : {kTokenPath, kIntrospectPath, kRevokePath}) {
      auto request = post(path, with(kRefreshForm, {{"client_id", "native"}, {"token", "t"}}));
      request.method = method;
      const auto response = refused(codec_, request, {});
      EXPECT_EQ(response.status, 405) << method << path;
      EXPECT_EQ(header(response, "Allow"), "POST");
    }
  }
}

TEST_F(Requests, OtherGrantTypesAreNotSupported) {
  for (const char* grant : {"password", "implicit", "urn:x:y", "Refresh_Token"}) {
    const auto response =
        refused(codec_, post(kTokenPath, {{"grant_type", grant}, {"client_id", "native"}}), {});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(member(response, "error"), "unsupported_grant_type") << grant;  // checklist 19
  }
  EXPECT_EQ(why(post(kTokenPath, {{"client_id", "native"}})), Why::kMalformed);
}

// checklist 10
TEST_F(Requests, AChallengeIsOneOfS256) {
  const std::string challenge = engine::pkce_challenge(Secret(std::string(43, 'v')));
  const auto ask = [&](const http::Pairs& more) {
    const http::Pairs query{{"client_id", "native"}, {"response_type", "code"}};
    return read({.method = "GET", .target = {std::string(kAuthorizePath), with(query, more)}});
  };
  const auto good = ask({{"code_challenge", challenge}, {"code_challenge_method", "S256"}});
  ASSERT_TRUE(good);
  EXPECT_EQ(std::get<engine::Authorize>(*good).challenge, challenge);
  for (const http::Pairs& bad :
       {http::Pairs{{"code_challenge", challenge}},
        http::Pairs{{"code_challenge", challenge}, {"code_challenge_method", "plain"}},
        http::Pairs{{"code_challenge", challenge}, {"code_challenge_method", "s256"}},
        http::Pairs{{"code_challenge_method", "S256"}},
        http::Pairs{{"code_challenge", challenge + "A"}, {"code_challenge_method", "S256"}},
        http::Pairs{{"code_challenge", challenge.substr(1)}, {"code_challenge_method", "S256"}}})
    EXPECT_FALSE(ask(bad));
}

TEST_F(Requests, AUserInfoTokenComesInItsHeader) {
  const http::Request bearer{.method = "GET",
                             .target = {std::string(kUserInfoPath), {}},
                             .headers = {{"Authorization", "Bearer t"}}};
  EXPECT_EQ(std::get<engine::UserInfo>(*read(bearer)).bearer, Secret("t"));
  http::Request bound = bearer;
  bound.headers.set("Authorization", "DPoP t");
  EXPECT_EQ(why(bound), Why::kOtpWrong) << "no proof";
  http::Request query = bearer;
  query.headers.remove("Authorization");
  query.target.query = {{"access_token", "t"}};
  EXPECT_TRUE(std::get<engine::UserInfo>(*read(query)).bearer.empty());  // checklist 30
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
