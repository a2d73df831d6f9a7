#pragma once

#include <memory>
#include <vector>

#include "dialect/dialect.h"

namespace latchkey::dialect {

/// Where something is asked for: "https://host:port", and what is below it.
struct Address {
  std::string origin = {};
  http::Target target = {};
  friend bool operator==(const Address&, const Address&) = default;
};

/// What a login's ID token is held against (OpenID Connect Core section 3.1.3.7).
struct Expected {
  std::string_view description;
  ClientId client;
  Secret nonce = {};      ///< empty: none was sent
  std::string_view keys;  ///< the text that was found at Issuer::keys()
  Instant at{};
};

/// What an operation is signed with, for one sending.
struct Signing {
  const Settings& settings;  ///< of the profile
  const Answers& answers;
  std::string_view description;
  const Secret& proof_key;      ///< that the login's tokens are bound to; empty: a bearer's
  std::string_view nonce = {};  ///< that the provider wants to see in a proof
  Instant at{};
};

/// A protected call with a token that is bound to a key (RFC 9449 section 7).
struct Proving {
  const Secret& key;
  const Secret& token;
  std::string_view url;  ///< that the call's path is below: "https://api.example/v1"
  std::string_view nonce = {};
  Instant at{};
};

/// What a broker must know of a dialect that any number of providers speak, each of
/// which describes itself at an address made from its name (RFC 8414). A description
/// is one text, checked when it was read, that the broker keeps beside the tokens.
/// Pure and thread-safe.
class Issuer {
 public:
  virtual ~Issuer() = default;
  /// Where the description may be; the first address that answers 200 has it. kUsage
  /// for a name that cannot be an issuer's.
  virtual Result<std::vector<Address>> addresses(std::string_view issuer) const = 0;
  /// The description to be kept. kBadResponse, saying what is wrong with it: it must
  /// be that issuer's own word, and name no address that is not safe.
  virtual Result<std::string> read(std::string_view issuer, const http::Response&) const = 0;
  /// The wire of the provider that is described; without a description only what needs
  /// none. kBadResponse for a text that read() never gave.
  virtual Result<std::unique_ptr<Codec>> codec(const Settings&,
                                               std::string_view description) const = 0;
  /// Whether an Authorize is handed in beforehand, as a PushAuthorization, and the browser then
  /// brings its `request_uri` alone.
  virtual bool pushes(const Settings&, std::string_view description) const = 0;
  /// A key for the tokens of a new login to be bound to; empty: the profile wants none.
  virtual Secret new_proof_key(const Settings&) const = 0;
  /// That call as it may be sent once. kStore for a key that new_proof_key() never gave.
  virtual Result<http::Request> prove(http::Request, const Proving&) const = 0;
  /// The operation as it may be sent once, with what its client signs about itself where the
  /// profile wants that, and a proof of the key. Asked again for each sending. kUsage for a key
  /// that cannot sign.
  virtual Result<engine::Operation> sign(engine::Operation, const Signing&) const = 0;
  /// Where its public keys are; nullopt: it names none.
  virtual std::optional<Address> keys(std::string_view description) const = 0;
  /// Whether the ID token that came with a login says that the login is ours.
  /// kBadResponse, saying what is wrong, if not; nothing is wrong where none came.
  virtual Result<> check(const engine::TokenSet&, const Expected&) const = 0;
};

}  // namespace latchkey::dialect
