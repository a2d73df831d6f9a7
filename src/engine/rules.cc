#include "engine/rules.h"

#include <algorithm>

namespace latchkey::engine {

Result<> may_use(const Holding& held, Instant now) {
  if (held.token.kind != TokenKind::kAccess) {
    return fail(Why::kInvalidToken, "access token is invalid");
  }
  if (held.grant.revoked || held.token.ended) {
    return fail(Why::kRevoked, "access token has been revoked");
  }
  if (now >= held.token.until) return fail(Why::kExpired, "access token has expired");
  return {};
}

Result<> may_refresh(const Holding& held, const ClientId& client, Instant now) {
  const bool others = !client.empty() && client != held.grant.client;
  if (held.token.kind != TokenKind::kRefresh || others) {  // checklist 20
    return fail(Why::kInvalidToken, "refresh token is invalid");
  }
  if (held.grant.revoked) return fail(Why::kRevoked, "refresh token has been revoked");
  if (held.token.spent) return fail(Why::kReplayed, "refresh token is invalid");
  if (held.token.ended) return fail(Why::kRevoked, "refresh token has been revoked");
  if (now >= held.token.until) return fail(Why::kExpired, "refresh token has expired");
  return {};
}

Instant last_instant(const Policy& policy, const Grant& grant) {
  if (policy.grant_lifetime == Seconds{0}) return kEndOfTime;
  return expiry(grant.created, Lifetime{policy.grant_lifetime});
}

Result<> may_go_on(const Policy& policy, const Grant& grant, Instant now) {
  const Instant last_used = std::max(grant.created, grant.used);
  const bool idle = policy.idle_lifetime != Seconds{0} &&
                    now >= expiry(last_used, Lifetime{policy.idle_lifetime});
  if (idle || now >= last_instant(policy, grant)) {
    return fail(Why::kExpired, "refresh token has expired", idle ? "idle" : "the login is over");
  }
  return {};
}

Result<> may_exchange(const Code& code, const ClientId& client, std::string_view redirect_uri,
                      Instant now) {
  if (code.client != client) return fail(Why::kInvalidToken, "authorization code is invalid");
  if (code.spent) return fail(Why::kReplayed, "authorization code is invalid");
  if (now >= code.until) return fail(Why::kExpired, "authorization code has expired");
  if (code.redirect_uri != redirect_uri) {
    return fail(Why::kMalformed, "`redirect_uri` is invalid");
  }
  return {};
}

Result<> may_guess(const Challenge& sent, int most, Instant now) {
  const bool open = sent.kind == OtpKind::kOutbox && sent.state == ChallengeState::kOpen;
  if (!open || now >= sent.until || sent.attempts >= most) {
    return fail(Why::kOtpWrong, "the one-time password is wrong or too old");
  }
  return {};
}

Result<> may_use_push(const Challenge& push, const ClientId& client, Seconds patience,
                      Instant now) {
  if (push.client != client) return fail(Why::kForbidden, "another account's transaction");
  if (push.kind != OtpKind::kPush) return fail(Why::kNotFound, "no such transaction");
  switch (push.state) {
    case ChallengeState::kUsed: return fail(Why::kNotFound, "no such transaction");
    case ChallengeState::kDeclined: return fail(Why::kDeclined, "the request was declined");
    case ChallengeState::kOpen:
      if (now >= push.until) return fail(Why::kDeclined, "nobody answered the request in time");
      return fail(Why::kPending, "the request waits for approval");
    case ChallengeState::kApproved:
      if (now >= push.until + patience) return fail(Why::kDeclined, "the approval is too old");
      return {};
  }
  return fail(Why::kBug, "", "a ChallengeState that is none of the four");
}

Result<> may_act(const Client& client) {
  if (!client.disabled) return {};
  return fail(Why::kForbidden, "the client is disabled", "disabled: " + client.disabled_why);
}

Result<> may_act(const Subject& subject) {
  if (!subject.disabled) return {};
  return fail(Why::kForbidden, "the account is suspended", "suspended: " + subject.disabled_why);
}

Result<> may_register_redirect(std::string_view uri) {
  const auto refuse = [](const char* say) { return fail(Why::kMalformed, say); };
  const auto odd = [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '\\'; };
  if (std::ranges::any_of(uri, odd)) return refuse("a redirect_uri holds no spaces");
  if (uri.find_first_of("#*") != uri.npos) {
    return refuse("a redirect_uri holds no fragment and no wildcard");
  }
  const std::size_t colon = uri.find(':');
  if (colon == uri.npos || colon == 0) return refuse("a redirect_uri is absolute");
  const std::string scheme = to_lower(uri.substr(0, colon));
  if (scheme == "javascript" || scheme == "data" || scheme == "vbscript") {
    return refuse("a redirect_uri is no script");
  }
  if (scheme != "http" && scheme != "https") return {};
  std::string_view rest = uri.substr(colon + 1);
  if (!rest.starts_with("//")) return refuse("a redirect_uri names a host");
  rest = rest.substr(2, rest.find_first_of("/?", 2) - 2);  // npos - 2 is still past the end
  if (rest.empty() || rest.contains('@')) return refuse("a redirect_uri names a host");
  if (scheme == "https") return {};
  const auto is = [&](std::string_view host) {
    return rest == host || (rest.starts_with(host) && rest[host.size()] == ':');
  };
  if (is("127.0.0.1") || is("[::1]") || is("localhost")) return {};
  return refuse("http is for loopback addresses only");
}

Result<std::string> narrow(std::string_view have, const std::vector<std::string>& wanted) {
  for (const std::string& name : wanted) {
    if (name.empty() || name.contains(' ')) {
      return fail(Why::kMalformed, "a name to keep is empty or holds a space");
    }
  }
  std::string kept;
  for (const std::string& name : split(have, ' ')) {
    if (name.empty()) continue;
    if (!wanted.empty() && std::ranges::find(wanted, name) == wanted.end()) continue;
    if (!kept.empty()) kept += ' ';
    kept += name;
  }
  if (kept.empty() && !wanted.empty()) {
    return fail(Why::kForbidden, "none of the named ones is the account's");
  }
  return kept;
}

}  // namespace latchkey::engine
