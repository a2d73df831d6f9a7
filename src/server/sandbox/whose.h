#pragma once

#include "engine/keys.h"

namespace latchkey::server {

/// Whose operation it is: from what it says of itself, and from the family of the
/// token that it carries, where the store knows it.
struct Whose {
  ClientId client = {};
  SubjectId subject = {};
  GrantId family = {};
  bool ended = false;  ///< the family is revoked
};

/// The token that an operation is about: the one to refresh, exchange, check, end
/// or use; empty where there is none. It lives as long as the operation.
const Secret& token_in(const engine::Operation& operation);

/// Reads the store. What cannot be found out stays empty.
Whose whose_is(engine::Store& store, const engine::Keys& keys, const Realm& realm,
               const engine::Operation& operation);
/// The family of a token that was just issued.
Whose whose_is(engine::Store& store, const engine::Keys& keys, const Realm& realm,
               const Secret& token);

}  // namespace latchkey::server
