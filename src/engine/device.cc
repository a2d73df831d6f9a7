#include "engine/device.h"
#include "crypto/random.h"
#include "engine/local_authority.h"
#include "engine/rules.h"
#include "engine/standard.h"
#include "engine/user_code.h"

// The machine's half of the device grant (RFC 8628): it begins, and asks whether a
// person has approved it.

namespace latchkey::engine {
namespace {

constexpr std::size_t kDeviceCodeBytes = 32;
constexpr int kUserCodeTries = 5;  // each clashes with one in 25 million
constexpr Seconds kSlowDownBy{5};  // RFC 8628 section 3.5
constexpr Seconds kSlowest{60};    // the interval grows no further

struct Seen {
  Party party = {};
  DeviceCode device = {};
  std::optional<Error> refused = {};  ///< told only after what it calls for was written
};

Result<Seen> find_poll(Tx& tx, const Keys& keys, const Realm& realm, const PollDevice& asked,
                       Instant now) {
  Seen seen;
  seen.party.client = TRY(check_client_for(tx, keys, realm, asked.client, kDeviceGrantType));
  TRY(must_prove(*seen.party.client, asked.dpop));
  auto device = TRY(tx.device(realm, keys.hash_of(asked.device_code)));
  if (!device) return fail(Why::kInvalidToken, "the device code is invalid");
  seen.device = *std::move(device);
  const Result<> may = may_poll(seen.device, asked.client.id, now);
  if (!may) {
    seen.refused = may.error();
    return seen;
  }
  seen.party.subject = TRY(tx.subject(realm, seen.device.subject));
  const bool lives = seen.party.subject && may_act(*seen.party.subject).has_value();
  if (!lives) return fail(Why::kInvalidToken, "the device code is invalid", "suspended");
  return seen;
}

// What a poll that gives nothing leaves behind.
Result<> note_refusal(Tx& tx, DeviceCode device, Why why, Instant now) {
  if (why == Why::kReplayed) {
    TRY(tx.revoke_grant(device.realm, device.grant, "device code used twice", now));
    return {};
  }
  if (why != Why::kPending && why != Why::kTooMany) return {};
  if (why == Why::kTooMany) device.interval = std::min(device.interval + kSlowDownBy, kSlowest);
  device.polled = now;
  return tx.put_device(device);
}

}  // namespace

Result<> may_poll(const DeviceCode& device, const ClientId& client, Instant now) {
  if (device.client != client) return fail(Why::kInvalidToken, "the device code is invalid");
  if (device.state == DeviceState::kUsed) {
    return fail(Why::kReplayed, "the device code is invalid");
  }
  if (now >= device.until) return fail(Why::kExpired, "the device code has expired");
  switch (device.state) {
    case DeviceState::kApproved: return {};
    case DeviceState::kDeclined: return fail(Why::kDeclined, "the person said no");
    case DeviceState::kOpen: break;
    case DeviceState::kUsed: return fail(Why::kBug, "", "a used device code");
  }
  if (device.polled && now < *device.polled + device.interval) {
    return fail(Error{Why::kTooMany, "slow down", {}, device.interval + kSlowDownBy});
  }
  return fail(Why::kPending, "nobody has answered yet");
}

Result<Outcome> LocalAuthority::authorize_device(const AuthorizeDevice& asked, Instant now) {
  const StandardPolicy& standard = policy_.standard;
  if (!standard.device) return fail(Why::kUnsupported, "there is no device grant here");
  const Secret text = crypto::random_base64url(kDeviceCodeBytes);
  DeviceCode device{.realm = realm_,
                    .hash = keys_.hash_of(text),
                    .client = asked.client.id,
                    .until = expiry(now, Lifetime{standard.device_lifetime}),
                    .interval = standard.device_interval};
  const auto fill = [&](Tx& tx) -> Result<> {
    const auto client = TRY(check_client_for(tx, keys_, realm_, asked.client, kDeviceGrantType));
    device.scope = TRY(grant_scope(policy_, *client, asked.scope));
    device.resource = TRY(grant_resources(standard, asked.resources));
    return {};
  };
  TRY(store_.read(fill));
  for (int i = 0; i < kUserCodeTries; ++i) {
    const std::string user_code = random_user_code();
    device.user_hash = keys_.hash_of(Secret(user_code));
    const auto kept = store_.transact([&](Tx& tx) -> Result<> {
      TRY(fill(tx));
      TRY(count_device(tx, asked.client.id, now));
      return tx.put_device(device);
    });
    if (!kept && kept.error().why == Why::kConflict) continue;
    TRY(kept);
    tell(now, "device_started", asked.client.id, {}, "");
    return DeviceStarted{.device_code = text,
                         .user_code = Secret(show_user_code(user_code)),
                         .until = device.until,
                         .interval = device.interval};
  }
  return fail(Why::kUnavailable, "try again", "no free user code");
}

// Anybody may be a public client, and each open code is one more to be guessed.
Result<> LocalAuthority::count_device(Tx& tx, const ClientId& client, Instant now) {
  const Seconds window = policy_.standard.device_lifetime;
  const int begun = TRY(tx.count(realm_, "devices " + client.text, now, window));
  if (begun > kMostDevices) return fail(Error{Why::kTooMany, "slow down", {}, window});
  return {};
}

Result<Outcome> LocalAuthority::poll_device(const PollDevice& asked, Instant now) {
  if (!policy_.standard.device) return fail(Why::kUnsupported, "there is no device grant here");
  const auto look = [&](Tx& tx) { return find_poll(tx, keys_, realm_, asked, now); };
  const Seen seen = TRY(store_.read(look));
  Grant grant =
      new_grant(realm_, policy_, asked.client.id, seen.party.subject_id(), policy_.tier, now);
  grant.scope = seen.device.scope;
  grant.resource = seen.device.resource;
  grant.authenticated = seen.device.authenticated;
  grant.amr = seen.device.amr;
  Tokens tokens;
  if (!seen.refused) {
    const Client& client = *seen.party.client;
    const std::string key = key_of(asked.dpop);
    tokens = TRY(make_tokens(maker(),
                             {.grant = grant,
                              .subject = *seen.party.subject,
                              .refresh_token = has_grant(client, "refresh_token"),
                              .bound_to = key,
                              .refresh_bound_to = is_public(client) ? key : std::string{}},
                             now));
  }
  GrantId first;  // what the code's first use gave
  // A refusal is told as a value: an error would undo what it calls for.
  const auto refused = TRY(store_.transact([&](Tx& tx) -> Result<std::optional<Error>> {
    Seen found = TRY(look(tx));
    if (found.refused) {
      first = found.device.grant;
      TRY(note_refusal(tx, found.device, found.refused->why, now));
      return found.refused;
    }
    if (seen.refused) return Error{Why::kPending, "nobody has answered yet", {}, {}};
    TRY(still_as_read(tx, seen.party));
    found.device.state = DeviceState::kUsed;
    found.device.grant = grant.id;
    TRY(tx.put_device(found.device));
    TRY(keep_family(tx, policy_, grant, tokens, now));
    return std::optional<Error>{};
  }));
  if (refused) {
    if (refused->why == Why::kReplayed)
      tell(now, "reuse", {.id = first, .client = asked.client.id, .subject = seen.device.subject},
           "device code");
    return fail(*refused);
  }
  tell(now, "exchange", grant, "device");
  return std::move(tokens.set);
}

}  // namespace latchkey::engine
