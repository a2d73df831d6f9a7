#include "kinds.h"

// Which families a filter means, to list them or to revoke them.

namespace latchkey::store_contract {

using namespace engine;

struct FilterRow {
  const char* what;
  GrantFilter filter;
  std::vector<const char*> hit;
};

class FilterContract : public StoreContract {
 protected:
  void SetUp() override {
    Grant other_client = grant("client"), other_subject = grant("subject"),
          other_realm = grant("realm"), by_operator = grant("operator"), dead = grant("dead");
    other_client.client = ClientId("web");
    other_subject.subject = SubjectId("bob");
    other_realm.realm = kOther;
    by_operator.operator_id = 7;
    dead.revoked = kNoon;
    dead.revoked_why = "before";
    write([&](Tx& tx) -> Result<> {
      for (const auto& row :
           {grant("plain"), other_client, other_subject, other_realm, by_operator, dead}) {
        TRY(tx.put_grant(row));
      }
      return {};
    });
  }
  std::vector<std::string> found(const GrantFilter& filter, int most = 100) {
    std::vector<std::string> ids;
    for (const auto& row : read([&](Tx& tx) { return tx.grants(filter, most); })) {
      ids.push_back(row.id.text);
    }
    return ids;
  }
};
RUN_ON_EVERY_STORE(FilterContract);

// Last put first.
const FilterRow kFilters[] = {
    {"everything that lives", {}, {"operator", "realm", "subject", "client", "plain"}},
    {"the dead too",
     {.realm = kRealm, .only_live = false},
     {"dead", "operator", "subject", "client", "plain"}},
    {"a realm", {.realm = kOther}, {"realm"}},
    {"a client", {.realm = kRealm, .client = ClientId("web")}, {"client"}},
    {"a client in any realm",
     {.client = ClientId("app")},
     {"operator", "realm", "subject", "plain"}},
    {"a subject", {.realm = kRealm, .subject = SubjectId("ann")}, {"operator", "client", "plain"}},
    {"a client and a subject",
     {.realm = kRealm, .client = ClientId("app"), .subject = SubjectId("bob")},
     {"subject"}},
    {"an operator", {.realm = kRealm, .operator_id = 7}, {"operator"}},
    {"all but one",
     {.realm = kRealm, .subject = SubjectId("ann"), .except = GrantId("client")},
     {"operator", "plain"}},
    {"nobody", {.realm = kRealm, .client = ClientId("nobody")}, {}},
};

TEST_P(FilterContract, EveryFilterFindsWhatItNames) {
  for (const auto& row : kFilters) {
    const std::vector<std::string> expected(row.hit.begin(), row.hit.end());
    EXPECT_EQ(found(row.filter), expected) << row.what;
  }
}

TEST_P(FilterContract, EveryFilterRevokesTheLivingThatItNames) {
  for (const auto& row : kFilters) {
    const auto living_before = found({});
    const auto revoked = store().transact([&](Tx& tx) -> Result<int> {
      const int count = TRY(tx.revoke_grants(row.filter, "why", kNoon));
      const auto left =
          TRY(tx.grants(row.filter.only_live ? row.filter : GrantFilter{row.filter}, 100));
      for (const auto& grant : left) {
        if (!grant.revoked) return fail(Why::kBug, "", "a matching family lives");
      }
      return fail(Why::kTooMany, std::to_string(count));  // undone, so that each row begins anew
    });
    ASSERT_EQ(why(revoked), Why::kTooMany) << revoked.error().note;
    const auto dead = row.filter.only_live ? 0u : 1u;
    EXPECT_EQ(revoked.error().say, std::to_string(row.hit.size() - dead)) << row.what;
    EXPECT_EQ(found({}), living_before);
  }
}

TEST_P(FilterContract, ARevokedFamilyKeepsItsFirstReason) {
  EXPECT_EQ(write([&](Tx& tx) { return tx.revoke_grants({}, "all", kNoon + Seconds(1)); }), 5);
  EXPECT_EQ(write([&](Tx& tx) { return tx.revoke_grants({}, "again", kNoon); }), 0);
  for (const auto& row : read([&](Tx& tx) { return tx.grants({.only_live = false}, 100); })) {
    EXPECT_EQ(row.revoked_why, row.id == GrantId("dead") ? "before" : "all");
  }
}

TEST_P(FilterContract, AListIsNoLongerThanAsked) {
  EXPECT_EQ(found({}, 2), (std::vector<std::string>{"operator", "realm"}));
  EXPECT_TRUE(found({}, 0).empty());
}

}  // namespace latchkey::store_contract
