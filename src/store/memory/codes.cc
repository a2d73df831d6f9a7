#include "store/memory/memory_tx.h"

// Authorization codes, challenges and browser sessions.

namespace latchkey::store {

using namespace engine;

Result<> MemoryTx::put_code(const Code& code) {
  State* state = TRY(changing());
  if (!state->codes.insert({{code.realm, code.hash}, code}).second) {
    return fail(Why::kConflict, "", "store: that code is there");
  }
  return {};
}

Result<std::optional<Code>> MemoryTx::code(const Realm& realm, const Hash& hash) {
  return look_up(state_.codes, {realm, hash});
}

Result<Spend> MemoryTx::spend_code(const Realm& realm, const Hash& hash, const GrantId& grant,
                                   Instant now) {
  State* state = TRY(changing());
  const auto found = state->codes.find({realm, hash});
  if (found == state->codes.end()) return Spend::kUnknown;
  if (found->second.spent) return Spend::kAlreadySpent;
  found->second.spent = now;
  found->second.grant = grant;
  return Spend::kSpent;
}

Result<> MemoryTx::put_challenge(const Challenge& challenge) {
  State* state = TRY(changing());
  auto& placed = state->challenges[{challenge.realm, challenge.id}];
  if (placed.place == 0) placed.place = ++state->last_place;
  placed.row = challenge;
  return {};
}

Result<std::optional<Challenge>> MemoryTx::challenge(const Realm& realm, std::string_view id) {
  const auto found = look_up(state_.challenges, {realm, std::string(id)});
  if (!found) return std::nullopt;
  return found->row;
}

Result<std::optional<Challenge>> MemoryTx::open_challenge(const Realm& realm,
                                                          const ClientId& client, OtpKind kind) {
  const Placed<Challenge>* newest = nullptr;
  for (const auto& [key, placed] : state_.challenges) {
    const Challenge& row = placed.row;
    if (row.realm != realm || row.client != client || row.kind != kind) continue;
    if (row.state != ChallengeState::kOpen) continue;
    if (newest == nullptr ||
        std::pair(newest->row.created, newest->place) < std::pair(row.created, placed.place)) {
      newest = &placed;
    }
  }
  if (newest == nullptr) return std::nullopt;
  return newest->row;
}

Result<> MemoryTx::put_session(const Session& session) {
  State* state = TRY(changing());
  state->sessions.insert_or_assign({session.realm, session.hash}, session);
  return {};
}

Result<std::optional<Session>> MemoryTx::session(const Realm& realm, const Hash& hash) {
  return look_up(state_.sessions, {realm, hash});
}

Result<> MemoryTx::drop_session(const Realm& realm, const Hash& hash) {
  State* state = TRY(changing());
  state->sessions.erase({realm, hash});
  return {};
}

Result<int> MemoryTx::drop_sessions(const Realm& realm, const SubjectId& subject) {
  State* state = TRY(changing());
  std::erase_if(state->codes, [&](const auto& entry) {
    const Code& code = entry.second;
    return code.realm == realm && code.subject == subject && !code.spent;
  });
  std::erase_if(state->devices, [&](const auto& entry) {
    const DeviceCode& device = entry.second;
    return device.realm == realm && device.subject == subject &&
           device.state == DeviceState::kApproved;
  });
  return static_cast<int>(std::erase_if(state->sessions, [&](const auto& entry) {
    return entry.second.realm == realm && entry.second.subject == subject;
  }));
}

Result<> MemoryTx::drop_begun(const Realm& realm, const ClientId& client,
                              const SubjectId& subject) {
  State* state = TRY(changing());
  const auto begun = [&](const auto& row) { return row.realm == realm && row.client == client; };
  const auto theirs = [&](const auto& row) {
    return begun(row) && (subject.empty() || row.subject == subject);
  };
  std::erase_if(state->codes,
                [&](const auto& entry) { return theirs(entry.second) && !entry.second.spent; });
  std::erase_if(state->devices, [&](const auto& entry) {
    return theirs(entry.second) && entry.second.state != DeviceState::kUsed;
  });
  if (!subject.empty()) return {};
  std::erase_if(state->pushed, [&](const auto& entry) { return begun(entry.second); });
  std::erase_if(state->challenges, [&](const auto& entry) { return begun(entry.second.row); });
  return {};
}

Result<> MemoryTx::drop_pending(const Realm& realm) {
  State* state = TRY(changing());
  const auto theirs = [&](const auto& entry) {
    return realm.empty() || entry.first.first == realm;
  };
  std::erase_if(state->sessions, theirs);
  std::erase_if(state->challenges, theirs);
  std::erase_if(state->answers, theirs);
  std::erase_if(state->pushed, theirs);
  std::erase_if(state->devices, [&](const auto& entry) {
    return theirs(entry) && entry.second.state != DeviceState::kUsed;
  });
  std::erase_if(state->codes,
                [&](const auto& entry) { return theirs(entry) && !entry.second.spent; });
  return {};
}

}  // namespace latchkey::store
