#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "broker/uptime.h"

namespace latchkey::broker {

/// Everything that the vault keeps of one profile. It is sealed as one piece.
struct Entry {
  /// Counts the writes of this profile; a commit names the one that it read, so
  /// that somebody who slept cannot overwrite what came after (a fence).
  std::int64_t generation = 0;

  Secret access_token = {};
  std::optional<Instant> access_until = {};  ///< nullopt: no end was stated
  Secret refresh_token = {};
  std::optional<Instant> refresh_until = {};
  Secret parent_token = {};  ///< the company's, where tokens are delegated
  std::optional<Instant> parent_until = {};
  /// That the tokens are bound to (dialect::Issuer::new_proof_key); empty: a bearer's.
  Secret proof_key = {};
  std::string scope = {};
  std::string session = {};

  Instant logged_in = {};  ///< when a person or a kept password last logged in
  Instant renewed = {};    ///< when the access token was obtained
  /// When credentials of which `credentials_mark` is the mark were first used (clocks.h).
  std::optional<Instant> credentials_since = {};
  std::string credentials_mark = {};
  /// Set, durably, before a single-use refresh token leaves the machine; cleared
  /// together with storing its answer.
  std::optional<Instant> spending_since = {};
  /// The same moment by a clock that nobody can set.
  Uptime spending_uptime = {};
  /// What the provider says of itself (dialect/issuer.h), and when it was asked.
  std::string description = {};
  Instant described = {};
  /// A renewal has shown that its refresh token stays good (Traits::rotation_is_assumed).
  bool refresh_stays = false;
  /// Secrets that renewal needs again, kept because the user allowed it.
  std::map<std::string, Secret, std::less<>> kept = {};

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// The text that is sealed, and back, bit for bit; it leaves no copy that is not
/// wiped. kStore when it is not such a text: unknown or repeated names, a
/// generation below 1.
Secret write_entry(const Entry& entry);
Result<Entry> read_entry(const Secret& text);

}  // namespace latchkey::broker
