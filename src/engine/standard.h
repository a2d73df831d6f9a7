#pragma once

#include "engine/policy.h"

namespace latchkey::engine {

// The rules of standard OAuth 2. Pure: rows, a policy and a time in, an answer out.
// What a client asks for beyond what it may have is kConflict for a scope, kNotFound
// for a resource; a wrong or missing DPoP proof is kOtpWrong.

/// It has no way to prove who it is (RFC 6749 section 2.1).
bool is_public(const Client& client);
/// Whether it was registered for that grant type; a client without a list may have any.
bool has_grant(const Client& client, std::string_view grant_type);

/// The redirect_uri that the browser goes back to; without one in the request, the only
/// one that is registered. Compared as strings, byte by byte; only the port of a
/// loopback address of a native or public client may be another (checklist 6; RFC 8252
/// section 7.3). kMalformed when there is none.
Result<std::string> redirect_for(const Client& client, std::string_view asked);

/// What a client that may be redirected to asks for: PKCE for whoever must have it, a
/// scope and resources that may be given. The redirect_uri is not looked at.
///
///   it has ...                                             | answer
///   not the grant type "authorization_code"                | kForbidden
///   no challenge, and must have one (checklist 10)         | kMalformed
///   a scope or resource that it may not ask for            | as below
Result<> may_authorize(const Policy& policy, const Client& client, const Authorize& asked);

/// The scope that is granted: what was asked for if all of it may be had, else
/// kConflict; the policy's, as far as the client may have it, if nothing was asked for.
Result<std::string> grant_scope(const Policy& policy, const Client& client, std::string_view asked);
/// The same for resources, as Grant::resource. kNotFound for an unknown one.
Result<std::string> grant_resources(const StandardPolicy& policy,
                                    const std::vector<std::string>& asked);

/// What a token keeps: of a grant's scope (kConflict if it never had it, checklist 20) …
Result<std::string> narrow_scope(std::string_view have, const std::vector<std::string>& wanted);
/// … and of its resources (kNotFound).
Result<std::string> narrow_resources(std::string_view have, const std::vector<std::string>& wanted);

/// A code, as RFC 9700 has it. Everything that is kInvalidToken or kOtpWrong of a code
/// that was not spent burns it (checklist 5).
///
///   it is ...                                                | answer
///   another client's                                         | kInvalidToken
///   spent                                                    | kReplayed
///   at or past its end                                       | kExpired
///   of another redirect_uri, or that is not repeated         | kInvalidToken
///   with a challenge, and the verifier does not fit it;      | kInvalidToken
///     without, and there is a verifier (checklist 10)        |
///   for a DPoP key, and the proof is of none or another      | kOtpWrong
Result<> may_redeem(const Code& code, const Exchange& asked, Instant now);

/// Who may have tokens for this client, as far as DPoP is concerned: kOtpRequired for a
/// client that is bound and brings no proof.
Result<> must_prove(const Client& client, const std::optional<DpopProof>& proof);
/// A token at a protected call (RFC 9449 section 7). kOtpWrong when it is bound to a key
/// and the proof is not of that key and this token; kInvalidToken when it is a bearer's
/// and comes with a proof.
Result<> may_present(const Token& token, const std::optional<DpopProof>& proof, const Secret& text);

/// The key that a new token is bound to; "" without a proof.
std::string key_of(const std::optional<DpopProof>& proof);
/// Who a token is for: its own resources, its family's, or the policy's audience.
std::vector<std::string> audiences_of(const StandardPolicy& policy, const Holding& held);
/// What a token may do: its own scope, or its family's.
const std::string& scope_of(const Holding& held);

}  // namespace latchkey::engine
