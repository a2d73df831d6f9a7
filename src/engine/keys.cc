#include "engine/keys.h"

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/random.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kKidBytes = 9;

std::string context_of(std::string_view what, const Realm& realm, std::string_view name) {
  std::string context(what);
  context += '\n';
  context += realm.text;
  context += '\n';
  context += name;
  return context;
}

Result<Secret> open_or_none(const Keys& keys, const Sealed& sealed, std::string_view context) {
  if (sealed.empty()) return Secret{};
  return keys.open(sealed, context);
}

Result<std::optional<Signer>> stored_signer(Tx& tx, const Keys& keys, const Realm& realm,
                                            crypto::Alg alg) {
  const auto all = TRY(tx.keys(realm));
  for (const StoredKey& stored : all) {
    if (stored.alg != crypto::name_of(alg)) continue;
    const Secret text = TRY(keys.open(stored.key, context_of("signing key", realm, stored.kid)));
    auto key = TRY(crypto::Key::import_private(alg, text));
    return Signer{stored.kid, std::move(key)};
  }
  return std::optional<Signer>{};
}

}  // namespace

Keys::Keys(const Secret& master)
    : hash_key_(crypto::derive_key(bytes_of(master.reveal()), "latchkey: token hashes")),
      seal_key_(crypto::derive_key(bytes_of(master.reveal()), "latchkey: sealed rows")) {}

Hash Keys::hash_of(const Secret& secret) const {
  return crypto::hmac_sha256(hash_key_, bytes_of(secret.reveal()));
}

Sealed Keys::seal(const Secret& plain, std::string_view context) const {
  return crypto::seal(seal_key_, bytes_of(plain.reveal()), context);
}

Result<Secret> Keys::open(const Sealed& sealed, std::string_view context) const {
  return crypto::open(seal_key_, sealed, context);
}

ClientId second_factor_id(const SubjectId& login) { return ClientId("person\n" + login.text); }

std::string totp_context(const Realm& realm, const ClientId& client) {
  return context_of("totp seed", realm, client.text);
}

std::string shared_key_context(const Realm& realm, const ClientId& client) {
  return context_of("shared key", realm, client.text);
}

std::string delivery_context(const Realm& realm, const ClientId& client) {
  return context_of("delivery", realm, client.text);
}

std::string answer_context(const Realm& realm, const GrantId& grant) {
  return context_of("answer", realm, grant.text);
}

Result<Secret> totp_seed_of(const Keys& keys, const Client& client) {
  return open_or_none(keys, client.totp_seed, totp_context(client.realm, client.id));
}

Result<Secret> shared_key_of(const Keys& keys, const Client& client) {
  return open_or_none(keys, client.shared_key, shared_key_context(client.realm, client.id));
}

Result<Signer> signer_of(Store& store, const Keys& keys, const Realm& realm, crypto::Alg alg,
                         Instant now) {
  const auto look = [&](Tx& tx) { return stored_signer(tx, keys, realm, alg); };
  auto found = TRY(store.read(look));
  if (found) return *std::move(found);
  // Made outside the transaction, because an RSA key takes its time. If two
  // processes get here at once, the first to commit decides for both.
  const crypto::Key key = crypto::Key::generate(alg);
  const std::string kid = to_base64url(crypto::random_bytes(kKidBytes));
  const Sealed sealed = keys.seal(key.export_private(), context_of("signing key", realm, kid));
  return store.transact([&](Tx& tx) -> Result<Signer> {
    auto theirs = TRY(look(tx));
    if (theirs) return *std::move(theirs);
    TRY(tx.put_key({realm, kid, crypto::name_of(alg), sealed, now}));
    return Signer{kid, key};
  });
}

}  // namespace latchkey::engine
