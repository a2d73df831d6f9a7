#include <algorithm>

#include "store/memory/memory_tx.h"

// Clients, subjects, organizations and operators.

namespace latchkey::store {

using namespace engine;

Result<> MemoryTx::put_client(const Client& client) {
  State* state = TRY(changing());
  state->clients.insert_or_assign({client.realm, client.id}, client);
  return {};
}

Result<Shared<Client>> MemoryTx::client(const Realm& realm, const ClientId& id) {
  return look_up(state_.clients, {realm, id});
}

Result<Shared<Client>> MemoryTx::client_of_partner(const Realm& realm, std::string_view partner) {
  for (const auto& [key, client] : state_.clients) {
    if (client.realm == realm && client.partner == partner && !partner.empty()) return client;
  }
  return std::nullopt;
}

Result<std::vector<Client>> MemoryTx::clients(const Realm& realm) {
  std::vector<Client> found;
  for (const auto& [key, client] : state_.clients) {
    if (client.realm == realm) found.push_back(client);
  }
  return found;
}

Result<> MemoryTx::put_subject(const Subject& subject) {
  State* state = TRY(changing());
  Subject row = subject;
  std::int64_t highest = 0;
  for (const auto& [key, other] : state->subjects) {
    if (other.realm != row.realm) continue;
    highest = std::max(highest, other.number);
    if (other.login == row.login) {
      if (row.number == 0) row.number = other.number;
    } else if (other.number == row.number) {
      return fail(Why::kConflict, "that account number is taken");
    }
  }
  if (row.number == 0) row.number = highest + 1;
  state->subjects.insert_or_assign({row.realm, row.login}, row);
  return {};
}

Result<Shared<Subject>> MemoryTx::subject(const Realm& realm, const SubjectId& login) {
  return look_up(state_.subjects, {realm, login});
}

Result<std::vector<Subject>> MemoryTx::subjects(const Realm& realm) {
  std::vector<Subject> found;
  for (const auto& [key, subject] : state_.subjects) {
    if (subject.realm == realm) found.push_back(subject);
  }
  return found;
}

namespace {

/// One more than the highest number that the realm has in this map.
template <class Map>
std::int64_t next_in(const Map& map, const Realm& realm) {
  std::int64_t highest = 0;
  for (const auto& [key, row] : map) {
    if (key.first == realm) highest = std::max(highest, key.second);
  }
  return highest + 1;
}

}  // namespace

Result<Organization> MemoryTx::add_organization(const Realm& realm, const SubjectId& owner,
                                                std::string_view name) {
  State* state = TRY(changing());
  if (!state->subjects.contains({realm, owner})) {
    return fail(Why::kConflict, "the organization's owner does not exist");
  }
  const std::int64_t id = next_in(state->organizations, realm);
  const Organization row{.id = id, .name = std::string(name)};
  state->organizations.insert({{realm, id}, {.owner = owner, .row = row}});
  return row;
}

Result<std::vector<Organization>> MemoryTx::organizations(const Realm& realm,
                                                          const SubjectId& owner) {
  std::vector<Organization> found;
  for (const auto& [key, organization] : state_.organizations) {
    if (key.first == realm && organization.owner == owner) found.push_back(organization.row);
  }
  return found;
}

Result<Operator> MemoryTx::add_operator(const Realm& realm, std::int64_t organization,
                                        std::string_view name) {
  State* state = TRY(changing());
  const auto home = look_up(state->organizations, {realm, organization});
  if (!home) return fail(Why::kConflict, "the operator's organization does not exist");
  const std::int64_t id = next_in(state->operators, realm);
  const Operator row{.id = id, .name = std::string(name), .organization = home->row};
  state->operators.insert({{realm, id}, row});
  return row;
}

Result<std::vector<Operator>> MemoryTx::operators(const Realm& realm, std::int64_t organization) {
  std::vector<Operator> found;
  for (const auto& [key, row] : state_.operators) {
    if (key.first == realm && row.organization.id == organization) found.push_back(row);
  }
  return found;
}

Result<Shared<Operator>> MemoryTx::operator_of(const Realm& realm, const SubjectId& owner,
                                               std::int64_t id) {
  const auto row = look_up(state_.operators, {realm, id});
  if (!row) return std::nullopt;
  const auto home = look_up(state_.organizations, {realm, row->organization.id});
  if (!home || home->owner != owner) return std::nullopt;
  return row;
}

Result<> MemoryTx::set_operator_status(const Realm& realm, std::int64_t id, OperatorStatus status) {
  State* state = TRY(changing());
  const auto found = state->operators.find({realm, id});
  if (found != state->operators.end()) found->second.status = status;
  return {};
}

}  // namespace latchkey::store
