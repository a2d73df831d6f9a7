#include "server/served_realm.h"

#include "dialects/oauth2/oauth2.h"
#include "dialects/sinopac/sinopac.h"
#include "server/testing.h"

namespace latchkey::server {
namespace {

class Served : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ServedRealm>> make(const std::string& base_url, const std::string& prefix,
                                            const std::map<std::string, std::string>& given = {}) {
    const auto& dialect = dialects::oauth2::dialect();
    RealmSpec spec{.name = Realm("id"),
                   .dialect = &dialect,
                   .settings = *dialect::Settings::make(dialect.settings(), given),
                   .prefix = prefix};
    EngineParts parts{.store = store_, .keys = keys_};
    parts.base_url = base_url;
    return ServedRealm::make(std::move(spec), parts, kNoon);
  }
  static json::Object fetch(const ServedRealm& realm, std::string_view path) {
    const auto found =
        realm.document({.method = "GET", .target = {std::string(path), {}}}, kNoon).value().value();
    return *json::parse(found.body)->as_object();
  }
  static std::string issuer_of(const ServedRealm& realm) {
    return json::string_field(fetch(realm, "/.well-known/openid-configuration"), "issuer").value();
  }
  store::MemoryStore store_;
  engine::Keys keys_{Secret("a master key of thirty-two bytes")};
};

// checklist 35
TEST_F(Served, ARealmThatNamesItselfKnowsItsName) {
  EXPECT_EQ(issuer_of(**make("https://here.example", "")), "https://here.example");
  EXPECT_EQ(issuer_of(**make("https://here.example", "/x")), "https://here.example/x");
  EXPECT_EQ(issuer_of(**make("https://here.example", "/x", {{"issuer", "https://id.example"}})),
            "https://id.example");
  const auto nameless = make("", "");
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().why, Why::kUsage);
  EXPECT_NE(nameless.error().say.find("issuer"), std::string::npos);
}

TEST_F(Served, ItsDescriptionIsWhereEitherStandardLooks) {
  const auto realm = *make("https://here.example", "/x");
  for (const char* path :
       {"/.well-known/oauth-authorization-server/x", "/x/.well-known/oauth-authorization-server"})
    EXPECT_EQ(realm->path_within(path), "/.well-known/oauth-authorization-server") << path;
  for (const char* path :
       {"/.well-known/openid-configuration/x", "/x/.well-known/openid-configuration"})
    EXPECT_EQ(realm->path_within(path), "/.well-known/openid-configuration") << path;
  for (const char* path :
       {"/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/y",
        "/oauth2/token", "/.well-known/oauth-authorization-serverx"})
    EXPECT_EQ(realm->path_within(path), std::nullopt) << path;
  EXPECT_EQ(realm->path_within("/x/oauth2/token"), "/oauth2/token");
}

// checklist 52
TEST_F(Served, ItsKeysArePublicOnes) {
  const auto realm = *make("https://here.example", "");
  const auto body = fetch(*realm, "/oauth2/jwks");
  const auto& keys = *body.find("keys")->as_array();
  ASSERT_EQ(keys.size(), 1u);
  const json::Object& key = *keys.front().as_object();
  EXPECT_EQ(json::string_field(key, "alg").value(), "ES256");
  for (const char* part : {"d", "p", "q", "k"}) EXPECT_EQ(key.find(part), nullptr) << part;
}

TEST_F(Served, AnotherDialectNeedsNoName) {
  const auto& dialect = dialects::sinopac::dialect();
  const EngineParts parts{.store = store_, .keys = keys_};
  RealmSpec spec{.name = Realm("s"),
                 .dialect = &dialect,
                 .settings = *dialect::Settings::make(dialect.settings())};
  const auto realm = ServedRealm::make(std::move(spec), parts, kNoon);
  ASSERT_TRUE(realm);
  EXPECT_EQ((*realm)->document({.method = "GET", .target = {"/oauth2/jwks", {}}}, kNoon).value(),
            std::nullopt);
}

}  // namespace
}  // namespace latchkey::server
