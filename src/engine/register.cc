#include <algorithm>

#include "base/trouble.h"
#include "crypto/random.h"
#include "engine/local_authority.h"
#include "engine/scope.h"
#include "engine/standard.h"

// Dynamic registration (RFC 7591).

namespace latchkey::engine {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr int kMostRegistrations = 100;  // in kRegistrationWindow, and realm
constexpr Seconds kRegistrationWindow{3600};

// What a client may do that nobody vouched for: send people to log in, and no more.
constexpr std::string_view kGrantsForAnybody[] = {"authorization_code", "refresh_token",
                                                  "urn:ietf:params:oauth:grant-type:device_code"};

Result<> check_grants(const ClientFacts& facts) {
  const bool fit = std::ranges::all_of(facts.grants, [](const std::string& grant) {
    return std::ranges::find(kGrantsForAnybody, grant) != std::end(kGrantsForAnybody);
  });
  if (!fit)
    return fail(Why::kMalformed, "grant_types holds one that needs an initial access token");
  return {};
}

// An initial access token (RFC 7591 section 3) is one that a trusted client got for
// itself, with the scope that an operator gave to it by name.
Result<> vouched_for(Tx& tx, const Keys& keys, const Policy& policy, const Realm& realm,
                     const Secret& token, Instant now) {
  const auto needed = [] { return fail(Why::kInvalidToken, "an initial access token is needed"); };
  const std::string& scope = policy.standard.registration_scope;
  const auto bearer = bearer_of(tx, keys, realm, token, now);
  if (!bearer && is_trouble(bearer.error().why)) return fail(bearer.error());
  if (!bearer || !may_present(bearer->held->token, std::nullopt, token)) return needed();
  const Grant& grant = bearer->held->grant;
  const auto client = TRY(tx.client(realm, grant.client));
  const bool trusted = client && !client->disabled && grant.subject.empty() &&
                       std::ranges::find(client->scopes, scope) != client->scopes.end();
  if (!trusted || !is_within(scope, scope_of(*bearer->held))) return needed();
  return {};
}

// What it asks for, as far as there is such a thing here. Who may register others is an
// operator's to say by name, and nobody's who was registered.
Result<std::vector<std::string>> scopes_of(const Policy& policy, std::string_view asked) {
  auto scopes = TRY(parse_scope(asked.empty() ? std::string_view(policy.scope) : asked));
  std::erase_if(scopes, [&](const std::string& name) {
    return name == policy.standard.registration_scope ||
           std::ranges::find(policy.standard.scopes, name) == policy.standard.scopes.end();
  });
  if (scopes.empty() && !asked.empty()) {
    return fail(Why::kMalformed, "scope holds nothing that is known here");
  }
  return scopes;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

Result<Outcome> LocalAuthority::register_client(const RegisterClient& asked, Instant now) {
  const StandardPolicy& standard = policy_.standard;
  if (!standard.registration) return fail(Why::kUnsupported, "clients are not registered here");
  const bool vouched = !standard.registration_scope.empty();
  const auto check = [&](Tx& tx) -> Result<> {
    return vouched ? vouched_for(tx, keys_, policy_, realm_, asked.bearer, now) : Result<>{};
  };
  TRY(store_.read(check));
  if (!vouched) TRY(check_grants(asked.facts));
  Registered made{.id = ClientId(crypto::random_uuid()), .issued = now, .facts = asked.facts};
  const bool by_secret = made.facts.auth_method.starts_with("client_secret_");
  if (by_secret) made.secret = crypto::random_base64url(kSecretBytes);
  const auto scopes = TRY(scopes_of(policy_, asked.facts.scope));
  made.facts.scope = joined(scopes);
  const Client client{.realm = realm_,
                      .id = made.id,
                      .name = made.facts.name,
                      .secret_hash = by_secret ? keys_.hash_of(made.secret) : Hash{},
                      .redirect_uris = made.facts.redirect_uris,
                      .grants = made.facts.grants,
                      .auth_method = made.facts.auth_method,
                      .native = made.facts.native,
                      .bound = made.facts.bound,
                      .scopes = scopes,
                      .jwks = made.facts.jwks,
                      .registered = now};
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(check(tx));
    const int begun = TRY(tx.count(realm_, "registrations", now, kRegistrationWindow));
    if (begun > kMostRegistrations) {
      return fail(Error{Why::kTooMany, "slow down", {}, kRegistrationWindow});
    }
    return tx.put_client(client);
  }));
  tell(now, "registered", made.id, {}, vouched ? "with a token" : "by anybody");
  return made;
}

}  // namespace latchkey::engine
