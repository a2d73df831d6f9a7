#include "dialects/oauth2/client.h"

#include <gtest/gtest.h>

namespace latchkey::dialects::oauth2 {
namespace {

using namespace std::chrono_literals;

dialect::Settings settings(const std::map<std::string, std::string>& given = {}) {
  return dialect::Settings::make(client_settings(), given).value();
}

dialect::Answers answers(std::map<std::string, std::string> given = {}) {
  dialect::Answers made{{"client_id", Secret("me")}};
  for (const auto& [name, value] : given) made.insert_or_assign(name, Secret(value));
  return made;
}

dialect::Traits traits(const std::map<std::string, std::string>& given = {}) {
  return client_traits({}, settings(given));
}

TEST(ClientFacts, TakeARefreshTokenForSingleUseUntilTold) {
  EXPECT_EQ(traits().rotation, engine::Rotation::kSingleUse);
  EXPECT_TRUE(traits().rotation_is_assumed);
  EXPECT_EQ(traits().replay_window, 0s);
  EXPECT_FALSE(traits({{"rotation", "single-use"}}).rotation_is_assumed);
  EXPECT_EQ(traits({{"rotation", "reusable"}}).rotation, engine::Rotation::kReusable);
  EXPECT_EQ(traits({{"replay_window", "30s"}}).replay_window, 30s);
  EXPECT_EQ(traits({{"refresh_lifetime", "30d"}}).refresh_lifetime, 30 * 24h);
  EXPECT_EQ(traits().refresh_lifetime, std::nullopt);
}

TEST(ClientFacts, NeedNoPersonForAClientOfItsOwn) {
  EXPECT_EQ(traits().presence, dialect::Presence::kBrowser);
  EXPECT_EQ(traits({{"flow", "device"}}).presence, dialect::Presence::kBrowser);
  const auto alone = traits({{"flow", "client_credentials"}});
  EXPECT_EQ(alone.presence, dialect::Presence::kNone);
  EXPECT_EQ(alone.rotation, engine::Rotation::kNone);
}

TEST(ClientFacts, AskForASecretOrAKeyWhereOneIsNeeded) {
  const auto needed = [](const std::map<std::string, std::string>& given) {
    std::string names;
    for (const auto& question : client_questions())
      if (question.secret && client_requires(question, settings(given)))
        names += std::string(question.name) + " ";
    return names;
  };
  EXPECT_EQ(needed({}), "");
  EXPECT_EQ(needed({{"auth_method", "client_secret_post"}}), "client_secret ");
  EXPECT_EQ(needed({{"flow", "client_credentials"}}), "client_secret ");
  EXPECT_EQ(needed({{"auth_method", "private_key_jwt"}}), "client_key ");
  EXPECT_EQ(needed({{"auth_method", "private_key_jwt"}, {"flow", "client_credentials"}}),
            "client_key ");
}

TEST(ClientLogin, InABrowserAsksForConsentWhereARefreshTokenNeedsIt) {
  const auto authorize = [](std::map<std::string, std::string> given) {
    return std::get<engine::Authorize>(client_login(settings(), answers(std::move(given))).value());
  };
  EXPECT_EQ(authorize({}).redirect_uri, "http://127.0.0.1:8000/cb");
  EXPECT_TRUE(authorize({{"scope", "openid"}}).prompt.empty());
  EXPECT_EQ(authorize({{"scope", "openid offline_access"}}).prompt,
            std::vector<std::string>{"consent"});
  EXPECT_EQ(authorize({{"resource", " https://a.example  https://b.example"}}).resources,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
}

TEST(ClientLogin, FollowsTheFlow) {
  EXPECT_TRUE(std::holds_alternative<engine::AuthorizeDevice>(
      client_login(settings({{"flow", "device"}}), answers()).value()));
  const auto alone = settings({{"flow", "client_credentials"}});
  EXPECT_TRUE(std::holds_alternative<engine::ClientCredentials>(
      client_login(alone, answers({{"client_secret", "s"}})).value()));
  EXPECT_EQ(client_login(alone, answers()).error().why, Why::kUsage);
  EXPECT_EQ(client_login(settings(), {}).error().why, Why::kUsage);
}

TEST(ClientLogin, WithAKeyLooksAtItFirst) {
  const auto refused = [](const char* method, std::map<std::string, std::string> given) {
    return client_login(settings({{"auth_method", method}}), answers(std::move(given))).error();
  };
  EXPECT_EQ(refused("private_key_jwt", {}).say, "oauth2: the client key is missing");
  EXPECT_EQ(refused("private_key_jwt", {{"client_key", "x"}}).why, Why::kUsage);
  EXPECT_EQ(refused("auto", {{"client_key", "x"}}).say,
            "oauth2: a client_key is for auth_method = \"private_key_jwt\"");
}

TEST(ClientProofs, BeginWithWhatSaysMost) {
  const auto with_secret = client_proofs(answers({{"client_secret", "s"}}), Secret("t"));
  ASSERT_EQ(with_secret.size(), 2u);
  EXPECT_EQ(client_proofs(answers({{"client_key", "k"}}), Secret("t")).size(), 2u);
  EXPECT_TRUE(std::holds_alternative<engine::Introspect>(with_secret[0]));
  const auto without = client_proofs(answers(), Secret("t"));
  ASSERT_EQ(without.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<engine::UserInfo>(without[0]));
}

TEST(AnyIssuer, KeepsWhatItReadAndSpeaksByIt) {
  const std::string text =
      R"({"issuer":"https://id.example","token_endpoint":"https://id.example/t","x":1})";
  const auto kept = issuer().read("https://id.example", http::json_response(200, text));
  ASSERT_TRUE(kept) << kept.error().say;
  const auto codec = issuer().codec(settings(), *kept);
  ASSERT_TRUE(codec);
  EXPECT_EQ((*codec)->origin(engine::ClientCredentials{}), "https://id.example");
  EXPECT_FALSE(issuer().keys(*kept));
  EXPECT_FALSE(issuer().pushes(settings(), *kept)) << "there is nowhere to hand it in";
  EXPECT_EQ(issuer().codec(settings(), "{}").error().why, Why::kBadResponse);
  EXPECT_TRUE(issuer().codec(settings(), "")) << "what carries a token needs no description";
}

}  // namespace
}  // namespace latchkey::dialects::oauth2
