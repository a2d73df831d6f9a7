#include "dialects/oauth2/claims.h"

#include "base/json.h"
#include "crypto/digest.h"

namespace latchkey::dialects::oauth2 {
namespace {

std::function<std::string(std::string_view)> header_of(const char* type, crypto::Alg alg) {
  return [type, alg](std::string_view kid) {
    return json::write(
        json::Object{{"typ", type}, {"alg", crypto::name_of(alg)}, {"kid", std::string(kid)}});
  };
}

json::Array words_of(std::string_view text) {
  json::Array words;
  for (const std::string& word : split(text, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

json::Value audience_of(const std::string& resource, const std::string& otherwise) {
  json::Array all = words_of(resource);
  if (all.empty()) return otherwise;
  if (all.size() == 1) return all.front();
  return all;
}

void add_login(json::Object& claims, const engine::Grant& grant) {
  if (grant.authenticated) claims.add("auth_time", std::int64_t{epoch(*grant.authenticated)});
  if (!grant.amr.empty()) claims.add("amr", words_of(grant.amr));
}

/// The left half of a SHA-256, which fits every algorithm that we sign with.
std::string half_hash(const Secret& token) {
  const auto digest = crypto::sha256(bytes_of(token.reveal()));
  return to_base64url(ByteView(digest).first(digest.size() / 2));
}

}  // namespace

engine::JwtForm access_form(std::string issuer, std::string audience, crypto::Alg alg) {
  const auto payload = [issuer = std::move(issuer),
                        audience = std::move(audience)](const engine::JwtFacts& facts) {
    const engine::Grant& grant = facts.grant;
    const bool itself = grant.subject.empty();
    json::Object claims{{"iss", issuer},
                        {"sub", itself ? grant.client.text : grant.subject.text},
                        {"aud", audience_of(facts.resource, audience)},
                        {"client_id", grant.client.text},
                        {"iat", std::int64_t{epoch(facts.issued)}},
                        {"exp", std::int64_t{epoch(facts.until)}},
                        {"jti", facts.id}};
    if (!facts.scope.empty()) claims.add("scope", facts.scope);
    if (!facts.bound_to.empty()) claims.add("cnf", json::Object{{"jkt", facts.bound_to}});
    if (auto act = json::parse(grant.actors); act && act->as_object())
      claims.add("act", *std::move(act));
    if (grant.authenticated) claims.add("auth_time", std::int64_t{epoch(*grant.authenticated)});
    return json::write(claims);
  };
  return {.alg = alg, .header = header_of("at+jwt", alg), .payload = payload};
}

engine::IdTokenForm id_form(std::string issuer, crypto::Alg alg, Seconds lifetime) {
  const auto payload = [issuer = std::move(issuer)](const engine::IdTokenFacts& facts) {
    json::Object claims{{"iss", issuer},
                        {"sub", facts.subject.login.text},
                        {"aud", facts.grant.client.text},
                        {"iat", std::int64_t{epoch(facts.issued)}},
                        {"exp", std::int64_t{epoch(facts.until)}}};
    if (!facts.nonce.empty()) claims.add("nonce", facts.nonce);
    add_login(claims, facts.grant);
    claims.add("at_hash", half_hash(facts.access_token));
    return json::write(claims);
  };
  return {.header = header_of("JWT", alg), .payload = payload, .lifetime = lifetime};
}

}  // namespace latchkey::dialects::oauth2
