#include "engine/grants_testing.h"
#include "engine/token_types.h"

namespace latchkey::engine {
namespace {

ClientFacts facts() {
  return {.name = "Backup",
          .redirect_uris = {"https://backup.example/cb"},
          .grants = {"authorization_code", "refresh_token"},
          .auth_method = "client_secret_basic"};
}

class Register : public ::testing::Test {
 protected:
  Client stored(const Registered& made) {
    return *must(world_.store.read([&](Tx& tx) { return tx.client(kRealm, made.id); }));
  }
  World world_{granting()};
};

TEST_F(Register, AClientGetsAnIdAndASecretThatWork) {
  const auto made = world_.get<Registered>(RegisterClient{.facts = facts()});
  EXPECT_EQ(made.issued, kNoon);
  EXPECT_EQ(made.facts.scope, "read") << "the realm's, because it asked for none";
  EXPECT_GE(made.secret.size(), 43u);
  EXPECT_EQ(stored(made).registered, kNoon);
  const ClientKey key{.id = made.id, .secret = made.secret};
  EXPECT_EQ(world_.refusal(Exchange{.client = key, .code = Secret("none")}), Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(
                Exchange{.client = {.id = made.id, .secret = Secret("x")}, .code = Secret("none")}),
            Why::kBadCredentials);
  EXPECT_EQ(world_.told("registered"), 1);
}

TEST_F(Register, WithoutASecretThereIsNone) {
  ClientFacts open = facts();
  open.auth_method = "none";
  open.native = open.bound = true;
  const auto made = world_.get<Registered>(RegisterClient{.facts = open});
  EXPECT_TRUE(made.secret.empty());
  EXPECT_TRUE(stored(made).secret_hash.empty());
  EXPECT_TRUE(stored(made).bound);
  ClientFacts signs = facts();
  signs.auth_method = "private_key_jwt";
  signs.jwks = R"({"keys":[]})";
  const auto signer = world_.get<Registered>(RegisterClient{.facts = signs});
  EXPECT_TRUE(signer.secret.empty());
  EXPECT_EQ(stored(signer).jwks, signs.jwks);
  EXPECT_EQ(world_.refusal(Exchange{.client = {.id = signer.id}, .code = Secret("none")}),
            Why::kBadCredentials);
}

TEST_F(Register, NobodyGetsScopesThatAreNotThere) {
  ClientFacts asked = facts();
  asked.scope = "write root";
  EXPECT_EQ(world_.get<Registered>(RegisterClient{.facts = asked}).facts.scope, "write");
  asked.scope = "root";
  EXPECT_EQ(world_.refusal(RegisterClient{.facts = asked}), Why::kMalformed)
      << "an empty list would mean all";
}

TEST_F(Register, OnlyWhoIsVouchedForMayActWithoutAPerson) {
  ClientFacts machine = facts();
  machine.grants = {"client_credentials"};
  EXPECT_EQ(world_.refusal(RegisterClient{.facts = machine}), Why::kMalformed);
  machine.grants = {std::string(kTokenExchangeGrantType)};
  EXPECT_EQ(world_.refusal(RegisterClient{.facts = machine}), Why::kMalformed);
}

TEST_F(Register, ATrustedClientVouchesWithATokenOfItsOwn) {
  ClientFacts machine = facts();
  machine.grants = {"client_credentials"};
  Policy guarded = granting();
  guarded.standard.scopes.push_back("enroll");
  guarded.standard.registration_scope = "enroll";
  world_.rule_by(guarded);
  world_.add_client("desk", [](Client& client) { client.scopes = {"enroll", "read"}; });
  world_.add_client("any");
  const auto token = [&](std::string_view client, std::string scope) {
    return world_
        .tokens(ClientCredentials{.client = World::key_of(client), .scope = std::move(scope)})
        .access_token;
  };
  EXPECT_EQ(world_.refusal(RegisterClient{.facts = machine}), Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(RegisterClient{.bearer = Secret("wrong"), .facts = machine}),
            Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(RegisterClient{.bearer = token("desk", "read"), .facts = machine}),
            Why::kInvalidToken);
  EXPECT_EQ(world_.refusal(RegisterClient{.bearer = token("any", "enroll"), .facts = machine}),
            Why::kInvalidToken)
      << "nobody gave it that by name";
  const Secret good = token("desk", "enroll");
  EXPECT_EQ(world_.refusal(RegisterClient{.bearer = good, .facts = machine}, kNoon + 30min),
            Why::kInvalidToken);
  EXPECT_TRUE(world_.perform(RegisterClient{.bearer = good, .facts = machine}, kNoon).has_value());
}

TEST_F(Register, WhoWasRegisteredVouchesForNobody) {
  Policy guarded = granting();
  guarded.standard.scopes.push_back("enroll");
  guarded.standard.registration_scope = "enroll";
  guarded.scope = "read enroll";
  world_.rule_by(guarded);
  world_.add_client("desk", [](Client& client) { client.scopes = {"enroll"}; });
  const auto vouched = [&](std::string scope) {
    RegisterClient asked{
        .bearer =
            world_.tokens(ClientCredentials{.client = World::key_of("desk"), .scope = "enroll"})
                .access_token,
        .facts = facts()};
    asked.facts.grants = {"client_credentials"};
    asked.facts.scope = std::move(scope);
    return asked;
  };
  EXPECT_EQ(world_.refusal(vouched("enroll")), Why::kMalformed);
  for (const char* scope : {"read enroll", ""}) {
    const auto made = world_.get<Registered>(vouched(scope));
    EXPECT_EQ(made.facts.scope, "read") << scope;
    EXPECT_EQ(stored(made).scopes, std::vector<std::string>{"read"}) << scope;
  }
}

TEST_F(Register, IsOffUnlessItIsSwitchedOn) {
  Policy off = granting();
  off.standard.registration = false;
  world_.rule_by(off);
  EXPECT_EQ(world_.refusal(RegisterClient{.facts = facts()}), Why::kUnsupported);
}

TEST_F(Register, IsBounded) {
  int made = 0;
  while (made < 1000 && world_.perform(RegisterClient{.facts = facts()}, kNoon).has_value()) ++made;
  EXPECT_EQ(made, 100);
  EXPECT_EQ(world_.refusal(RegisterClient{.facts = facts()}, kNoon + 3599s), Why::kTooMany);
  EXPECT_TRUE(world_.perform(RegisterClient{.facts = facts()}, kNoon + 3600s).has_value());
}

}  // namespace
}  // namespace latchkey::engine
