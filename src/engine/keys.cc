#include "engine/keys.h"

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "engine/row_number.h"

namespace latchkey::engine {
namespace {

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

}  // namespace

Keys::Keys(const Secret& master)
    : hash_key_(crypto::derive_key(bytes_of(master.reveal()), "latchkey: token hashes")),
      seal_key_(crypto::derive_key(bytes_of(master.reveal()), "latchkey: sealed rows")),
      number_key_(crypto::derive_key(bytes_of(master.reveal()), "latchkey: row numbers",
                                     crypto::kShortHashKeySize)),
      noise_key_(crypto::random_bytes(crypto::kShortHashKeySize)) {}

crypto::Sha256 Keys::mac_of(const Secret& secret) const {
  return hash_key_.tag(bytes_of(secret.reveal()));
}

Hash Keys::hash_of(const Secret& secret) const { return Hash(mac_of(secret)); }

Hash Keys::token_hash(const Secret& token) const {
  return token_hash(token, number_said(number_key_, token.reveal()));
}

Hash Keys::token_hash(const Secret& token, std::int64_t number) const {
  constexpr std::size_t kBytes = 16;
  const crypto::Sha256 whole = mac_of(token);
  return Hash(ByteView(whole).first(kBytes), number);
}

Secret Keys::new_opaque_text(std::int64_t number) const {
  return opaque_text_saying(number_key_, number);
}

std::string Keys::new_jwt_id(std::int64_t number) const {
  if (number == 0) return crypto::random_uuid();
  const std::array<std::uint64_t, 1> serial{++ids_};
  const ByteView view(reinterpret_cast<const std::uint8_t*>(serial.data()), sizeof serial);
  return uuid_saying(number_key_, number, crypto::short_hash(noise_key_, view));
}

Sealed Keys::seal(const Secret& plain, std::string_view context) const {
  return crypto::seal(seal_key_, bytes_of(plain.reveal()), context);
}

Result<Secret> Keys::open(const Sealed& sealed, std::string_view context) const {
  return crypto::open(seal_key_, sealed, context);
}

std::string signing_key_context(const Realm& realm, std::string_view kid) {
  return context_of("signing key", realm, kid);
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

}  // namespace latchkey::engine
