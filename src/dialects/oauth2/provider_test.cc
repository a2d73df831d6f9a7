#include "dialects/oauth2/provider.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr std::string_view kIssuer = "https://id.example/tenant";

json::Object good() {
  return {{"issuer", kIssuer},
          {"authorization_endpoint", "https://id.example/tenant/auth?realm=x"},
          {"token_endpoint", "https://tokens.example/t"},
          {"jwks_uri", "https://id.example/keys"},
          {"scopes_supported", json::Array{"openid"}}};
}

json::Object with(std::string_view name, json::Value value) {
  json::Object changed;
  for (const auto& member : good())
    if (member.name != name) changed.add(member.name, member.value);
  return changed.add(std::string(name), std::move(value));
}

Result<Provider> read(const json::Object& object) {
  return read_description(kIssuer, json::write(object));
}

struct Place {
  const char* issuer;
  const char* openid;
  const char* oauth;
};
class DescriptionAddress : public ::testing::TestWithParam<Place> {};

TEST_P(DescriptionAddress, IsMadeFromTheName) {
  const auto found = description_addresses(GetParam().issuer);
  ASSERT_TRUE(found) << found.error().say;
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ(found->at(0).origin + found->at(0).target.path, GetParam().openid);
  EXPECT_EQ(found->at(1).origin + found->at(1).target.path, GetParam().oauth);
}

INSTANTIATE_TEST_SUITE_P(
    , DescriptionAddress,
    ::testing::Values(
        Place{"https://a.example", "https://a.example/.well-known/openid-configuration",
              "https://a.example/.well-known/oauth-authorization-server"},
        Place{"https://a.example/", "https://a.example/.well-known/openid-configuration",
              "https://a.example/.well-known/oauth-authorization-server"},
        Place{"https://A.example:8443/t/v2",
              "https://a.example:8443/t/v2/.well-known/openid-configuration",
              "https://a.example:8443/.well-known/oauth-authorization-server/t/v2"},
        Place{"http://127.0.0.1:8080", "http://127.0.0.1:8080/.well-known/openid-configuration",
              "http://127.0.0.1:8080/.well-known/oauth-authorization-server"}));

class NoIssuer : public ::testing::TestWithParam<const char*> {};

TEST_P(NoIssuer, IsRefused) {
  EXPECT_EQ(description_addresses(GetParam()).error().why, Why::kUsage);
}

INSTANTIATE_TEST_SUITE_P(, NoIssuer,
                         ::testing::Values("", "id.example", "http://id.example",
                                           "ftp://id.example", "https://", "https://me@id.example",
                                           "https://id.example?x=1", "https://id.example/#f",
                                           "https://id.example:0", "https://id.example:99999",
                                           "https://id.example/a/../b", "https://id example",
                                           "https://id.example\\@evil.example", "https://[::1"));

TEST(Description, IsReadAsFarAsAClientNeedsIt) {
  const auto provider = read(good());
  ASSERT_TRUE(provider) << provider.error().say;
  EXPECT_EQ(provider->issuer, kIssuer);
  EXPECT_EQ(provider->token, (dialect::Address{"https://tokens.example", {"/t", {}}}));
  EXPECT_EQ(provider->authorize,
            (dialect::Address{"https://id.example", {"/tenant/auth", {{"realm", "x"}}}}));
  EXPECT_FALSE(provider->device);
  EXPECT_EQ(provider->auth_methods, std::vector<std::string>{"client_secret_basic"});
  EXPECT_TRUE(provider->takes_s256) << "it does not say otherwise";
  EXPECT_FALSE(provider->returns_issuer);
}

TEST(Description, SaysWhatItTakes) {
  EXPECT_FALSE(read(with("code_challenge_methods_supported", json::Array{"plain"}))->takes_s256);
  EXPECT_TRUE(read(with("code_challenge_methods_supported", json::Array{"S256"}))->takes_s256);
  EXPECT_TRUE(read(with("authorization_response_iss_parameter_supported", true))->returns_issuer);
}

TEST(Description, SaysWhereRequestsAreHandedInBeforehand) {
  EXPECT_FALSE(read(good())->push);
  EXPECT_FALSE(read(good())->only_pushed);
  const auto offered =
      read(with("pushed_authorization_request_endpoint", "https://id.example/par"));
  EXPECT_EQ(offered->push, (dialect::Address{"https://id.example", {"/par", {}}}));
  EXPECT_TRUE(read(with("require_pushed_authorization_requests", true))->only_pushed);
  EXPECT_FALSE(read(with("require_pushed_authorization_requests", "true"))->only_pushed);
}

TEST(Description, ThatIsKeptIsReadAsTheSame) {
  const std::string whole =
      json::write(with("authorization_response_iss_parameter_supported", true));
  const auto kept = reduce_description(whole);
  ASSERT_TRUE(kept);
  EXPECT_EQ(provider_of(*kept).value(), read_description(kIssuer, whole).value());
  EXPECT_EQ(kept->find("scopes_supported"), std::string::npos);
}

struct Bad {
  const char* name;
  json::Object description;
};
class BadDescription : public ::testing::TestWithParam<Bad> {};

TEST_P(BadDescription, IsRefused) {
  const auto provider = read(GetParam().description);
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().why, Why::kBadResponse);
}

// checklist 35
INSTANTIATE_TEST_SUITE_P(
    , BadDescription,
    ::testing::Values(
        Bad{"no_issuer", with("issuer", nullptr)},
        Bad{"another_issuer", with("issuer", "https://evil.example")},
        Bad{"a_slash_more", with("issuer", "https://id.example/tenant/")},
        Bad{"another_case", with("issuer", "https://ID.example/tenant")},
        Bad{"the_usual_port", with("issuer", "https://id.example:443/tenant")},
        Bad{"issuer_is_a_list", with("issuer", json::Array{std::string(kIssuer)})},
        Bad{"no_token_endpoint", with("token_endpoint", nullptr)},
        Bad{"token_endpoint_in_clear", with("token_endpoint", "http://tokens.example/t")},
        Bad{"token_endpoint_on_this_machine", with("token_endpoint", "http://127.0.0.1:1/t")},
        Bad{"token_endpoint_with_a_user", with("token_endpoint", "https://a@tokens.example/t")},
        Bad{"token_endpoint_with_a_fragment", with("token_endpoint", "https://tokens.example/t#x")},
        Bad{"token_endpoint_is_a_file", with("token_endpoint", "file:///etc/passwd")},
        Bad{"token_endpoint_is_a_number", with("token_endpoint", 7)},
        Bad{"a_browser_address_that_runs", with("authorization_endpoint", "javascript:alert(1)")},
        Bad{"keys_in_clear", with("jwks_uri", "http://id.example/keys")},
        Bad{"a_line_end", with("revocation_endpoint", "https://id.example/r\r\nX: y")},
        Bad{"requests_handed_in_in_clear",
            with("pushed_authorization_request_endpoint", "http://id.example/par")},
        Bad{"methods_no_list", with("token_endpoint_auth_methods_supported", "none")},
        Bad{"methods_of_numbers", with("token_endpoint_auth_methods_supported", json::Array{1})}),
    [](const auto& info) { return info.param.name; });

TEST(Description, OnThisMachineMayBeInClear) {
  const auto provider =
      read_description("http://127.0.0.1:9",
                       R"({"issuer":"http://127.0.0.1:9","token_endpoint":"http://[::1]:9/t"})");
  ASSERT_TRUE(provider) << provider.error().say;
  EXPECT_EQ(provider->token->origin, "http://[::1]:9");
}

TEST(Description, ThatIsNoObjectIsRefused) {
  for (const char* text : {"", "[]", "null", "<html>", R"({"issuer":1,"issuer":2})"})
    EXPECT_EQ(read_description(kIssuer, text).error().why, Why::kBadResponse) << text;
  const std::string huge(kMostDescriptionBytes + 1, ' ');
  EXPECT_EQ(read_description(kIssuer, huge).error().why, Why::kBadResponse);
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
