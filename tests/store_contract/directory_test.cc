#include "kinds.h"

// Clients, subjects, organizations and operators.

namespace latchkey::store_contract {

using namespace engine;

class DirectoryContract : public StoreContract {};
RUN_ON_EVERY_STORE(DirectoryContract);

TEST_P(DirectoryContract, AClientComesBackAsItWasPut) {
  Client full = client("app");
  full.disabled = true;
  Client bare{.realm = kRealm, .id = ClientId("bare")};
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(full));
    return tx.put_client(bare);
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kRealm, ClientId("app")); }), full);
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kRealm, ClientId("bare")); }), bare);
}

TEST_P(DirectoryContract, OddTextsAndEmptyListEntriesSurvive) {
  Client odd = client("it's\n\"odd\"; DROP TABLE clients");
  odd.name = std::string("nul\0inside", 10);
  odd.redirect_uris = {"", "3:abc,", "new\nline", std::string("\xff\xfe", 2)};
  odd.grants = {""};
  write([&](Tx& tx) { return tx.put_client(odd); });
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kRealm, odd.id); }), odd);
}

TEST_P(DirectoryContract, PuttingAClientAgainReplacesIt) {
  Client changed = client("app");
  changed.name = "renamed";
  changed.redirect_uris.clear();
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(client("app")));
    return tx.put_client(changed);
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kRealm); }), std::vector{changed});
}

TEST_P(DirectoryContract, TheSameClientIdInTwoRealmsIsTwoClients) {
  Client there = client("app");
  there.realm = kOther;
  there.name = "elsewhere";
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_client(client("app")));
    return tx.put_client(there);
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kRealm, there.id); }), client("app"));
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kOther, there.id); }), there);
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kOther); }), std::vector{there});
}

TEST_P(DirectoryContract, AnUnknownClientIsNoRowAndNoError) {
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kRealm, ClientId("nobody")); }), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.client(kRealm, ClientId("")); }), std::nullopt);
}

TEST_P(DirectoryContract, ClientsAreListedById) {
  write([&](Tx& tx) -> Result<> {
    for (const char* id : {"b", "a", "c"}) TRY(tx.put_client(client(id)));
    return {};
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.clients(kRealm); }),
            (std::vector{client("a"), client("b"), client("c")}));
}

TEST_P(DirectoryContract, APartnersClientIsTheFirstByIdInThatRealm) {
  Client first = client("a"), second = client("b"), elsewhere = client("0"), none = client("1");
  first.partner = second.partner = elsewhere.partner = "MERCHANT";
  elsewhere.realm = kOther;
  none.partner.clear();
  write([&](Tx& tx) -> Result<> {
    for (const auto& row : {second, first, elsewhere, none}) TRY(tx.put_client(row));
    return {};
  });
  const auto of = [&](std::string_view partner) {
    return read([&](Tx& tx) { return tx.client_of_partner(kRealm, partner); });
  };
  EXPECT_EQ(of("MERCHANT"), first);
  EXPECT_EQ(of("merchant"), std::nullopt);
  EXPECT_EQ(of(""), std::nullopt);
}

TEST_P(DirectoryContract, ASubjectComesBackAsItWasPutAndTheStoreNumbersIt) {
  Subject ann = subject("ann"), bob = subject("bob"), cem = subject("cem"), dan = subject("dan");
  bob.number = 40;
  bob.disabled = true;
  bob.disabled_why = "flood";
  dan.realm = kOther;
  write([&](Tx& tx) -> Result<> {
    for (const auto& row : {ann, bob, cem, dan}) TRY(tx.put_subject(row));
    return {};
  });
  ann.number = 1, cem.number = 41, dan.number = 1;
  EXPECT_EQ(read([&](Tx& tx) { return tx.subjects(kRealm); }), (std::vector{ann, bob, cem}));
  EXPECT_EQ(read([&](Tx& tx) { return tx.subject(kOther, dan.login); }), dan);
  EXPECT_EQ(read([&](Tx& tx) { return tx.subject(kOther, ann.login); }), std::nullopt);
}

TEST_P(DirectoryContract, ASubjectPutAgainKeepsItsNumberUnlessItNamesAnother) {
  Subject ann = subject("ann");
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_subject(ann));
    TRY(tx.put_subject(subject("bob")));
    ann.name = "Ann";
    return tx.put_subject(ann);
  });
  EXPECT_EQ(read([&](Tx& tx) { return tx.subject(kRealm, ann.login); })->number, 1);
  EXPECT_EQ(read([&](Tx& tx) { return tx.subject(kRealm, ann.login); })->name, "Ann");
  ann.number = 7;
  write([&](Tx& tx) { return tx.put_subject(ann); });
  EXPECT_EQ(read([&](Tx& tx) { return tx.subject(kRealm, ann.login); })->number, 7);
}

TEST_P(DirectoryContract, ANumberThatAnotherLoginHasIsAConflict) {
  write([&](Tx& tx) { return tx.put_subject(subject("ann")); });
  Subject thief = subject("bob");
  thief.number = 1;
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.put_subject(thief); })), Why::kConflict);
  EXPECT_EQ(read([&](Tx& tx) { return tx.subjects(kRealm); }).size(), 1u);
}

TEST_P(DirectoryContract, OrganizationsAndOperatorsBelongToTheirOwner) {
  write([&](Tx& tx) -> Result<> {
    for (const char* login : {"ann", "bob"}) TRY(tx.put_subject(subject(login)));
    return {};
  });
  const SubjectId ann("ann"), bob("bob");
  const auto shop = write([&](Tx& tx) { return tx.add_organization(kRealm, ann, "shop"); });
  const auto bank = write([&](Tx& tx) { return tx.add_organization(kRealm, bob, "bank"); });
  const auto depot = write([&](Tx& tx) { return tx.add_organization(kRealm, ann, "shop"); });
  EXPECT_EQ(shop, (Organization{.id = 1, .name = "shop"}));
  EXPECT_EQ(read([&](Tx& tx) { return tx.organizations(kRealm, ann); }),
            (std::vector{shop, depot}));
  EXPECT_TRUE(read([&](Tx& tx) { return tx.organizations(kOther, ann); }).empty());

  const auto minh = write([&](Tx& tx) { return tx.add_operator(kRealm, shop.id, "Minh"); });
  const auto same = write([&](Tx& tx) { return tx.add_operator(kRealm, shop.id, "Minh"); });
  const auto teller = write([&](Tx& tx) { return tx.add_operator(kRealm, bank.id, "Lan"); });
  EXPECT_EQ(minh, (Operator{.id = 1, .name = "Minh", .organization = shop}));
  EXPECT_EQ(read([&](Tx& tx) { return tx.operators(kRealm, shop.id); }), (std::vector{minh, same}));
  EXPECT_EQ(read([&](Tx& tx) { return tx.operator_of(kRealm, bob, teller.id); }), teller);
  EXPECT_EQ(read([&](Tx& tx) { return tx.operator_of(kRealm, ann, teller.id); }), std::nullopt);
  EXPECT_EQ(read([&](Tx& tx) { return tx.operator_of(kOther, bob, teller.id); }), std::nullopt);
}

TEST_P(DirectoryContract, AnOperatorsStatusIsSetAndAStrangersIsNot) {
  const SubjectId ann("ann");
  write([&](Tx& tx) -> Result<> {
    TRY(tx.put_subject(subject("ann")));
    TRY(tx.add_organization(kRealm, ann, "shop"));
    TRY(tx.add_operator(kRealm, 1, "Minh"));
    TRY(tx.set_operator_status(kRealm, 99, OperatorStatus::kDeleted));
    TRY(tx.set_operator_status(kOther, 1, OperatorStatus::kDeleted));
    return {};
  });
  const auto status = [&] {
    return read([&](Tx& tx) { return tx.operator_of(kRealm, ann, 1); })->status;
  };
  EXPECT_EQ(status(), OperatorStatus::kActive);
  for (auto each : {OperatorStatus::kInactive, OperatorStatus::kDeleted, OperatorStatus::kActive}) {
    write([&](Tx& tx) { return tx.set_operator_status(kRealm, 1, each); });
    EXPECT_EQ(status(), each);
  }
}

TEST_P(DirectoryContract, NothingHangsInTheAir) {
  EXPECT_EQ(why(store().transact(
                [&](Tx& tx) { return tx.add_organization(kRealm, SubjectId("nobody"), "shop"); })),
            Why::kConflict);
  EXPECT_EQ(why(store().transact([&](Tx& tx) { return tx.add_operator(kRealm, 5, "Minh"); })),
            Why::kConflict);
}

}  // namespace latchkey::store_contract
