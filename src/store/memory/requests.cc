#include <algorithm>

#include "store/memory/memory_tx.h"

// Device codes, pushed requests, and ids that are good once.

namespace latchkey::store {

using namespace engine;

Result<> MemoryTx::put_device(const DeviceCode& device) {
  State* state = TRY(changing());
  const bool taken = std::ranges::any_of(state->devices, [&](const auto& entry) {
    const DeviceCode& other = entry.second;
    return other.realm == device.realm && other.user_hash == device.user_hash &&
           other.hash != device.hash;
  });
  if (taken) return fail(Why::kConflict, "", "store: that user code is taken");
  state->devices.insert_or_assign({device.realm, device.hash}, device);
  return {};
}

Result<std::optional<DeviceCode>> MemoryTx::device(const Realm& realm, const Hash& hash) {
  return look_up(state_.devices, {realm, hash});
}

Result<std::optional<DeviceCode>> MemoryTx::device_of_user_code(const Realm& realm,
                                                                const Hash& user_hash) {
  for (const auto& [key, device] : state_.devices) {
    if (device.realm == realm && device.user_hash == user_hash) return device;
  }
  return std::nullopt;
}

Result<> MemoryTx::put_pushed(const PushedRequest& pushed) {
  State* state = TRY(changing());
  if (!state->pushed.insert({{pushed.realm, pushed.hash}, pushed}).second) {
    return fail(Why::kConflict, "", "store: that request is there");
  }
  return {};
}

Result<std::optional<PushedRequest>> MemoryTx::pushed(const Realm& realm, const Hash& hash) {
  return look_up(state_.pushed, {realm, hash});
}

Result<Spend> MemoryTx::spend_pushed(const Realm& realm, const Hash& hash, Instant now) {
  State* state = TRY(changing());
  const auto found = state->pushed.find({realm, hash});
  if (found == state->pushed.end()) return Spend::kUnknown;
  if (found->second.spent) return Spend::kAlreadySpent;
  found->second.spent = now;
  return Spend::kSpent;
}

Result<bool> MemoryTx::use_once(const Realm& realm, const Hash& id, Instant until, Instant now) {
  State* state = TRY(changing());
  const auto used = look_up(state->used, {realm, id});
  if (used && now < used->until) return false;
  state->used.insert_or_assign({realm, id}, UsedId{until});
  return true;
}

}  // namespace latchkey::store
