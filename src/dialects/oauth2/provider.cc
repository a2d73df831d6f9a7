#include "dialects/oauth2/provider.h"

#include <algorithm>
#include <cctype>

#include "base/json.h"
#include "base/text.h"

namespace latchkey::dialects::oauth2 {
namespace {

using dialect::Address;

constexpr std::string_view kOpenId = "/.well-known/openid-configuration";
constexpr std::string_view kOAuth = "/.well-known/oauth-authorization-server";
constexpr json::Limits kLimits{.bytes = kMostDescriptionBytes, .depth = 16};

struct EndpointField {
  std::string_view name;
  std::optional<Address> Provider::* member;
};
constexpr EndpointField kEndpoints[] = {
    {"authorization_endpoint", &Provider::authorize},
    {"pushed_authorization_request_endpoint", &Provider::push},
    {"token_endpoint", &Provider::token},
    {"device_authorization_endpoint", &Provider::device},
    {"revocation_endpoint", &Provider::revoke},
    {"introspection_endpoint", &Provider::introspect},
    {"userinfo_endpoint", &Provider::userinfo},
    {"jwks_uri", &Provider::keys},
};
constexpr std::string_view kIssuer = "issuer";
constexpr std::string_view kMethods = "token_endpoint_auth_methods_supported";
constexpr std::string_view kChallenges = "code_challenge_methods_supported";

struct FlagField {
  std::string_view name;
  bool Provider::* member;
};
constexpr FlagField kFlags[] = {
    {"authorization_response_iss_parameter_supported", &Provider::returns_issuer},
    {"require_pushed_authorization_requests", &Provider::only_pushed},
};

std::unexpected<Error> bad(std::string what) {
  return fail(Why::kBadResponse, "the issuer's description of itself " + std::move(what));
}

bool is_host(std::string_view host) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; };
  const auto v6 = [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':'; };
  if (host.starts_with('['))
    return host.size() > 2 && host.ends_with(']') &&
           std::ranges::all_of(host.substr(1, host.size() - 2), v6);
  return !host.empty() && host.front() != '-' && host.front() != '.' &&
         std::ranges::all_of(host, plain);
}

bool is_loopback(std::string_view host) {
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

/// "HOST:443" → "host:443"; empty when it is no host, or its port is none.
std::string read_authority(std::string_view text, std::string_view& host) {
  const auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return {};
  const auto colon = text.find(':', bracket);
  host = text.substr(0, colon);
  if (!is_host(host)) return {};
  if (colon == std::string_view::npos) return to_lower(host);
  const auto port = parse_int(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return {};
  return to_lower(host) + ":" + std::to_string(*port);
}

Result<const json::Object*> object_of(const json::Value& value) {
  const auto* object = value.as_object();
  if (object == nullptr) return bad("is not a JSON object");
  return object;
}

/// A list of words; `fallback` where the member is absent.
Result<std::vector<std::string>> words_of(const json::Object& object, std::string_view name,
                                          std::vector<std::string> fallback) {
  const auto* value = object.find(name);
  if (value == nullptr || value->is_null()) return fallback;
  const auto* array = value->as_array();
  if (array == nullptr || array->size() > kMostMethods)
    return bad("has no usable " + std::string(name));
  std::vector<std::string> words;
  for (const auto& word : *array) {
    if (word.as_string() == nullptr || word.as_string()->size() > kMostMethodNameBytes)
      return bad("has no usable " + std::string(name));
    words.push_back(*word.as_string());
  }
  return words;
}

Result<Provider> read_object(const json::Object& object) {
  const auto issuer = json::string_field(object, kIssuer);
  if (!issuer) return bad("names no issuer");
  const auto own = parse_address(*issuer);
  if (!own) return bad("names an issuer that cannot be one");
  const bool secure = own->origin.starts_with("https:");

  Provider provider{.issuer = *issuer};
  for (const auto& [name, member] : kEndpoints) {
    const auto url = json::optional_string_field(object, name);
    if (!url) return bad("has a " + std::string(name) + " that is no text");
    if (!*url) continue;
    auto address = parse_address(**url);
    if (!address || (secure && !address->origin.starts_with("https:")))
      return bad("has a " + std::string(name) + " that is not safe: it must be https://host/…");
    provider.*member = std::move(*address);
  }
  if (!provider.token) return bad("names no token_endpoint");
  provider.auth_methods = TRY(words_of(object, kMethods, {"client_secret_basic"}));
  const auto challenges = TRY(words_of(object, kChallenges, {"S256"}));
  provider.takes_s256 = std::ranges::find(challenges, "S256") != challenges.end();
  for (const auto& [name, member] : kFlags) {
    const auto* flag = object.find(name);
    provider.*member = flag != nullptr && flag->as_bool() && *flag->as_bool();
  }
  return provider;
}

}  // namespace

Result<Address> parse_address(std::string_view url) {
  const auto refuse = [] { return fail(Why::kMalformed, "not an address that is safe to use"); };
  const bool secure = url.starts_with("https://");
  if (url.size() > kMostAddressBytes || (!secure && !url.starts_with("http://"))) return refuse();
  std::string_view rest = url.substr(url.find("//") + 2);
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view host;
  const std::string authority = read_authority(rest.substr(0, end), host);
  if (authority.empty() || (!secure && !is_loopback(to_lower(host)))) return refuse();
  rest.remove_prefix(end);
  Address address{(secure ? "https://" : "http://") + authority, {}};
  if (rest.empty()) return address;
  auto target =
      http::parse_target(rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest));
  if (!target) return refuse();
  address.target = std::move(*target);
  return address;
}

Result<std::vector<Address>> description_addresses(std::string_view issuer) {
  const auto own = parse_address(issuer);
  if (!own || issuer.find_first_of("?#") != std::string_view::npos)
    return fail(Why::kUsage,
                "an issuer is https://host or https://host/path, without a query, or http:// on "
                "this machine");
  std::string path = own->target.path;
  if (path.ends_with('/')) path.pop_back();
  std::vector<Address> addresses(2, {own->origin, {}});
  addresses[0].target.path = path + std::string(kOpenId);
  addresses[1].target.path = std::string(kOAuth) + path;
  return addresses;
}

Result<Provider> read_description(std::string_view issuer, std::string_view text) {
  const auto value = json::parse(text, kLimits);
  if (!value) return bad("is not JSON: " + value.error().say);
  const auto* object = TRY(object_of(*value));
  auto provider = TRY(read_object(*object));
  if (provider.issuer != issuer)
    return bad("is that of another issuer: " + printable(provider.issuer));
  return provider;
}

Result<std::string> reduce_description(std::string_view text) {
  const auto value = json::parse(text, kLimits);
  if (!value) return bad("is not JSON");
  const auto* object = TRY(object_of(*value));
  json::Object kept;
  const auto keep = [&](std::string_view name) {
    const auto* member = object->find(name);
    if (member != nullptr) kept.add(std::string(name), *member);
  };
  for (const auto name : {kIssuer, kMethods, kChallenges}) keep(name);
  for (const auto& flag : kFlags) {
    const auto* member = object->find(flag.name);
    if (member != nullptr && member->as_bool() != nullptr) keep(flag.name);
  }
  for (const auto& field : kEndpoints) keep(field.name);
  return json::write(kept);
}

Result<Provider> provider_of(std::string_view description) {
  const auto value = json::parse(description, kLimits);
  if (!value) return bad("is not JSON");
  const auto* object = TRY(object_of(*value));
  return read_object(*object);
}

}  // namespace latchkey::dialects::oauth2
