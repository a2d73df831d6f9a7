#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/directory.h"

namespace latchkey::store {

/// A row with the place in which it was first put.
template <class Row>
struct Placed {
  std::int64_t place = 0;
  Row row = {};
};

struct OwnedOrganization {
  SubjectId owner = {};
  engine::Organization row = {};
};

struct NotebookLine {
  Realm realm = {};
  SubjectId subject = {};
  std::string notebook = {};
  engine::Note note = {};
};

/// An id that may be used again from `until` on.
struct UsedId {
  Instant until = {};
};

struct Counter {
  Instant began = {};
  Instant until = {};
  int count = 0;
};

/// Everything that a MemoryStore knows. A plain value: copying it is a snapshot.
struct State {
  template <class Key>
  using InRealm = std::pair<Realm, Key>;

  std::map<InRealm<ClientId>, engine::Client> clients;
  std::map<InRealm<SubjectId>, engine::Subject> subjects;
  std::map<InRealm<std::int64_t>, OwnedOrganization> organizations;
  std::map<InRealm<std::int64_t>, engine::Operator> operators;

  std::map<GrantId, Placed<engine::Grant>> grants;
  std::map<std::pair<GrantId, GrantId>, engine::Descent> descents;  ///< by parent and child
  std::map<engine::Hash, engine::Token> tokens;
  std::map<InRealm<engine::Hash>, engine::KeptAnswer> answers;

  std::map<InRealm<engine::Hash>, engine::Code> codes;
  std::map<InRealm<engine::Hash>, engine::DeviceCode> devices;
  std::map<InRealm<engine::Hash>, engine::PushedRequest> pushed;
  std::map<InRealm<engine::Hash>, UsedId> used;
  std::map<InRealm<std::string>, Placed<engine::Challenge>> challenges;
  std::map<InRealm<engine::Hash>, engine::Session> sessions;

  std::vector<engine::Delivery> deliveries;
  std::vector<NotebookLine> notes;
  std::map<InRealm<std::string>, Counter> counters;
  std::map<InRealm<std::string>, std::int64_t> marks;
  std::map<InRealm<std::string>, Placed<engine::StoredKey>> keys;

  std::int64_t last_place = 0;  ///< the highest number given so far
};

}  // namespace latchkey::store
