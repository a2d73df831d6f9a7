#include "engine/credentials.h"

#include <algorithm>

#include "crypto/digest.h"
#include "engine/rules.h"

namespace latchkey::engine {

const Shared<Subject>& nobody() {
  static const Shared<Subject> nobody{Subject{}};
  return nobody;
}

Result<Shared<Client>> check_client(Tx& tx, const Keys& keys, const Realm& realm,
                                    const ClientKey& said) {
  static const Hash kNobody{Bytes(Hash::kMost, 0)};
  auto client = TRY(tx.client(realm, said.id));
  const Hash given = keys.hash_of(said.secret);
  const bool by_key = client && client->auth_method == "private_key_jwt";
  const bool is_public = client && client->secret_hash.empty() && !by_key;
  const bool by_secret = client && !is_public && !by_key;
  const bool same = crypto::same_bytes(given, by_secret ? client->secret_hash : kNobody);
  const bool silent = said.secret.empty() && !said.assertion;
  const bool signed_it = said.assertion && said.assertion->verified && said.secret.empty();
  const bool right = is_public ? silent : by_key ? signed_it : same && !said.assertion;
  if (!client || !right || client->disabled) {
    return fail(Why::kBadCredentials, "client is invalid");
  }
  return client;
}

Result<Shared<Client>> check_client_for(Tx& tx, const Keys& keys, const Realm& realm,
                                        const ClientKey& said, std::string_view grant_type) {
  auto client = TRY(check_client(tx, keys, realm, said));
  const auto& given = client->grants;
  if (!given.empty() && std::ranges::find(given, grant_type) == given.end()) {
    return fail(Why::kForbidden, "`grant_type` is invalid");
  }
  return client;
}

namespace {

bool proves_alike(const Subject& one, const Subject& other) {
  return one.password_hash == other.password_hash && one.otp == other.otp &&
         one.otp_address == other.otp_address && one.totp_seed == other.totp_seed;
}

}  // namespace

Result<> still_as_read(Tx& tx, const Party& party) {
  const auto changed = [] { return fail(Why::kBadCredentials, "the account has just changed"); };
  if (party.client) {
    const auto now = TRY(tx.client(party.client->realm, party.client->id));
    if (!now || now->disabled || now->secret_hash != party.client->secret_hash) return changed();
  }
  if (party.subject) {
    const auto now = TRY(tx.subject(party.subject->realm, party.subject->login));
    if (!now || now->disabled || !proves_alike(*now, *party.subject)) return changed();
  }
  return {};
}

std::string wrong_passwords_of(const Keys& keys, const SubjectId& login) {
  return "password:" + to_hex(keys.hash_of(Secret{login.text}));
}

Result<Bearer> bearer_of(Tx& tx, const Keys& keys, const Realm& realm, const Secret& token,
                         Instant now) {
  if (token.empty()) return fail(Why::kBadCredentials, "no authentication given");
  auto held = TRY(tx.holding(realm, keys.token_hash(token)));
  if (!held) return fail(Why::kInvalidToken, "access token is invalid");
  TRY(may_use(*held, now));
  if (held->grant.subject.empty()) return Bearer{std::move(held), nobody()};
  auto subject = TRY(tx.subject(realm, held->grant.subject));
  if (!subject) return fail(Why::kRevoked, "access token has been revoked");
  TRY(may_act(*subject));
  return Bearer{std::move(held), std::move(subject)};
}

Result<Bearer> bearer_of_tier(Tx& tx, const Keys& keys, const Realm& realm, const Secret& token,
                              std::string_view tier, Instant now) {
  auto bearer = TRY(bearer_of(tx, keys, realm, token, now));
  if (tier.empty() || bearer.held->grant.tier != tier) {
    return fail(Why::kForbidden, "this token may not do that");
  }
  return bearer;
}

}  // namespace latchkey::engine
