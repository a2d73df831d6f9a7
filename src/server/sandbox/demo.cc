#include "server/sandbox/demo.h"

#include <algorithm>

namespace latchkey::server {
namespace {

Result<> make_organizations(engine::Admin& admin, const Realm& realm,
                            const dialect::DemoSubject& demo) {
  const auto there = TRY(admin.store().read(
      [&](engine::Tx& tx) { return tx.organizations(realm, demo.subject.login); }));
  for (const auto& [name, operators] : demo.organizations) {
    if (std::ranges::find(there, name, &engine::Organization::name) != there.end()) continue;
    const auto made = TRY(admin.add_organization(realm, demo.subject.login, name));
    for (const auto& one : operators) TRY(admin.add_operator(realm, made.id, one));
  }
  return {};
}

Result<> read_organizations(engine::Store& store, DemoRealm& into, const SubjectId& owner) {
  return store.read([&](engine::Tx& tx) -> Result<> {
    const auto all = TRY(tx.organizations(into.realm, owner));
    for (const auto& organization : all) {
      auto operators = TRY(tx.operators(into.realm, organization.id));
      into.organizations.push_back({organization, std::move(operators)});
    }
    return {};
  });
}

Result<> make_subject(engine::Admin& admin, DemoRealm& into, dialect::DemoSubject demo) {
  demo.subject.realm = into.realm;
  TRY(admin.create_user(demo.subject, demo.password, true));
  TRY(make_organizations(admin, into.realm, demo));
  TRY(read_organizations(admin.store(), into, demo.subject.login));
  const auto stored = TRY(admin.store().read(
      [&](engine::Tx& tx) { return tx.subject(into.realm, demo.subject.login); }));
  if (stored) demo.subject.number = stored->number;
  into.subjects.push_back(std::move(demo));
  return {};
}

Result<> make_client(engine::Admin& admin, DemoRealm& into, dialect::DemoClient demo) {
  demo.client.realm = into.realm;
  const auto issued = TRY(admin.create_client({.client = demo.client,
                                               .secret = demo.secret,
                                               .is_public = demo.secret.empty(),
                                               .totp_seed = demo.totp_seed,
                                               .shared_key = demo.shared_key},
                                              true));
  if (demo.totp_seed.empty()) demo.totp_seed = issued.totp_seed;
  if (demo.shared_key.empty()) demo.shared_key = issued.shared_key;
  into.clients.push_back(std::move(demo));
  return {};
}

}  // namespace

Result<DemoRealm> make_demo(engine::Admin& admin, const RealmSpec& spec) {
  DemoRealm made{.realm = spec.name, .dialect = spec.dialect};
  dialect::Demo demo = spec.dialect->demo();
  for (auto& subject : demo.subjects) TRY(make_subject(admin, made, std::move(subject)));
  for (auto& client : demo.clients) TRY(make_client(admin, made, std::move(client)));
  return made;
}

}  // namespace latchkey::server
