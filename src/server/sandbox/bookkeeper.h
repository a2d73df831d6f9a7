#pragma once

#include "dialect/dialect.h"
#include "server/sandbox/ledger.h"
#include "server/sandbox/whose.h"

namespace latchkey::server {

/// Writes what an authority does into a ledger: before the answer leaves, so that
/// an answer which anybody has seen stands in it. Thread-safe; all referents must
/// outlive it. Every line has "op" and "system"; one of an operation has
///
///   time            the authority's clock, RFC 3339
///   began, real     the machine's clock in microseconds: when it was asked, when it was done
///   client, user    whose it is, as far as is known
///   family          what came of one login
///   token           ledger_hash of the token or code that was presented
///   access, until   ledger_hash of the access token that was issued, and its end
///   refresh, refresh_until   the same of a refresh token
///   parent          the refresh token or code that was given for them
///   result          "ok", or the name of the Why
///   replayed        true when a spent token came again
///   ended           true when the family is revoked, now that this is done
///   request         X-Request-Id
///   fault           what the sandbox did to the answer, where it did something
///   retry_after     seconds, where the answer says so
///
/// as far as there is something to say. "open" says how a system treats tokens:
/// rotation, on_replay, interval (seconds); "revoke" by the sandbox names a family.
class Bookkeeper {
 public:
  Bookkeeper(Ledger& ledger, engine::Store& store, const engine::Keys& keys)
      : ledger_(ledger), store_(store), keys_(keys) {}

  /// What is known before an operation is performed.
  struct Asked {
    const engine::LocalAuthority& authority;
    const engine::Operation& operation;
    Whose whose = {};
    std::int64_t began = 0;
  };
  struct Told {
    std::string request = {};
    std::string fault = {};
    Seconds retry_after{0};
  };

  Asked asked(const engine::LocalAuthority& authority, const engine::Operation& operation) const;
  Result<> performed(const Asked& asked, const Result<engine::Outcome>& result, const Told& told,
                     Instant now);
  /// Nothing was performed: a fault came first.
  Result<> prevented(const Asked& asked, const Told& told, Instant now);

  Result<> opened(const engine::LocalAuthority& authority, Seconds interval, Instant now);
  /// Tokens on a page, after a person's consent.
  Result<> issued(const engine::LocalAuthority& authority, const engine::TokenSet& tokens,
                  Instant now);
  Result<> revoked(const engine::Grant& grant, Instant now);

 private:
  json::Object line_of(const Asked& asked, Instant now) const;
  Result<> finish(json::Object line, const Told& told);

  Ledger& ledger_;
  engine::Store& store_;
  const engine::Keys& keys_;
};

}  // namespace latchkey::server
