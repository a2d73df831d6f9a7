#include "dialects/oauth2/registration.h"

#include "dialects/oauth2/testing.h"

namespace latchkey::dialects::oauth2 {
namespace {

json::Object metadata() {
  return object_from(R"({"redirect_uris":["https://backup.example/cb"]})");
}
json::Object native() {
  return object_from(R"({"application_type":"native","token_endpoint_auth_method":"none",
                         "redirect_uris":["http://127.0.0.1/cb"]})");
}

TEST(Registration, FillsInTheStandardsDefaults) {
  const auto facts = read_client_facts(metadata());
  ASSERT_TRUE(facts.has_value()) << facts.error().say;
  EXPECT_EQ(facts->grants, std::vector<std::string>{"authorization_code"});
  EXPECT_EQ(facts->auth_method, "client_secret_basic");
  EXPECT_FALSE(facts->native);
  EXPECT_FALSE(facts->bound);
}

TEST(Registration, KeepsAllThatItKnows) {
  json::Object asked = object_from(R"({"client_name":"Backup","application_type":"native",
      "redirect_uris":["com.example.backup:/cb","http://[::1]:9/cb"],
      "grant_types":["authorization_code","refresh_token"],"response_types":["code"],
      "token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_signing_alg":"ES256",
      "scope":"openid read","dpop_bound_access_tokens":true,"subject_type":"public",
      "logo_uri":"http://169.254.169.254/","unknown":{"a":[1]}})");
  asked.add(
      "jwks",
      json::Object{{"keys", json::Array{test_key(crypto::Alg::kEs256).public_jwk("e1").value()}}});
  const auto facts = read_client_facts(asked);
  ASSERT_TRUE(facts.has_value()) << facts.error().say;
  EXPECT_EQ(facts->name, "Backup");
  EXPECT_EQ(facts->redirect_uris.size(), 2u);
  EXPECT_EQ(facts->grants.size(), 2u);
  EXPECT_EQ(facts->scope, "openid read");
  EXPECT_TRUE(facts->native);
  EXPECT_TRUE(facts->bound);
  EXPECT_TRUE(facts->jwks.contains("\"e1\""));
  const json::Object again = write_client_facts(*facts);
  EXPECT_EQ(read_client_facts(again).value(), *facts);
  EXPECT_EQ(again.find("logo_uri"), nullptr);
}

TEST(Registration, TakesRedirectUrisThatAreSafe) {  // checklist 8
  struct Row {
    const char* uri;
    bool web, native;
  };
  const Row rows[] = {{"https://backup.example/cb", true, true},
                      {"https://backup.example/cb?a=b", true, true},
                      {"https://backup.example:8443", true, true},
                      {"http://127.0.0.1/cb", false, true},
                      {"http://localhost:80/cb", false, true},
                      {"http://[::1]/cb", false, true},
                      {"com.example.app:/cb", false, true},
                      {"backup:/cb", false, false},
                      {"file:///etc/passwd", false, false},
                      {"about:blank", false, false},
                      {"http://backup.example/cb", false, false},
                      {"http://127.0.0.1.evil.example/cb", false, false},
                      {"http://127.0.0.1@evil.example/cb", false, false},
                      {"https://backup.example/cb#f", false, false},
                      {"https://*.example/cb", false, false},
                      {"https://user@backup.example/cb", false, false},
                      {"https://backup.example/%zz", false, false},
                      {"https:///cb", false, false},
                      {"javascript:alert(1)", false, false},
                      {"data:text/html,x", false, false},
                      {"/cb", false, false},
                      {"https://backup.example/c b", false, false},
                      {"", false, false}};
  for (const Row& row : rows) {
    const json::Value uris = json::Array{row.uri};
    const auto web = read_client_facts(changed(metadata(), "redirect_uris", uris));
    EXPECT_EQ(web.has_value(), row.web) << row.uri;
    if (!web) EXPECT_EQ(web.error().why, Why::kForbidden) << row.uri;
    EXPECT_EQ(read_client_facts(changed(native(), "redirect_uris", uris)).has_value(), row.native)
        << row.uri;
  }
}

struct Row {
  const char* what;
  std::string member;
  json::Value value;
  Why why = Why::kMalformed;
};

void expect_refused(const json::Object& asked, const Row& row) {
  const auto facts = read_client_facts(changed(asked, row.member, row.value));
  ASSERT_FALSE(facts.has_value()) << row.what;
  EXPECT_EQ(facts.error().why, row.why) << row.what;
  EXPECT_FALSE(facts.error().say.empty()) << row.what;
}

TEST(Registration, RefusesWhatItWouldNotHonour) {  // checklist 19, 67
  const json::Object keys{
      {"keys", json::Array{test_key(crypto::Alg::kEs256).public_jwk("e1").value()}}};
  const Row rows[] = {
      {"keys to be fetched", "jwks_uri", "https://backup.example/jwks"},
      {"keys without their method", "jwks", keys},
      {"a method without its keys", "token_endpoint_auth_method", "private_key_jwt"},
      {"an unknown method", "token_endpoint_auth_method", "tls_client_auth"},
      {"a method that is a number", "token_endpoint_auth_method", 1},
      {"an algorithm without keys", "token_endpoint_auth_signing_alg", "ES256"},
      {"the password grant", "grant_types", json::Array{"password"}},
      {"the implicit grant", "grant_types", json::Array{"implicit"}},
      {"the implicit response", "response_types", json::Array{"token"}},
      {"grants that are text", "grant_types", "authorization_code"},
      {"a grant that is a number", "grant_types", json::Array{1}},
      {"too many grants", "grant_types", json::Array(17, "authorization_code")},
      {"pairwise subjects", "subject_type", "pairwise"},
      {"an unknown type", "application_type", "desktop"},
      {"a scope that is none", "scope", "a  b"},
      {"a scope that is a list", "scope", json::Array{"a"}},
      {"a flag that is text", "dpop_bound_access_tokens", "true"},
      {"a long name", "client_name", std::string(kMostClientNameBytes + 1, 'a')},
      {"a name with a control character", "client_name", "a\x1b[31m"},
      {"a name that turns the writing round", "client_name", "a\xe2\x80\xae"},
      {"no redirect for a code", "redirect_uris", json::Array{}, Why::kForbidden},
      {"redirects that are text", "redirect_uris", "https://a.example/", Why::kForbidden},
      {"too many redirects", "redirect_uris",
       json::Array(kMostRedirectUris + 1, "https://a.example/"), Why::kForbidden}};
  for (const Row& row : rows) expect_refused(metadata(), row);
  expect_refused(native(), {"a public client that acts for itself", "grant_types",
                            json::Array{"authorization_code", "client_credentials"}});
}

TEST(Registration, AClientWithoutACodeNeedsNoRedirect) {
  const auto facts = read_client_facts(object_from(R"({"grant_types":["client_credentials"]})"));
  ASSERT_TRUE(facts.has_value()) << facts.error().say;
  EXPECT_TRUE(facts->redirect_uris.empty());
  const auto device = read_client_facts(object_from(
      R"({"grant_types":["urn:ietf:params:oauth:grant-type:device_code","refresh_token"],
          "token_endpoint_auth_method":"none","application_type":"native"})"));
  EXPECT_TRUE(device.has_value()) << device.error().say;
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
