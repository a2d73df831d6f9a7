#include "engine/keys.h"

#include "engine/mint.h"
#include "engine/testing.h"

namespace latchkey::engine {
namespace {

TEST(KeysTest, HashAndSealUnderTheMasterKey) {
  const Keys one{Secret{std::string(32, 'a')}};
  const Keys two{Secret{std::string(32, 'b')}};
  const Secret token{"token"};
  EXPECT_EQ(one.hash_of(token).size(), 32u);
  EXPECT_EQ(one.hash_of(token), one.hash_of(token));
  EXPECT_NE(one.hash_of(token), two.hash_of(token));
  EXPECT_NE(one.hash_of(token), one.hash_of(Secret{"tokem"}));
  EXPECT_EQ(one.token_hash(token).size(), 16u);
  const Hash whole = one.hash_of(token);
  EXPECT_EQ(one.token_hash(token), Hash(ByteView(whole).first(16)));
  const Sealed sealed = one.seal(token, "row 1");
  EXPECT_EQ(must(one.open(sealed, "row 1")), token);
  EXPECT_EQ(why(one.open(sealed, "row 2")), Why::kStore);
  EXPECT_EQ(why(two.open(sealed, "row 1")), Why::kStore);
}

TEST(Signers, AreMadeOnceAndStaySealed) {
  World world;
  const auto signer = [&](const Keys& keys, crypto::Alg alg = crypto::Alg::kEs256) {
    return signer_of(world.store, keys, kRealm, alg, kNoon);
  };
  const Signer first = must(signer(world.keys));
  EXPECT_EQ(must(signer(world.keys)).kid, first.kid);
  EXPECT_NE(must(signer(world.keys, crypto::Alg::kHs256)).kid, first.kid);
  EXPECT_EQ(why(signer(Keys{Secret{std::string(32, 'x')}})), Why::kStore);
  const Secret signed_now = crypto::sign_compact(first.key, R"({"alg":"ES256"})", R"({"a":1})");
  EXPECT_TRUE(crypto::verify_compact(must(signer(world.keys)).key, signed_now.reveal()));
}

TEST(Signers, AreOneHoweverManyAskAtOnce) {
  World world;
  std::vector<std::string> kids(8);
  in_parallel(8, [&](int i) {
    kids[static_cast<std::size_t>(i)] =
        must(signer_of(world.store, world.keys, kRealm, crypto::Alg::kEs256, kNoon)).kid;
    return true;
  });
  EXPECT_EQ(kids, std::vector(8, kids[0]));
}

struct FormRow {
  TokenForm form;
  std::size_t size;
};

TEST(Mint, MakesEachFormNewEachTime) {  // checklist 54
  for (const FormRow& row : {FormRow{TokenForm::kHex40, 40}, FormRow{TokenForm::kUuid, 36},
                             FormRow{TokenForm::kOpaque, 43}}) {
    const Secret one = mint_random(row.form);
    EXPECT_EQ(one.size(), row.size);
    EXPECT_NE(one, mint_random(row.form));
  }
  EXPECT_TRUE(mint_random(TokenForm::kNone).empty());
  EXPECT_TRUE(mint_random(TokenForm::kJwt).empty());
}

Policy jwt_policy() {
  Policy policy = keyed();
  policy.access_form = TokenForm::kJwt;
  policy.jwt.header = [](std::string_view kid) {
    return R"({"alg":"ES256","kid":")" + std::string(kid) + "\"}";
  };
  policy.jwt.payload = [](const JwtFacts& facts) {
    return R"({"sub":")" + facts.subject.login.text + R"(","exp":)" +
           std::to_string(epoch(facts.until)) + R"(,"jti":")" + facts.id + "\"}";
  };
  return policy;
}

TEST(Mint, SignsAJwtOfTheFacts) {
  World world;
  world.add_user("ann");
  world.add_client("app", [](Client& c) { c.owner = SubjectId{"ann"}; });
  const Signer signer =
      must(signer_of(world.store, world.keys, kRealm, crypto::Alg::kEs256, kNoon));
  LocalAuthority authority(kRealm, jwt_policy(), world.store, world.keys, signer);
  const auto done = must(authority.perform(Login{.client = World::key_of("app")}, kNoon));
  const Secret& text = std::get<TokenSet>(done).access_token;
  const crypto::Jws jws = must(crypto::verify_compact(signer.key, text.reveal()));
  const json::Object claims = must(crypto::peek_claims(text.reveal()));
  EXPECT_EQ(must(json::string_field(claims, "sub")), "ann");
  EXPECT_EQ(crypto::time_claim(claims, "exp"), kNoon + 8h);
  EXPECT_TRUE(authority.perform(Use{.bearer = text}, kNoon));
}

// checklist 43, 44: what a JWT says is never believed; it is a name for a row.
TEST(Mint, LetsNobodyElseSign) {
  World world;
  world.add_client("app");
  const Signer signer =
      must(signer_of(world.store, world.keys, kRealm, crypto::Alg::kEs256, kNoon));
  LocalAuthority authority(kRealm, jwt_policy(), world.store, world.keys, signer);
  const Secret forged = crypto::sign_compact(signer.key, R"({"alg":"ES256"})", R"({"sub":"ann"})");
  EXPECT_EQ(why(authority.perform(Use{.bearer = forged}, kNoon)), Why::kInvalidToken);
}

TEST(Mint, FailsClosedWithoutTheRightSigner) {  // checklist 70
  World world;
  world.add_client("app");
  const Login login{.client = World::key_of("app")};
  LocalAuthority without(kRealm, jwt_policy(), world.store, world.keys, std::nullopt);
  EXPECT_EQ(why(without.perform(login, kNoon)), Why::kBug);
  const Signer other = must(signer_of(world.store, world.keys, kRealm, crypto::Alg::kHs256, kNoon));
  LocalAuthority wrong(kRealm, jwt_policy(), world.store, world.keys, other);
  EXPECT_EQ(why(wrong.perform(login, kNoon)), Why::kBug);
}

TEST(Operations, HaveNames) {
  EXPECT_STREQ(name_of(Operation{RequestOtp{}}), "request_otp");
  EXPECT_STREQ(name_of(Operation{SynchronizeOperators{}}), "synchronize_operators");
  EXPECT_EQ(attribute({{"a", "1"}, {"a", "2"}}, "a"), "1");
  EXPECT_EQ(attribute({{"a", "1"}}, "b"), "");
}

}  // namespace
}  // namespace latchkey::engine
