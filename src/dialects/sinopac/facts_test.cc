#include <gtest/gtest.h>

#include <algorithm>

#include "dialects/sinopac/codec.h"
#include "dialects/sinopac/pages.h"
#include "dialects/sinopac/sinopac.h"

namespace latchkey::dialects::sinopac {
namespace {

dialect::Settings settings(const std::map<std::string, std::string>& given = {}) {
  return *dialect::Settings::make(sinopac::dialect().settings(), given);
}

TEST(SinopacFacts, TheRefreshTokenOutlivesTheAccessTokenByADay) {
  const auto policy = sinopac::dialect().policy(settings());
  EXPECT_EQ(policy.code_lifetime, Seconds{300});
  EXPECT_EQ(policy.access_lifetime, Seconds{86400});
  EXPECT_EQ(policy.refresh_lifetime, Seconds{86400});
  EXPECT_TRUE(policy.refresh_from_access_end);
  EXPECT_EQ(policy.rotation, engine::Rotation::kSingleUse);
  EXPECT_EQ(policy.on_replay, engine::OnReplay::kRefuse);
  EXPECT_TRUE(policy.refresh_needs_client);
}

TEST(SinopacFacts, SettingsReachThePolicy) {
  const auto policy = sinopac::dialect().policy(
      settings({{"rotation", "reissue"}, {"on_replay", "revoke"}, {"code_lifetime", "60s"}}));
  EXPECT_EQ(policy.rotation, engine::Rotation::kReissue);
  EXPECT_EQ(policy.on_replay, engine::OnReplay::kRevokeFamily);
  EXPECT_EQ(policy.code_lifetime, Seconds{60});
}

TEST(SinopacFacts, ALoginSendsTheBrowserAwayWithAFreshState) {
  dialect::Answers answers{{"client_id", Secret("c")}, {"client_secret", Secret("s")}};
  const auto one = std::get<engine::Authorize>(*sinopac::dialect().login(answers));
  const auto two = std::get<engine::Authorize>(*sinopac::dialect().login(answers));
  EXPECT_EQ(one.redirect_uri, "http://127.0.0.1:8000/cb");
  EXPECT_NE(one.state, two.state);  // checklist 13
  EXPECT_TRUE(std::ranges::all_of(one.state, [](unsigned char c) { return std::isalnum(c); }));
}

TEST(SinopacFacts, ALoginSaysWhatIsMissing) {
  EXPECT_EQ(sinopac::dialect().login({}).error().why, Why::kUsage);
  EXPECT_EQ(sinopac::dialect().login({{"client_id", Secret("c")}}).error().why, Why::kUsage);
  EXPECT_EQ(sinopac::dialect()
                .login({{"client_id", Secret("c")},
                        {"client_secret", Secret("s")},
                        {"redirect_uri", Secret("nonsense")}})
                .error()
                .why,
            Why::kUsage);
}

TEST(SinopacFacts, TheDemoClientMayRedirectWhereALoginAsks) {
  const auto demo = sinopac::dialect().demo();
  const auto& client = demo.clients.at(0);
  const auto asked = std::get<engine::Authorize>(*sinopac::dialect().login(
      {{"client_id", Secret(client.client.id.text)}, {"client_secret", client.secret}}));
  EXPECT_NE(std::ranges::find(client.client.redirect_uris, asked.redirect_uri),
            client.client.redirect_uris.end());
}

TEST(SinopacPages, FollowTheScreensAndHaveNoDenyButton) {
  const auto& pages = sinopac::pages();
  EXPECT_EQ(pages.end, dialect::PagesEnd::kRedirect);
  EXPECT_EQ(pages.words.front().language, "zh-Hant");
  EXPECT_EQ(pages.words.size(), 4u);
  for (const auto& words : pages.words) {
    EXPECT_EQ(words.rights.size(), 3u) << words.language;
    EXPECT_TRUE(words.deny.empty()) << words.language;
    for (const auto text : {words.title, words.subtitle, words.remember, words.sign_in, words.allow,
                            words.redirect_note, words.continue_as, words.other_account})
      EXPECT_FALSE(text.empty()) << words.language;
  }
}

}  // namespace
}  // namespace latchkey::dialects::sinopac
