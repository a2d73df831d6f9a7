#include "kinds.h"

// Device codes, pushed requests, and ids that are good once.

namespace latchkey::store_contract {

using namespace engine;

class RequestsContract : public StoreContract {
 protected:
  static DeviceCode a_device() {
    return {.realm = kRealm,
            .hash = hash_of("device"),
            .user_hash = hash_of("WDJBMJHT"),
            .client = ClientId("tv"),
            .scope = "openid read",
            .resource = "https://api.example/",
            .until = kNoon + Seconds(600),
            .interval = Seconds(5)};
  }
  static PushedRequest a_request() {
    return {.realm = kRealm,
            .hash = hash_of("uri"),
            .client = ClientId("app"),
            .request = std::string("3:a,b,\n", 7),
            .until = kNoon + Seconds(60)};
  }
  bool use(std::string_view id, Instant until, Instant now, const Realm& realm = kRealm) {
    return write([&](Tx& tx) { return tx.use_once(realm, hash_of(id), until, now); });
  }
};
RUN_ON_EVERY_STORE(RequestsContract);

TEST_P(RequestsContract, ADeviceCodeIsFoundByEitherOfItsTexts) {
  write([&](Tx& tx) { return tx.put_device(a_device()); });
  const auto by_code = [&](const Realm& realm, const char* seed) {
    return read([&](Tx& tx) { return tx.device(realm, hash_of(seed)); });
  };
  const auto by_user_code = [&](const Realm& realm, const char* seed) {
    return read([&](Tx& tx) { return tx.device_of_user_code(realm, hash_of(seed)); });
  };
  EXPECT_EQ(by_code(kRealm, "device"), a_device());
  EXPECT_EQ(by_user_code(kRealm, "WDJBMJHT"), a_device());
  EXPECT_EQ(by_code(kRealm, "WDJBMJHT"), std::nullopt);
  EXPECT_EQ(by_user_code(kRealm, "device"), std::nullopt);
  EXPECT_EQ(by_code(kOther, "device"), std::nullopt);
  EXPECT_EQ(by_user_code(kOther, "WDJBMJHT"), std::nullopt);
}

TEST_P(RequestsContract, ADeviceCodeIsReplacedInEveryState) {
  DeviceCode row = a_device();
  for (const auto state :
       {DeviceState::kOpen, DeviceState::kApproved, DeviceState::kDeclined, DeviceState::kUsed}) {
    row.state = state;
    row.interval += Seconds(5);
    row.polled = kNoon + row.interval;
    row.subject = SubjectId("ann");
    row.authenticated = kNoon;
    row.amr = "pwd";
    row.grant = GrantId("g");
    write([&](Tx& tx) { return tx.put_device(row); });
    EXPECT_EQ(read([&](Tx& tx) { return tx.device(kRealm, row.hash); }), row);
  }
}

TEST_P(RequestsContract, TwoDeviceCodesNeverShareAUserCode) {
  DeviceCode other = a_device();
  other.hash = hash_of("another");
  write([&](Tx& tx) { return tx.put_device(a_device()); });
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.put_device(other); })), Why::kConflict);
  other.realm = kOther;
  write([&](Tx& tx) { return tx.put_device(other); });
  EXPECT_EQ(read([&](Tx& tx) { return tx.device_of_user_code(kRealm, other.user_hash); }),
            a_device());
}

TEST_P(RequestsContract, WhatAPersonApprovedGoesWithThePersonsSessions) {
  const auto put = [&](const char* id, DeviceState state, const char* who) {
    DeviceCode row = a_device();
    row.hash = row.user_hash = hash_of(id);
    row.state = state;
    row.subject = SubjectId(who);
    write([&](Tx& tx) { return tx.put_device(row); });
  };
  put("approved", DeviceState::kApproved, "ann");
  put("used", DeviceState::kUsed, "ann");
  put("bobs", DeviceState::kApproved, "bob");
  put("open", DeviceState::kOpen, "");
  write([&](Tx& tx) { return tx.drop_sessions(kRealm, SubjectId("ann")); });
  const auto is_there = [&](const char* id) {
    return read([&](Tx& tx) { return tx.device(kRealm, hash_of(id)); }).has_value();
  };
  EXPECT_FALSE(is_there("approved"));
  EXPECT_TRUE(is_there("used"));
  EXPECT_TRUE(is_there("bobs"));
  EXPECT_TRUE(is_there("open"));
}

TEST_P(RequestsContract, WhatAClientHasBegunIsDroppedAndNothingElse) {
  const auto put = [&](const char* id, const Realm& realm, const char* who, const char* subject) {
    const ClientId by(who);
    write([&](Tx& tx) -> Result<> {
      TRY(tx.put_code(
          {.realm = realm, .hash = hash_of(id), .client = by, .subject = SubjectId(subject)}));
      TRY(tx.put_device({.realm = realm,
                         .hash = hash_of(id),
                         .user_hash = hash_of(id),
                         .client = by,
                         .subject = SubjectId(subject)}));
      TRY(tx.put_pushed({.realm = realm, .hash = hash_of(id), .client = by}));
      return tx.put_challenge({.realm = realm, .id = id, .client = by});
    });
  };
  const auto left = [&](const char* id, const Realm& realm = kRealm) {
    return read([&](Tx& tx) -> Result<int> {
      const auto code = TRY(tx.code(realm, hash_of(id)));
      const auto device = TRY(tx.device(realm, hash_of(id)));
      const auto pushed = TRY(tx.pushed(realm, hash_of(id)));
      const auto challenge = TRY(tx.challenge(realm, id));
      return code.has_value() + device.has_value() + pushed.has_value() + challenge.has_value();
    });
  };
  const auto drop = [&](const char* subject) {
    write([&](Tx& tx) { return tx.drop_begun(kRealm, ClientId("app"), SubjectId(subject)); });
  };
  put("anns", kRealm, "app", "ann");
  put("bobs", kRealm, "app", "bob");
  put("done", kRealm, "app", "bob");
  put("other", kRealm, "web", "ann");
  put("elsewhere", kOther, "app", "ann");
  write([&](Tx& tx) -> Result<> {
    auto device = TRY(tx.device(kRealm, hash_of("done")));
    device->state = DeviceState::kUsed;
    TRY(tx.put_device(*device));
    TRY(tx.spend_code(kRealm, hash_of("done"), GrantId("g"), kNoon));
    return {};
  });
  drop("ann");
  EXPECT_EQ(left("anns"), 2) << "the request and the challenge are nobody's yet";
  EXPECT_EQ(left("bobs"), 4);
  drop("");
  EXPECT_EQ(left("anns") + left("bobs"), 0);
  EXPECT_EQ(left("done"), 2) << "a replay must still be known";
  EXPECT_EQ(left("other"), 4);
  EXPECT_EQ(left("elsewhere", kOther), 4);
}

TEST_P(RequestsContract, APushedRequestIsSpentOnce) {
  write([&](Tx& tx) { return tx.put_pushed(a_request()); });
  const auto stored = [&] {
    return read([&](Tx& tx) { return tx.pushed(kRealm, hash_of("uri")); });
  };
  const auto spend = [&](const Realm& realm, const char* seed) {
    return write([&](Tx& tx) { return tx.spend_pushed(realm, hash_of(seed), kNoon); });
  };
  EXPECT_EQ(stored(), a_request());
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.put_pushed(a_request()); })),
            Why::kConflict);
  EXPECT_EQ(spend(kOther, "uri"), Spend::kUnknown);
  EXPECT_EQ(spend(kRealm, "unknown"), Spend::kUnknown);
  EXPECT_EQ(spend(kRealm, "uri"), Spend::kSpent);
  EXPECT_EQ(spend(kRealm, "uri"), Spend::kAlreadySpent);
  PushedRequest spent = a_request();
  spent.spent = kNoon;
  EXPECT_EQ(stored(), spent);
}

TEST_P(RequestsContract, AnIdIsUsedOnceUntilItsEnd) {
  EXPECT_TRUE(use("jti", kNoon + Seconds(60), kNoon));
  EXPECT_FALSE(use("jti", kNoon + Seconds(90), kNoon));
  EXPECT_FALSE(use("jti", kNoon + Seconds(90), kNoon + Seconds(59)));
  EXPECT_TRUE(use("other", kNoon + Seconds(60), kNoon));
  EXPECT_TRUE(use("jti", kNoon + Seconds(60), kNoon, kOther));
  EXPECT_TRUE(use("jti", kNoon + Seconds(120), kNoon + Seconds(60)));
  EXPECT_FALSE(use("jti", kNoon + Seconds(180), kNoon + Seconds(119)));
}

}  // namespace latchkey::store_contract
