#pragma once

#include "engine/admin.h"
#include "server/served_realm.h"

namespace latchkey::server {

struct DemoOrganization {
  engine::Organization organization = {};
  std::vector<engine::Operator> operators = {};
};

/// A realm's demo accounts as they stand in the store, with what they know in the
/// clear. Only the sandbox has such a thing.
struct DemoRealm {
  Realm realm = {};
  const dialect::Dialect* dialect = nullptr;
  std::vector<dialect::DemoSubject> subjects = {};
  std::vector<dialect::DemoClient> clients = {};
  std::vector<DemoOrganization> organizations = {};
};

/// Makes the dialect's demo accounts; those that are there already are made anew,
/// organizations are kept.
Result<DemoRealm> make_demo(engine::Admin& admin, const RealmSpec& spec);

}  // namespace latchkey::server
