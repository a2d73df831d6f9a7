#include "dialects/oauth2/described.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "dialects/oauth2/client_wire.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);

Provider provider() {
  Provider made{.issuer = "https://id.example"};
  made.authorize = {"https://id.example", {"/go", {{"realm", "x"}}}};
  made.token = {"https://tokens.example:8443", {"/t", {}}};
  made.auth_methods = {"client_secret_basic", "client_secret_post"};
  return made;
}

Described codec(Provider of = provider(), const char* method = "auto") {
  return {std::move(of), method, client_codec()};
}

engine::ClientCredentials asked(const char* secret) {
  engine::ClientCredentials credentials;
  credentials.client.id = ClientId("a:b");
  credentials.client.secret = Secret(secret);
  return credentials;
}

TEST(Described, GoesWhereTheProviderSays) {
  const auto wire = codec();
  const auto request = wire.encode_request(asked("s"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->target.path, "/t");
  EXPECT_EQ(wire.origin(asked("s")), "https://tokens.example:8443");
}

TEST(Described, KeepsTheQueryOfAnAddress) {
  const auto request = codec().encode_request(engine::Authorize{.client = ClientId("a")});
  ASSERT_TRUE(request);
  EXPECT_EQ(http::write_target(request->target), "/go?realm=x&response_type=code&client_id=a");
}

TEST(Described, HasNoCallThatTheProviderHasNot) {
  const auto refused = codec().encode_request(engine::AuthorizeDevice{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, Why::kUnsupported);
  EXPECT_NE(refused.error().say.find("device_authorization_endpoint"), std::string::npos);
  EXPECT_EQ(codec().encode_request(engine::PushAuthorization{}).error().why, Why::kUnsupported);
  EXPECT_EQ(codec().encode_request(engine::Login{}).error().why, Why::kUnsupported);
}

TEST(Described, AsksForNoCodeWhereNobodyChecksTheVerifier) {
  auto weak = provider();
  weak.takes_s256 = false;
  const auto refused =
      codec(weak).encode_request(engine::Authorize{.client = ClientId("a"), .challenge = "c"});
  EXPECT_EQ(refused.error().why, Why::kUnsupported);
  weak.push = provider().token;
  EXPECT_EQ(codec(weak)
                .encode_request(engine::PushAuthorization{.asked = {.challenge = "c"}})
                .error()
                .why,
            Why::kUnsupported);
}

struct Method {
  const char* name;
  std::vector<std::string> taken;
  const char* chosen;
  const char* secret;
  const char* header;  ///< after "Basic ", decoded; nullptr: none
  const char* body;
};
class ClientAuthenticationRow : public ::testing::TestWithParam<Method> {};

TEST_P(ClientAuthenticationRow, IsWhatTheProviderTakes) {
  auto of = provider();
  of.auth_methods = GetParam().taken;
  const auto request = codec(of, GetParam().chosen).encode_request(asked(GetParam().secret));
  ASSERT_TRUE(request) << request.error().say;
  EXPECT_EQ(request->body, GetParam().body);
  const std::string* header = request->headers.find("Authorization");
  ASSERT_EQ(header != nullptr, GetParam().header != nullptr);
  if (header == nullptr) return;
  EXPECT_EQ(*header, "Basic " + to_base64(bytes_of(GetParam().header)));
}

// checklist 29: never two methods at once.
INSTANTIATE_TEST_SUITE_P(
    , ClientAuthenticationRow,
    ::testing::Values(Method{"in_the_header",
                             {"client_secret_basic"},
                             "auto",
                             "s&",
                             "a%3Ab:s%26",
                             "grant_type=client_credentials"},
                      Method{"in_the_form",
                             {"client_secret_post"},
                             "auto",
                             "s&",
                             nullptr,
                             "grant_type=client_credentials&client_id=a%3Ab&client_secret=s%26"},
                      Method{"the_better_of_two",
                             {"client_secret_post", "client_secret_basic"},
                             "auto",
                             "s",
                             "a%3Ab:s",
                             "grant_type=client_credentials"},
                      Method{"as_the_profile_says",
                             {"client_secret_basic"},
                             "client_secret_post",
                             "s",
                             nullptr,
                             "grant_type=client_credentials&client_id=a%3Ab&client_secret=s"},
                      Method{"without_a_secret",
                             {"none"},
                             "auto",
                             "",
                             nullptr,
                             "grant_type=client_credentials&client_id=a%3Ab"}),
    [](const auto& info) { return info.param.name; });

TEST(ClientAuthentication, IsNotGuessed) {
  auto of = provider();
  of.auth_methods = {"private_key_jwt"};
  EXPECT_EQ(codec(of).encode_request(asked("s")).error().why, Why::kUnsupported);
}

// An issuer once refused a pushed request whose client was in the header alone.
TEST(ClientAuthentication, LeavesAPushedRequestItsClient) {
  auto of = provider();
  of.push = of.token;
  for (const char* method : {"client_secret_basic", "client_secret_post"}) {
    const auto request = codec(of, method)
                             .encode_request(engine::PushAuthorization{.client = asked("s").client,
                                                                       .asked = {.state = "x"}});
    ASSERT_TRUE(request);
    const auto form = http::parse_form(request->body).value();
    EXPECT_EQ(std::ranges::count(form, "client_id", [](const auto& pair) { return pair.first; }), 1)
        << request->body;
  }
}

TEST(ClientAuthentication, ByAKeySendsNothingElse) {
  auto signed_one = asked("s");
  signed_one.client.assertion = engine::ClientAssertion{.text = Secret("a.b.c")};
  const auto request = codec(provider(), "private_key_jwt").encode_request(signed_one);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->headers.find("Authorization"), nullptr);
  EXPECT_EQ(request->body.find("client_secret"), std::string::npos);
  EXPECT_TRUE(request->body.ends_with("client_assertion=a.b.c")) << request->body;
  EXPECT_EQ(codec(provider(), "private_key_jwt").encode_request(asked("s")).error().why, Why::kBug)
      << "nobody signed it";
}

struct Back {
  const char* name;
  bool promised;
  const char* query;
  bool taken;
};
class CallbackIssuerRow : public ::testing::TestWithParam<Back> {};

// checklist 12
TEST_P(CallbackIssuerRow, IsComparedToTheLetter) {
  auto of = provider();
  of.returns_issuer = GetParam().promised;
  const engine::Operation authorize = engine::Authorize{.client = ClientId("a")};
  const auto outcome = codec(of).decode_reply(
      {authorize, kNoon},
      {302, {{"Location", std::string("http://127.0.0.1:8000/cb?") + GetParam().query}}, {}});
  EXPECT_EQ(outcome.has_value(), GetParam().taken);
  if (!outcome && std::string_view(GetParam().query).find("error") == std::string_view::npos)
    EXPECT_EQ(outcome.error().why, Why::kBadResponse);
}

INSTANTIATE_TEST_SUITE_P(
    , CallbackIssuerRow,
    ::testing::Values(
        Back{"right", true, "code=c&iss=https%3A%2F%2Fid.example", true},
        Back{"right_though_not_promised", false, "code=c&iss=https%3A%2F%2Fid.example", true},
        Back{"not_promised", false, "code=c", true}, Back{"missing", true, "code=c", false},
        Back{"empty", true, "code=c&iss=", false},
        Back{"another", false, "code=c&iss=https%3A%2F%2Fevil.example", false},
        Back{"a_slash_more", false, "code=c&iss=https%3A%2F%2Fid.example%2F", false},
        Back{"twice", false, "code=c&iss=https%3A%2F%2Fid.example&iss=https%3A%2F%2Fevil.example",
             false}),
    [](const auto& info) { return info.param.name; });

TEST(CallbackIssuer, IsAskedForARefusalToo) {
  auto of = provider();
  of.returns_issuer = true;
  const engine::Operation authorize = engine::Authorize{.client = ClientId("a")};
  const auto outcome = codec(of).decode_reply(
      {authorize, kNoon}, {302, {{"Location", "http://127.0.0.1/cb?error=access_denied"}}, {}});
  EXPECT_EQ(outcome.error().why, Why::kBadResponse) << "anybody can say no in somebody's name";
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
