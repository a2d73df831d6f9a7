#include "engine/admin.h"

namespace latchkey::engine {

Result<std::vector<Admin::ShownKey>> Admin::signing_keys(const Realm& realm, Instant now) {
  const auto all = TRY(store_.read([&](Tx& tx) { return tx.keys(realm); }));
  std::vector<ShownKey> shown;
  for (const StoredKey& key : all) shown.push_back({key, state_of(key, all, now)});
  return shown;
}

Result<std::string> Admin::rotate_key(const Realm& realm, const Policy& policy, Seconds lead,
                                      Instant now) {
  if (!signs(policy)) return fail(Why::kUnsupported, "nothing is signed in this realm");
  return engine::rotate_key(store_, keys_, realm, policy.jwt.alg, lead, longest_signed(policy),
                            now);
}

Result<> Admin::retire_key(const Realm& realm, const Policy& policy, std::string_view kid,
                           bool at_once, Instant now) {
  return engine::retire_key(store_, keys_, realm, kid, at_once, longest_signed(policy), now);
}

}  // namespace latchkey::engine
