#pragma once

#include "engine/directory.h"
#include "store/sqlite/statement.h"

// How a family is read, where `f` is one: by those that ask for families, and for tokens.

#define FAMILY_COLUMNS                                                                      \
  "f.realm, f.id, f.client, f.subject, f.operator, f.tier, f.scope, f.session, f.created, " \
  "f.revoked, f.revoked_why, f.resource, f.authenticated, f.amr, f.actors, f.used"
#define FAMILY_PLACE "f.number, f.until, f.used"

namespace latchkey::store {

/// Of FAMILY_COLUMNS.
Result<engine::Grant> grant_from(Statement& row);

}  // namespace latchkey::store
