#include "engine/standard.h"

#include <algorithm>

#include "crypto/digest.h"
#include "engine/pkce.h"
#include "engine/scope.h"

namespace latchkey::engine {
namespace {

bool has(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

std::vector<std::string> words_of(std::string_view text) {
  auto words = split(text, ' ');
  std::erase(words, "");
  return words;
}

/// "http://127.0.0.1:8000/cb" in two: before and after the port. nullopt for anything
/// but an address of this machine.
std::optional<std::pair<std::string_view, std::string_view>> around_port(std::string_view uri) {
  for (const std::string_view host : {"http://127.0.0.1", "http://[::1]"}) {
    if (!uri.starts_with(host)) continue;
    std::string_view rest = uri.substr(host.size());
    if (rest.starts_with(':')) {
      rest.remove_prefix(1);
      const auto end = std::min(rest.find_first_not_of("0123456789"), rest.size());
      const auto port = parse_int(rest.substr(0, end));
      if (!port || *port < 1 || *port > 65535) return std::nullopt;
      rest.remove_prefix(end);
    }
    if (!rest.empty() && !rest.starts_with('/') && !rest.starts_with('?')) return std::nullopt;
    return std::pair(host, rest);
  }
  return std::nullopt;
}

bool same_but_for_port(std::string_view registered, std::string_view asked) {
  const auto known = around_port(registered);
  return known && known == around_port(asked);
}

std::unexpected<Error> invalid_code() {
  return fail(Why::kInvalidToken, "authorization code is invalid");
}

}  // namespace

bool is_public(const Client& client) {
  return client.secret_hash.empty() && client.auth_method != "private_key_jwt";
}

bool has_grant(const Client& client, std::string_view grant_type) {
  return client.grants.empty() || has(client.grants, grant_type);
}

Result<std::string> redirect_for(const Client& client, std::string_view asked) {
  const auto& known = client.redirect_uris;
  if (asked.empty() && known.size() == 1) return known.front();
  const bool any_port = client.native || is_public(client);
  const bool fits = !asked.empty() && std::ranges::any_of(known, [&](const std::string& uri) {
    return uri == asked || (any_port && same_but_for_port(uri, asked));
  });
  if (!fits) return fail(Why::kMalformed, "`redirect_uri` does not match client value");
  return std::string(asked);
}

Result<> may_authorize(const Policy& policy, const Client& client, const Authorize& asked) {
  if (!has_grant(client, "authorization_code"))
    return fail(Why::kForbidden, "the client may not use the authorization code");
  const bool needs_challenge = policy.standard.pkce_for_all || is_public(client);
  if (asked.challenge.empty() && needs_challenge)
    return fail(Why::kMalformed, "code_challenge is missing");
  TRY(grant_scope(policy, client, asked.scope));
  TRY(grant_resources(policy.standard, asked.resources));
  return {};
}

Result<std::string> grant_scope(const Policy& policy, const Client& client,
                                std::string_view asked) {
  const auto may = [&](const std::string& name) {
    return has(policy.standard.scopes, name) && (client.scopes.empty() || has(client.scopes, name));
  };
  const auto wanted = parse_scope(asked);
  if (!wanted) return fail(Why::kConflict, wanted.error().say);
  if (!wanted->empty()) {
    if (!std::ranges::all_of(*wanted, may))
      return fail(Why::kConflict, "the scope may not be asked for");
    return joined(*wanted);
  }
  auto all = words_of(policy.scope);
  std::erase_if(all, [&](const std::string& name) { return !may(name); });
  return joined(all);
}

Result<std::string> grant_resources(const StandardPolicy& policy,
                                    const std::vector<std::string>& asked) {
  std::vector<std::string> granted;
  for (const std::string& uri : asked) {
    if (uri != policy.audience && !has(policy.resources, uri))
      return fail(Why::kNotFound, "the resource is unknown");
    if (!has(granted, uri)) granted.push_back(uri);
  }
  return joined(granted);
}

Result<std::string> narrow_scope(std::string_view have, const std::vector<std::string>& wanted) {
  const auto all = words_of(have);
  std::vector<std::string> kept;
  for (const std::string& name : wanted) {
    if (!has(all, name)) return fail(Why::kConflict, "the scope was not granted");
    if (!has(kept, name)) kept.push_back(name);
  }
  return joined(kept);
}

Result<std::string> narrow_resources(std::string_view have,
                                     const std::vector<std::string>& wanted) {
  const auto all = words_of(have);
  std::vector<std::string> kept;
  for (const std::string& uri : wanted) {
    if (!has(all, uri)) return fail(Why::kNotFound, "the resource was not granted");
    if (!has(kept, uri)) kept.push_back(uri);
  }
  return joined(kept);
}

Result<> may_redeem(const Code& code, const Exchange& asked, Instant now) {
  if (code.client != asked.client.id) return invalid_code();
  if (code.spent) return fail(Why::kReplayed, "authorization code is invalid");
  if (now >= code.until) return fail(Why::kExpired, "authorization code has expired");
  const bool silent = !code.redirect_given && asked.redirect_uri.empty();
  if (!silent && code.redirect_uri != asked.redirect_uri) return invalid_code();
  const bool proven = code.challenge.empty() ? asked.verifier.empty()
                                             : pkce_matches(code.challenge, asked.verifier);
  if (!proven) return invalid_code();
  if (!code.bound_to.empty() && code.bound_to != key_of(asked.dpop))
    return fail(Why::kOtpWrong, "the DPoP proof is of another key");
  return {};
}

Result<> must_prove(const Client& client, const std::optional<DpopProof>& proof) {
  if (client.bound && !proof) return fail(Why::kOtpRequired, "a DPoP proof is needed");
  return {};
}

Result<> may_present(const Token& token, const std::optional<DpopProof>& proof,
                     const Secret& text) {
  if (token.bound_to.empty()) {
    if (proof) return fail(Why::kInvalidToken, "the access token is not bound to a key");
    return {};
  }
  const auto digest = crypto::sha256(bytes_of(text.reveal()));
  const bool same = proof && proof->verified && proof->thumbprint == token.bound_to &&
                    proof->token_hash == to_base64url(digest);
  if (!same) return fail(Why::kOtpWrong, "the access token is bound to a key");
  return {};
}

std::string key_of(const std::optional<DpopProof>& proof) {
  return proof && proof->verified ? proof->thumbprint : std::string{};
}

std::vector<std::string> audiences_of(const StandardPolicy& policy, const Holding& held) {
  auto all = words_of(held.token.resource.empty() ? held.grant.resource : held.token.resource);
  if (all.empty()) all.push_back(policy.audience);
  return all;
}

const std::string& scope_of(const Holding& held) {
  return held.token.narrowed.empty() ? held.grant.scope : held.token.narrowed;
}

}  // namespace latchkey::engine
