#include "kinds.h"

// Authorization codes, challenges and browser sessions.

namespace latchkey::store_contract {

using namespace engine;

class CodesContract : public StoreContract {
 protected:
  static Code a_code() {
    return {.realm = kRealm,
            .hash = hash_of("code"),
            .client = ClientId("app"),
            .subject = SubjectId("ann"),
            .redirect_uri = "https://a.example/cb",
            .until = kNoon + Seconds(300),
            .redirect_given = false,
            .challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            .nonce = "n-0S6_WzA2Mj",
            .scope = "openid read",
            .resource = "https://api.example/",
            .bound_to = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
            .authenticated = kNoon - Seconds(3),
            .amr = "pwd"};
  }
  static Challenge a_challenge(std::string_view id) {
    return {.realm = kRealm,
            .id = std::string(id),
            .client = ClientId("app"),
            .kind = OtpKind::kOutbox,
            .code_hash = hash_of("123456"),
            .created = kNoon,
            .until = kNoon + Seconds(60),
            .attempts = 3};
  }
  std::optional<std::string> open(OtpKind kind, const Realm& realm = kRealm) {
    const auto found =
        read([&](Tx& tx) { return tx.open_challenge(realm, ClientId("app"), kind); });
    if (!found) return std::nullopt;
    return found->id;
  }
};
RUN_ON_EVERY_STORE(CodesContract);

TEST_P(CodesContract, ACodeIsSpentOnceAndRemembersItsFamily) {
  write([&](Tx& tx) { return tx.put_code(a_code()); });
  const auto code = [&] { return read([&](Tx& tx) { return tx.code(kRealm, hash_of("code")); }); };
  const auto spend = [&](const Realm& realm, std::string_view seed, const char* family) {
    return write(
        [&](Tx& tx) { return tx.spend_code(realm, hash_of(seed), GrantId(family), kNoon); });
  };
  EXPECT_EQ(code(), a_code());
  EXPECT_EQ(spend(kOther, "code", "g0"), Spend::kUnknown);
  EXPECT_EQ(spend(kRealm, "unknown", "g0"), Spend::kUnknown);
  EXPECT_EQ(spend(kRealm, "code", "g1"), Spend::kSpent);
  EXPECT_EQ(spend(kRealm, "code", "g2"), Spend::kAlreadySpent);
  Code spent = a_code();
  spent.spent = kNoon;
  spent.grant = GrantId("g1");
  EXPECT_EQ(code(), spent);
}

TEST_P(CodesContract, ACodeThatIsThereIsAConflictInItsRealmOnly) {
  Code elsewhere = a_code();
  elsewhere.realm = kOther;
  write([&](Tx& tx) { return tx.put_code(a_code()); });
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.put_code(a_code()); })), Why::kConflict);
  write([&](Tx& tx) { return tx.put_code(elsewhere); });
  EXPECT_EQ(read([&](Tx& tx) { return tx.code(kOther, elsewhere.hash); }), elsewhere);
}

TEST_P(CodesContract, AChallengeComesBackAndIsReplaced) {
  Challenge row = a_challenge("c1");
  const auto stored = [&] { return read([&](Tx& tx) { return tx.challenge(kRealm, "c1"); }); };
  for (auto state : {ChallengeState::kOpen, ChallengeState::kApproved, ChallengeState::kDeclined,
                     ChallengeState::kUsed}) {
    row.state = state;
    ++row.attempts;
    write([&](Tx& tx) { return tx.put_challenge(row); });
    EXPECT_EQ(stored(), row);
  }
  EXPECT_EQ(read([&](Tx& tx) { return tx.challenge(kOther, "c1"); }), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.challenge(kRealm, "c2"); }), std::nullopt);
}

TEST_P(CodesContract, TheNewestOpenChallengeOfClientAndKindIsFound) {
  Challenge old = a_challenge("old"), fresh = a_challenge("new"), push = a_challenge("push"),
            stranger = a_challenge("stranger"), used = a_challenge("used");
  fresh.created += Seconds(1);
  used.created += Seconds(2);
  used.state = ChallengeState::kUsed;
  push.kind = OtpKind::kPush;
  push.code_hash = {};
  stranger.client = ClientId("web");
  stranger.created += Seconds(9);
  EXPECT_EQ(open(OtpKind::kOutbox), std::nullopt);
  write([&](Tx& tx) -> Result<> {
    for (const auto& row : {fresh, old, push, stranger, used}) TRY(tx.put_challenge(row));
    return {};
  });
  EXPECT_EQ(open(OtpKind::kOutbox), "new");
  EXPECT_EQ(open(OtpKind::kPush), "push");
  EXPECT_EQ(open(OtpKind::kTyped), std::nullopt);
  EXPECT_EQ(open(OtpKind::kOutbox, kOther), std::nullopt);
  fresh.state = ChallengeState::kDeclined;
  write([&](Tx& tx) { return tx.put_challenge(fresh); });
  EXPECT_EQ(open(OtpKind::kOutbox), "old");
}

TEST_P(CodesContract, OfTwoChallengesInOneSecondTheLaterIsTheNewest) {
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_challenge(a_challenge("z")));
    TRY(tx.put_challenge(a_challenge("a")));
    return tx.put_challenge(a_challenge("z"));  // put again: it keeps its place
  });
  EXPECT_EQ(open(OtpKind::kOutbox), "a");
}

TEST_P(CodesContract, ASessionIsPutReplacedAndDropped) {
  Session row{.realm = kRealm,
              .hash = hash_of("s"),
              .subject = SubjectId("ann"),
              .until = kNoon,
              .authenticated = kNoon - Seconds(3),
              .amr = "pwd otp",
              .challenge = "c1"};
  const auto stored = [&](const Realm& realm) {
    return read([&](Tx& tx) { return tx.session(realm, hash_of("s")); });
  };
  write([&](Tx& tx) { return tx.put_session(row); });
  EXPECT_EQ(stored(kRealm), row);
  EXPECT_EQ(stored(kOther), std::nullopt);
  row.until += Seconds(60);
  write([&](Tx& tx) { return tx.put_session(row); });
  EXPECT_EQ(stored(kRealm), row);
  write([&](Tx& tx) { return tx.drop_session(kOther, hash_of("s")); });
  EXPECT_EQ(stored(kRealm), row);
  write([&](Tx& tx) { return tx.drop_session(kRealm, hash_of("s")); });
  EXPECT_EQ(stored(kRealm), std::nullopt);
}

TEST_P(CodesContract, TheCodesThatNobodyExchangedGoWithThePersonsSessions) {
  const auto put = [&](const Realm& realm, const char* id, const char* who) {
    const Code row{.realm = realm, .hash = hash_of(id), .subject = SubjectId(who), .until = kNoon};
    write([&](Tx& tx) { return tx.put_code(row); });
  };
  put(kRealm, "fresh", "ann");
  put(kRealm, "spent", "ann");
  put(kRealm, "bobs", "bob");
  put(kOther, "elsewhere", "ann");
  write([&](Tx& tx) { return tx.spend_code(kRealm, hash_of("spent"), GrantId("g"), kNoon); });
  write([&](Tx& tx) { return tx.drop_sessions(kRealm, SubjectId("ann")); });
  const auto is_there = [&](const Realm& realm, const char* id) {
    return read([&](Tx& tx) { return tx.code(realm, hash_of(id)); }).has_value();
  };
  EXPECT_FALSE(is_there(kRealm, "fresh"));
  EXPECT_TRUE(is_there(kRealm, "spent")) << "a replay must still be known";
  EXPECT_TRUE(is_there(kRealm, "bobs"));
  EXPECT_TRUE(is_there(kOther, "elsewhere"));
}

TEST_P(CodesContract, EverySessionOfOnePersonIsDropped) {
  const auto put = [&](const Realm& realm, const char* id, const char* who) {
    const Session row{
        .realm = realm, .hash = hash_of(id), .subject = SubjectId(who), .until = kNoon};
    write([&](Tx& tx) { return tx.put_session(row); });
  };
  put(kRealm, "1", "ann");
  put(kRealm, "2", "ann");
  put(kRealm, "3", "bob");
  put(kOther, "4", "ann");
  const auto drop = [&] {
    return write([&](Tx& tx) { return tx.drop_sessions(kRealm, SubjectId("ann")); });
  };
  EXPECT_EQ(drop(), 2);
  EXPECT_EQ(drop(), 0);
  const auto is_there = [&](const Realm& realm, const char* id) {
    return read([&](Tx& tx) { return tx.session(realm, hash_of(id)); }).has_value();
  };
  EXPECT_FALSE(is_there(kRealm, "1"));
  EXPECT_FALSE(is_there(kRealm, "2"));
  EXPECT_TRUE(is_there(kRealm, "3"));
  EXPECT_TRUE(is_there(kOther, "4"));
}

TEST_P(CodesContract, AllSessionsOfASubjectAreDroppedAndNoOthers) {
  const auto put = [&](const Realm& realm, const char* seed, const char* login) {
    write([&](Tx& tx) {
      return tx.put_session({.realm = realm, .hash = hash_of(seed), .subject = SubjectId(login)});
    });
  };
  const auto drop = [&] {
    return write([&](Tx& tx) { return tx.drop_sessions(kRealm, SubjectId("ann")); });
  };
  put(kRealm, "one", "ann");
  put(kRealm, "two", "ann");
  put(kRealm, "three", "bob");
  put(kOther, "four", "ann");
  EXPECT_EQ(drop(), 2);
  EXPECT_EQ(drop(), 0);
  EXPECT_FALSE(read([&](Tx& tx) { return tx.session(kRealm, hash_of("one")); }));
  EXPECT_TRUE(read([&](Tx& tx) { return tx.session(kRealm, hash_of("three")); }));
  EXPECT_TRUE(read([&](Tx& tx) { return tx.session(kOther, hash_of("four")); }));
}

}  // namespace latchkey::store_contract
