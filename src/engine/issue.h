#pragma once

#include "engine/mint.h"

namespace latchkey::engine {

/// What one set of tokens is made with.
struct Maker {
  const Policy& policy;
  std::optional<Signer> signer;
  const Keys& keys;
  std::int64_t number = 0;  ///< of the row of what is made together (Store::next_number())
};

/// New tokens: what is handed out, and what is stored of them.
struct Tokens {
  TokenSet set = {};
  std::vector<Token> rows = {};
};

/// Which tokens are wanted.
struct Wanted {
  const Grant& grant;
  const Subject& subject;
  bool refresh_token = true;                 ///< if the policy has any
  std::optional<Instant> access_until = {};  ///< instead of the policy's lifetime
  Hash parent = {};
  std::string narrowed = {};
  std::string resource = {};          ///< as Token::resource, of the access token
  std::string bound_to = {};          ///< the key of the access token's holder …
  std::string refresh_bound_to = {};  ///< … and of the refresh token's
  std::string nonce = {};             ///< of the ID token
};

/// A new family, not stored yet: a fresh id, the policy's scope, a session UUID
/// where the wire shows one.
Grant new_grant(const Realm&, const Policy&, const ClientId&, const SubjectId&,
                std::string_view tier, Instant now);

/// Mints; touches no store. Runs outside the transaction.
Result<Tokens> make_tokens(const Maker&, const Wanted&, Instant now);

/// Stores new tokens of a family that is there. Where the policy has a single
/// refresh token, a new one ends the subject's others.
Result<> keep_tokens(Tx&, const Policy&, const Grant&, const Tokens&, Instant now);
/// Stores a new family with its tokens. Where the policy has a single session,
/// the other families of the same client and subject end as "superseded".
Result<> keep_family(Tx&, const Policy&, const Grant&, const Tokens&, Instant now);

/// Every family of the grant's client; of its subject, where there is no client.
GrantFilter all_of_client(const Grant& grant);

/// The subject's attributes as a token narrowed to `narrowed` shows them. What
/// the subject has lost since is not among them.
Attributes attributes_of(const Subject&, const Policy&, const std::string& narrowed);

}  // namespace latchkey::engine
