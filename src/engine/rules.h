#pragma once

#include <string_view>

#include "engine/policy.h"

namespace latchkey::engine {

// Why something may not be done now. Pure: rows and a time in, an answer out.
// An end is exclusive everywhere: at `until` itself a thing is over. Each list is
// tried from the top. `say` has the words that RFC 6749 servers commonly use.

/// An access token, at a protected call.
///
///   it is ...                                  | answer
///   a refresh token                            | kInvalidToken
///   of a revoked family, or ended by itself    | kRevoked
///   at or past its end                         | kExpired
Result<> may_use(const Holding& held, Instant now);

/// A refresh token. `client`: who asks, where the wire says so; else empty.
///
///   it is ...                                  | answer
///   an access token, or another client's       | kInvalidToken
///   of a revoked family                        | kRevoked    (a replay kills nothing more)
///   spent                                      | kReplayed   (also when it is old: it was stolen)
///   ended by itself                            | kRevoked
///   at or past its end                         | kExpired
Result<> may_refresh(const Holding& held, const ClientId& client, Instant now);

/// When a family is over for good; kEndOfTime if it need not end.
Instant last_instant(const Policy& policy, const Grant& grant);
/// A family at its refresh, whatever its tokens say. kExpired at or past its last
/// instant, and when nothing was issued for Policy::idle_lifetime (checklist 25).
Result<> may_go_on(const Policy& policy, const Grant& grant, Instant now);

/// A code (RFC 6749 section 4.1.3).
///
///   it is ...                                  | answer
///   another client's                           | kInvalidToken
///   spent                                      | kReplayed
///   at or past its end                         | kExpired
///   of another redirect_uri                    | kMalformed  (and it stays good)
Result<> may_exchange(const Code& code, const ClientId& client, std::string_view redirect_uri,
                      Instant now);

/// One guess at a code that was sent. kOtpWrong for: not open any more, at or
/// past its end, no guess left.
Result<> may_guess(const Challenge& sent, int most, Instant now);

/// A login that names a push.
///
///   it is ...                                          | answer
///   another client's                                   | kForbidden
///   used, or no push                                   | kNotFound
///   declined, or open at its end                       | kDeclined
///   open                                               | kPending
///   approved, but that was longer ago than `patience`  | kDeclined
///     after its end
Result<> may_use_push(const Challenge& push, const ClientId& client, Seconds patience, Instant now);

/// A client or a subject that asks with a live token. kForbidden when disabled.
Result<> may_act(const Client& client);
Result<> may_act(const Subject& subject);

/// May a client register that redirect_uri (checklist 8)? kMalformed for: no
/// scheme, control characters or spaces, a fragment, a wildcard, javascript:,
/// data: and vbscript:, and http: to any host but 127.0.0.1, [::1] and localhost.
Result<> may_register_redirect(std::string_view uri);

/// The values of `have` (separated by spaces) that are also in `wanted`, in the
/// order of `have`; empty `wanted` keeps all. kMalformed when a wanted name is
/// empty or holds a space, kForbidden when none is left.
Result<std::string> narrow(std::string_view have, const std::vector<std::string>& wanted);

}  // namespace latchkey::engine
