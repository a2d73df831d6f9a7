#pragma once

#include <atomic>

#include "crypto/digest.h"
#include "crypto/jws.h"
#include "engine/store.h"

namespace latchkey::engine {

/// The authority's own keys, all derived from one master key that is not beside
/// the data. Thread-safe.
class Keys {
 public:
  /// `master`: at least 32 bytes.
  explicit Keys(const Secret& master);

  /// Of a code, session id or generated secret; 32 bytes.
  Hash hash_of(const Secret& secret) const;
  /// Of a token, of which there are millions: the first 16 bytes (RFC 2104 section 5). Nobody
  /// finds a token for one, and two of a billion tokens share one with a chance below 1e-20.
  /// It knows the number that the token's text says.
  Hash token_hash(const Secret& token) const;
  /// The same of a new one whose text says that number; 0: it says none.
  Hash token_hash(const Secret& token, std::int64_t number) const;
  /// A new token's text, and a new "jti", that say the number of its row to who has these keys
  /// (row_number.h); 0: none.
  Secret new_opaque_text(std::int64_t number) const;
  std::string new_jwt_id(std::int64_t number) const;
  /// `context` names the row, so that a sealed value cannot be moved.
  Sealed seal(const Secret& plain, std::string_view context) const;
  Result<Secret> open(const Sealed& sealed, std::string_view context) const;

 private:
  crypto::Sha256 mac_of(const Secret&) const;

  crypto::HmacKey hash_key_;
  Bytes seal_key_, number_key_;
  Bytes noise_key_;  ///< this process's alone
  mutable std::atomic<std::uint64_t> ids_{0};
};

/// What stands for a person where a client's second factor would: in counters, marks and
/// contexts. No client has such an id.
ClientId second_factor_id(const SubjectId&);

// What stands in the rows sealed, opened; kStore when the master key is another.
// The contexts are formats: a change makes stored rows unreadable.
std::string signing_key_context(const Realm&, std::string_view kid);
std::string totp_context(const Realm&, const ClientId&);
std::string shared_key_context(const Realm&, const ClientId&);
std::string delivery_context(const Realm&, const ClientId&);
std::string answer_context(const Realm&, const GrantId&);
/// Raw bytes; empty when the client has none.
Result<Secret> totp_seed_of(const Keys&, const Client&);
/// As it was handed out (hexadecimal); empty when the client has none.
Result<Secret> shared_key_of(const Keys&, const Client&);

/// One realm's signing key, ready to use.
struct Signer {
  std::string kid;
  crypto::Key key;
};

/// The realm's key of that algorithm that signs now (signing_keys.h); made, sealed and
/// stored first if there is none. kStore when the master key cannot open what is stored.
Result<Signer> signer_of(Store&, const Keys&, const Realm&, crypto::Alg, Instant now);

}  // namespace latchkey::engine
