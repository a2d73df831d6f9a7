#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace latchkey::engine {

// Who asks, and how that is proved.

/// A client's signed statement about itself, instead of a secret (RFC 7523 section 3).
/// Who sends it fills `text`. An authority's codec fills the rest once the signature
/// was right under a key that the client registered, for this authority as audience;
/// the engine then judges the times and takes `id` only once.
struct ClientAssertion {
  Secret text = {};
  bool verified = false;
  std::string id = {};  ///< "jti"
  std::optional<Instant> issued = {};
  Instant until = {};  ///< "exp"
  friend bool operator==(const ClientAssertion&, const ClientAssertion&) = default;
};

/// What a client says of itself. An empty secret: it said none.
struct ClientKey {
  ClientId id = {};
  Secret secret = {};
  std::optional<ClientAssertion> assertion = {};
  friend bool operator==(const ClientKey&, const ClientKey&) = default;
};

/// A proof that whoever asks has a private key (RFC 9449 section 4). As for a
/// ClientAssertion: `text` is the sender's, and the codec of an authority, which has
/// checked the signature, the method and the URI, fills the rest. The engine judges
/// the time and takes `id` only once per URI.
struct DpopProof {
  Secret text = {};
  bool verified = false;
  std::string thumbprint = {};  ///< of the key: base64url SHA-256 (RFC 7638)
  std::string id = {};          ///< "jti"
  Instant issued = {};          ///< "iat"
  std::string method = {};      ///< "htm"
  std::string uri = {};         ///< "htu", without query and fragment
  std::string token_hash = {};  ///< "ath"; empty: none
  std::string nonce = {};       ///< empty: none
  friend bool operator==(const DpopProof&, const DpopProof&) = default;
};

/// What a person or a company says of itself.
struct UserKey {
  SubjectId login = {};
  Secret password = {};
  friend bool operator==(const UserKey&, const UserKey&) = default;
};

}  // namespace latchkey::engine
