#include "crypto/totp.h"
#include "engine/testing.h"

namespace latchkey::engine {
namespace {

using NewClient = Admin::NewClient;

Client named(std::string_view id) { return {.realm = kRealm, .id = ClientId{id}}; }

TEST(AdminTest, GeneratesASecretThatWorksAndIsNotStored) {
  World world{keyed()};
  const auto issued = must(world.admin.create_client({.client = named("app")}));
  EXPECT_EQ(issued.secret.size(), 43u);
  EXPECT_TRUE(issued.totp_seed.empty());
  EXPECT_TRUE(issued.shared_key.empty());
  EXPECT_TRUE(world.perform(Login{.client = {ClientId{"app"}, issued.secret}}, kNoon));
  const auto stored = world.store.read([](Tx& tx) { return tx.client(kRealm, ClientId{"app"}); });
  EXPECT_EQ(must(stored)->secret_hash, world.keys.hash_of(issued.secret));
}

TEST(AdminTest, GeneratesASeedForTypedCodes) {
  World world{keyed()};
  NewClient asked{.client = named("app"), .secret = Secret{"s"}};
  asked.client.otp = OtpKind::kTyped;
  const auto issued = must(world.admin.create_client(asked));
  EXPECT_TRUE(issued.secret.empty()) << "what the caller gave is not repeated";
  const Secret code = crypto::totp(bytes_of(issued.totp_seed.reveal()), kNoon);
  EXPECT_TRUE(world.perform(Login{.client = {ClientId{"app"}, Secret{"s"}}, .otp = code}, kNoon));
}

TEST(AdminTest, GeneratesAKeyForAPartner) {
  World world{partnered()};
  NewClient asked{.client = named("app")};
  asked.client.partner = "P";
  const auto issued = must(world.admin.create_client(asked));
  EXPECT_EQ(parse_hex(issued.shared_key.reveal()).value().size(), 32u);
  const auto stored =
      must(world.store.read([](Tx& tx) { return tx.client_of_partner(kRealm, "P"); }));
  EXPECT_EQ(must(shared_key_of(world.keys, *stored)), issued.shared_key);
  const Keys others{Secret{std::string(32, 'x')}};
  EXPECT_EQ(why(shared_key_of(others, *stored)), Why::kStore);
  Client moved = *stored;
  moved.id = ClientId{"thief"};
  EXPECT_EQ(why(shared_key_of(world.keys, moved)), Why::kStore) << "a sealed row was moved";
}

TEST(AdminTest, RefusesClientsThatCannotBe) {
  World world{keyed()};
  NewClient asked{.client = named("app")};
  asked.client.partner = "P";
  must(world.admin.create_client(asked));
  EXPECT_EQ(why(world.admin.create_client({.client = named("app")})), Why::kConflict);
  EXPECT_TRUE(world.admin.create_client(asked, true));
  asked.client.id = ClientId{"other"};
  EXPECT_EQ(why(world.admin.create_client(asked, true)), Why::kConflict);
  EXPECT_EQ(why(world.admin.create_client({.client = named("")})), Why::kMalformed);
  NewClient loose{.client = named("loose")};
  loose.client.redirect_uris = {"https://a.example/cb", "http://a.example/cb"};
  EXPECT_EQ(why(world.admin.create_client(loose)), Why::kMalformed);
}

TEST(AdminTest, EndsEverythingOfAClientThatIsDisabled) {
  World world{keyed()};
  world.add_client("app");
  world.add_client("other");
  const TokenSet set = world.tokens(Login{.client = World::key_of("app")});
  const TokenSet other = world.tokens(Login{.client = World::key_of("other")});
  must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, true, kNoon));
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}), Why::kRevoked);
  EXPECT_TRUE(world.is_live(other.access_token));
  must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, false, kNoon));
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}), Why::kRevoked);
  EXPECT_TRUE(world.perform(Login{.client = World::key_of("app")}, kNoon));
  EXPECT_EQ(why(world.admin.set_client_disabled(kRealm, ClientId{"no"}, true, kNoon)),
            Why::kNotFound);
}

TEST(AdminTest, LeavesNothingAliveWhenADisablingRacesALogin) {
  World world{keyed()};
  world.add_client("app");
  for (int round = 0; round < 20; ++round) {
    must(world.admin.set_client_disabled(kRealm, ClientId{"app"}, false, kNoon));
    in_parallel(4, [&](int i) {
      if (i == 0) {
        return world.admin.set_client_disabled(kRealm, ClientId{"app"}, true, kNoon).has_value();
      }
      return world.perform(Login{.client = World::key_of("app")}, kNoon).has_value();
    });
    EXPECT_EQ(world.live_families(), 0) << round;
  }
}

TEST(AdminTest, KeepsAUsersNumberWhenTheUserIsReplaced) {
  World world{tiered()};
  world.add_user("acme");
  const auto number = [&] {
    return must(world.store.read([](Tx& tx) { return tx.subject(kRealm, SubjectId{"acme"}); }))
        ->number;
  };
  const auto before = number();
  world.add_user("acme");
  EXPECT_EQ(number(), before);
  EXPECT_EQ(
      why(world.admin.create_user({.realm = kRealm, .login = SubjectId{"acme"}}, Secret{"x"})),
      Why::kConflict);
  EXPECT_EQ(why(world.admin.create_user({.realm = kRealm}, Secret{"x"})), Why::kMalformed);
}

TEST(AdminTest, EndsEverythingOfAUserWhosePasswordChanges) {  // checklist 27
  World world{tiered()};
  world.add_user("acme");
  world.add_user("other");
  const TokenSet set = world.tokens(Login{.user = World::user_key("acme")});
  const TokenSet other = world.tokens(Login{.user = World::user_key("other")});
  must(world.admin.set_password(kRealm, SubjectId{"acme"}, Secret{"new"}, kNoon));
  EXPECT_EQ(world.refusal(Use{.bearer = set.access_token}), Why::kRevoked);
  EXPECT_TRUE(world.is_live(other.access_token));
  EXPECT_EQ(world.refusal(Login{.user = World::user_key("acme")}), Why::kBadCredentials);
  EXPECT_TRUE(world.perform(Login{.user = {SubjectId{"acme"}, Secret{"new"}}}, kNoon));
  EXPECT_EQ(why(world.admin.set_password(kRealm, SubjectId{"no"}, Secret{"x"}, kNoon)),
            Why::kNotFound);
}

TEST(AdminTest, RevokesByFilterAndByFamily) {  // checklist 63
  World world{tiered()};
  world.add_user("acme");
  world.add_user("other");
  const TokenSet set = world.tokens(Login{.user = World::user_key("acme")});
  const TokenSet other = world.tokens(Login{.user = World::user_key("other")});
  EXPECT_EQ(must(world.admin.revoke({.realm = kRealm, .subject = SubjectId{"acme"}}, "x", kNoon)),
            1);
  EXPECT_FALSE(world.is_live(set.access_token));
  const auto left = must(world.store.read([](Tx& tx) { return tx.grants({.realm = kRealm}, 10); }));
  ASSERT_EQ(left.size(), 1u);
  EXPECT_TRUE(must(world.admin.revoke_grant(kRealm, left[0].id, "x", kNoon)));
  EXPECT_FALSE(must(world.admin.revoke_grant(kRealm, left[0].id, "x", kNoon)));
  EXPECT_FALSE(world.is_live(other.access_token));
}

TEST(AdminTest, KnowsWhoseOrganizationsThereAre) {
  World world{tiered()};
  world.add_user("acme");
  EXPECT_EQ(why(world.admin.add_organization(kRealm, SubjectId{"no"}, "X")), Why::kNotFound);
  EXPECT_EQ(why(world.admin.add_operator(kRealm, 999, "X")), Why::kNotFound);
  const auto office = must(world.admin.add_organization(kRealm, SubjectId{"acme"}, "Office"));
  EXPECT_EQ(must(world.admin.add_operator(kRealm, office.id, "Ann")).organization, office);
}

TEST(AdminTest, AnswersThePushThatIsMeantAndOnlyOnce) {
  World world{keyed()};
  const auto by_push = [](Client& c) { c.otp = OtpKind::kPush; };
  world.add_client("app", by_push);
  world.add_client("other", by_push);
  const ClientId app{"app"};
  const auto answer = [&](const ClientId& client, std::string_view which, Instant now = kNoon) {
    return world.admin.answer_push(kRealm, client, which, true, now);
  };
  EXPECT_EQ(why(answer(app, "")), Why::kNotFound);
  const auto first = world.get<OtpSent>(RequestOtp{World::key_of("app")}).transaction_id;
  const auto second =
      world.get<OtpSent>(RequestOtp{World::key_of("app")}, kNoon + 1s).transaction_id;
  EXPECT_EQ(why(answer(ClientId{"other"}, first)), Why::kNotFound);
  EXPECT_EQ(must(answer(app, "")), second);
  EXPECT_EQ(why(answer(app, second)), Why::kConflict);
  EXPECT_EQ(why(answer(app, first, kNoon + 60s)), Why::kNotFound);
  EXPECT_EQ(must(answer(app, first, kNoon + 59s)), first);
}

}  // namespace
}  // namespace latchkey::engine
