#include "server/store_keyring.h"

#include "engine/proof_nonce.h"

namespace latchkey::server {

Result<std::optional<Secret>> StoreKeyring::shared_key(std::string_view partner) const {
  const auto client =
      TRY(store_.read([&](engine::Tx& tx) { return tx.client_of_partner(realm_, partner); }));
  if (!client || client->disabled) return std::nullopt;
  auto key = TRY(engine::shared_key_of(keys_, *client));
  if (key.empty()) return std::nullopt;
  return key;
}

Result<std::optional<std::string>> StoreKeyring::client_keys(const ClientId& id) const {
  auto client = TRY(store_.read([&](engine::Tx& tx) { return tx.client(realm_, id); }));
  if (!client || client->disabled || client->jwks.empty()) return std::nullopt;
  return std::move(client->jwks);
}

std::string StoreKeyring::proof_nonce(Instant now) const {
  return engine::proof_nonce(keys_, realm_, now);
}

}  // namespace latchkey::server
