#include "crypto/random.h"
#include "engine/local_authority.h"

namespace latchkey::engine {

Result<Outcome> LocalAuthority::request_otp(const RequestOtp& asked, Instant now) {
  if (policy_.login != LoginKind::kClientSecret) {
    return fail(Why::kUnsupported, "nobody logs in with a one-time password here");
  }
  TRY(pace(asked.client.id.text, now));
  const auto looked = store_.read([&](Tx& tx) -> Result<Shared<Client>> {
    auto found = TRY(check_client(tx, keys_, realm_, asked.client));
    if (found->secret_hash.empty()) return fail(Why::kBadCredentials, "client is invalid");
    return found;
  });
  if (!looked) {
    tell(now, "otp_refused", asked.client.id, {}, name_of(looked.error().why));
    return fail(looked.error());
  }
  const Shared<Client>& client = *looked;
  switch (client->otp) {
    case OtpKind::kOutbox: return send_code(*client, now);
    case OtpKind::kPush: return send_push(*client, now);
    case OtpKind::kNone:
    case OtpKind::kTyped: break;
  }
  tell(now, "otp_refused", client->id, client->owner, name_of(Why::kUnsupported));
  return fail(Why::kUnsupported, "no one-time password is sent to this account");
}

// A new code ends the one before it: at most one is open.
Result<Outcome> LocalAuthority::send_code(const Client& client, Instant now) {
  const Secret code = crypto::random_digits(policy_.otp_digits);
  const Secret text{messages_.otp ? messages_.otp(client, code)
                                  : "Your code: " + std::string(code.reveal())};
  const Challenge fresh{.realm = realm_,
                        .id = crypto::random_uuid(),
                        .client = client.id,
                        .kind = OtpKind::kOutbox,
                        .code_hash = keys_.hash_of(code),
                        .created = now,
                        .until = expiry(now, Lifetime{policy_.otp_lifetime})};
  const bool person = client.id == second_factor_id(client.owner);
  const Delivery delivery{.realm = realm_,
                          .client = person ? ClientId{} : client.id,
                          .address = client.otp_address,
                          .text = keys_.seal(text, delivery_context(realm_, client.id)),
                          .at = now,
                          .subject = person ? client.owner : SubjectId{}};
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    auto before = TRY(tx.open_challenge(realm_, client.id, OtpKind::kOutbox));
    if (before) {
      before->state = ChallengeState::kDeclined;
      TRY(tx.put_challenge(*before));
    }
    TRY(tx.put_challenge(fresh));
    TRY(tx.add_delivery(delivery));
    return {};
  }));
  tell(now, "otp_sent", delivery.client, client.owner, "code");
  return OtpSent{};
}

Result<Outcome> LocalAuthority::send_push(const Client& client, Instant now) {
  const Challenge push{.realm = realm_,
                       .id = crypto::random_uuid(),
                       .client = client.id,
                       .kind = OtpKind::kPush,
                       .created = now,
                       .until = expiry(now, Lifetime{policy_.push_lifetime})};
  const Secret text{messages_.push ? messages_.push(client) : "Approve the login?"};
  const Delivery delivery{.realm = realm_,
                          .client = client.id,
                          .address = client.otp_address,
                          .text = keys_.seal(text, delivery_context(realm_, client.id)),
                          .transaction_id = push.id,
                          .at = now};
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(tx.put_challenge(push));
    TRY(tx.add_delivery(delivery));
    return {};
  }));
  tell(now, "otp_sent", client.id, client.owner, "push");
  return OtpSent{push.id};
}

}  // namespace latchkey::engine
