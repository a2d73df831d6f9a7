#pragma once

#include "dialect/dialect.h"
#include "engine/keys.h"

namespace latchkey::server {

/// The keys that one realm's partners share with us, and its clients registered, from the
/// store. Who is disabled or unknown has none.
class StoreKeyring final : public dialect::Keyring {
 public:
  StoreKeyring(engine::Store& store, const engine::Keys& keys, Realm realm)
      : store_(store), keys_(keys), realm_(std::move(realm)) {}

  Result<std::optional<Secret>> shared_key(std::string_view partner) const override;
  Result<std::optional<std::string>> client_keys(const ClientId&) const override;
  std::string proof_nonce(Instant now) const override;

 private:
  engine::Store& store_;
  const engine::Keys& keys_;
  const Realm realm_;
};

}  // namespace latchkey::server
