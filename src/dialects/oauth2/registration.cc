#include "dialects/oauth2/registration.h"

#include <algorithm>

#include "base/text.h"
#include "dialects/oauth2/assertion.h"
#include "dialects/oauth2/uri.h"
#include "engine/rules.h"
#include "engine/scope.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr std::string_view kGrants[] = {"authorization_code", "refresh_token", "client_credentials",
                                        kDeviceGrant, kTokenExchangeGrant};
constexpr std::string_view kAuthMethods[] = {"client_secret_basic", "client_secret_post",
                                             "private_key_jwt", "none"};
constexpr std::size_t kMostNames = 16;  // in a list of short names

std::unexpected<Error> bad(std::string_view name, std::string_view what) {
  return fail(Why::kMalformed, std::string(name) + " " + std::string(what));
}

bool is_among(std::span<const std::string_view> known, std::string_view name) {
  return std::ranges::find(known, name) != known.end();
}

// A list of strings without repeats; nullopt when there is none.
Result<std::optional<std::vector<std::string>>> text_list(const json::Object& metadata,
                                                          std::string_view name, std::size_t most) {
  const json::Value* value = metadata.find(name);
  if (value == nullptr || value->is_null()) return std::optional<std::vector<std::string>>{};
  const json::Array* array = value->as_array();
  if (array == nullptr || array->size() > most) return bad(name, "is no list, or a long one");
  std::vector<std::string> list;
  for (const json::Value& one : *array) {
    const std::string* text = one.as_string();
    if (text == nullptr) return bad(name, "holds something that is no text");
    if (std::ranges::find(list, *text) == list.end()) list.push_back(*text);
  }
  return std::optional(std::move(list));
}

Result<std::string> text_or(const json::Object& metadata, std::string_view name,
                            std::string_view standard) {
  const auto text = TRY(json::optional_string_field(metadata, name));
  return text ? *text : std::string(standard);
}

Result<bool> flag(const json::Object& metadata, std::string_view name) {
  const json::Value* value = metadata.find(name);
  if (value == nullptr || value->is_null()) return false;
  if (value->as_bool() == nullptr) return bad(name, "is neither true nor false");
  return *value->as_bool();
}

// Beyond what any client may register: a web client has a server, so it has https;
// a scheme of an app's own is a domain's name turned round (RFC 8252 section 7.1).
Result<> check_redirect(std::string_view uri, bool native) {
  const auto refused = [&](std::string_view why) {
    return fail(Why::kForbidden, "the redirect URI " + printable(uri) + " " + std::string(why));
  };
  if (uri.size() > kMostUriBytes) return fail(Why::kForbidden, "a redirect URI is too long");
  if (const auto may = engine::may_register_redirect(uri); !may) return refused(may.error().say);
  const std::string scheme = to_lower(uri.substr(0, uri.find(':')));
  if (scheme == "https" || scheme == "http") {
    if (!normal_uri(uri)) return refused("is not a plain URL");
    if (scheme == "http" && !native) return refused("is for an application_type of native");
    return {};
  }
  if (!native) return refused("is for an application_type of native");
  if (!scheme.contains('.')) return refused("needs a scheme with a dot in it");
  return {};
}

Result<> read_redirects(const json::Object& metadata, engine::ClientFacts& facts) {
  auto list = text_list(metadata, "redirect_uris", kMostRedirectUris);
  if (!list) return fail(Why::kForbidden, list.error().say);
  if (*list) facts.redirect_uris = std::move(**list);
  for (const std::string& uri : facts.redirect_uris) TRY(check_redirect(uri, facts.native));
  return {};
}

Result<> read_grants(const json::Object& metadata, engine::ClientFacts& facts) {
  const auto grants = TRY(text_list(metadata, "grant_types", kMostNames));
  facts.grants =
      grants && !grants->empty() ? *grants : std::vector<std::string>{"authorization_code"};
  for (const std::string& grant : facts.grants) {
    if (!is_among(kGrants, grant)) return bad("grant_types", "holds one that is not known here");
  }
  const auto responses = TRY(text_list(metadata, "response_types", kMostNames));
  if (responses && std::ranges::any_of(*responses, [](const auto& one) { return one != "code"; })) {
    return bad("response_types", "may hold \"code\" only");
  }
  return {};
}

Result<> read_authentication(const json::Object& metadata, engine::ClientFacts& facts) {
  facts.auth_method = TRY(text_or(metadata, "token_endpoint_auth_method", "client_secret_basic"));
  if (!is_among(kAuthMethods, facts.auth_method)) {
    return bad("token_endpoint_auth_method", "is not known here");
  }
  // It would make us fetch from wherever a stranger says (checklist 67).
  if (metadata.find("jwks_uri") != nullptr) {
    return bad("jwks_uri", "is not fetched here: send the keys themselves as jwks");
  }
  const std::string alg = TRY(text_or(metadata, "token_endpoint_auth_signing_alg", ""));
  const json::Value* jwks = metadata.find("jwks");
  if (jwks != nullptr && !jwks->is_null()) {
    if (jwks->as_object() == nullptr) return bad("jwks", "is no object");
    facts.jwks = TRY(read_client_keys(*jwks->as_object(), alg));
  } else if (!alg.empty()) {
    return bad("token_endpoint_auth_signing_alg", "fits no key in jwks");
  }
  return {};
}

bool wants(const engine::ClientFacts& facts, std::string_view grant) {
  return std::ranges::find(facts.grants, grant) != facts.grants.end();
}

Result<> check_together(const engine::ClientFacts& facts) {
  if (wants(facts, "authorization_code") && facts.redirect_uris.empty()) {
    return fail(Why::kForbidden, "redirect_uris is empty");
  }
  if ((facts.auth_method == "private_key_jwt") != !facts.jwks.empty()) {
    return bad("jwks", "is for private_key_jwt, which needs it");
  }
  const bool for_itself = wants(facts, "client_credentials") || wants(facts, kTokenExchangeGrant);
  if (facts.auth_method == "none" && for_itself) {
    return bad("grant_types", "holds one that is not for a client without a secret or a key");
  }
  return {};
}

}  // namespace

// {"client_name":"Backup","redirect_uris":["https://backup.example/cb"],
//  "grant_types":["authorization_code","refresh_token"],
//  "token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"EC",…}]}}
Result<engine::ClientFacts> read_client_facts(const json::Object& metadata) {
  engine::ClientFacts facts;
  facts.name = TRY(text_or(metadata, "client_name", ""));
  if (facts.name.size() > kMostClientNameBytes || facts.name != printable(facts.name)) {
    return bad("client_name", "is too long, or nothing to show to people");
  }
  const std::string type = TRY(text_or(metadata, "application_type", "web"));
  if (type != "web" && type != "native") return bad("application_type", "is not known here");
  facts.native = type == "native";
  TRY(read_redirects(metadata, facts));
  TRY(read_grants(metadata, facts));
  TRY(read_authentication(metadata, facts));
  const std::string subject_type = TRY(text_or(metadata, "subject_type", "public"));
  if (subject_type != "public") return bad("subject_type", "may be \"public\" only");
  facts.scope = TRY(text_or(metadata, "scope", ""));
  if (!engine::parse_scope(facts.scope)) return bad("scope", "is not a list of names");
  facts.bound = TRY(flag(metadata, "dpop_bound_access_tokens"));
  TRY(check_together(facts));
  return facts;
}

json::Object write_client_facts(const engine::ClientFacts& facts) {
  const auto list = [](const std::vector<std::string>& texts) {
    json::Array array;
    for (const std::string& text : texts) array.emplace_back(text);
    return array;
  };
  json::Object metadata;
  if (!facts.name.empty()) metadata.add("client_name", facts.name);
  metadata.add("application_type", facts.native ? "native" : "web");
  if (!facts.redirect_uris.empty()) metadata.add("redirect_uris", list(facts.redirect_uris));
  if (!facts.grants.empty()) {
    metadata.add("grant_types", list(facts.grants));
    metadata.add("response_types",
                 wants(facts, "authorization_code") ? json::Array{"code"} : json::Array{});
  }
  if (!facts.auth_method.empty()) metadata.add("token_endpoint_auth_method", facts.auth_method);
  if (!facts.scope.empty()) metadata.add("scope", facts.scope);
  if (!facts.jwks.empty()) {
    if (auto jwks = json::parse(facts.jwks)) metadata.add("jwks", *std::move(jwks));
  }
  if (facts.bound) metadata.add("dpop_bound_access_tokens", true);
  return metadata;
}

}  // namespace latchkey::dialects::oauth2
