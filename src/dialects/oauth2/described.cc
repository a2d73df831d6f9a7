#include "dialects/oauth2/described.h"

#include <algorithm>

#include "base/text.h"
#include "dialects/oauth2/client_key.h"
#include "dialects/oauth2/endpoints.h"
#include "dialects/oauth2/operation_parts.h"

namespace latchkey::dialects::oauth2 {

using engine::ClientKey;

std::string Described::origin(const engine::Operation& operation) const {
  const Endpoint endpoint = endpoint_of(operation);
  if (endpoint.address == nullptr) return {};
  const auto& address = provider_.*endpoint.address;
  return address ? address->origin : std::string{};
}

Result<http::Request> Described::encode_request(const engine::Operation& operation) const {
  const Endpoint endpoint = endpoint_of(operation);
  if (endpoint.address == nullptr)
    return fail(Why::kUnsupported, "standard OAuth 2 has no such call");
  const auto& address = provider_.*endpoint.address;
  if (!address)
    return fail(Why::kUnsupported,
                provider_.issuer + " says that it has no " + std::string(endpoint.name));
  const auto* pushed = std::get_if<engine::PushAuthorization>(&operation);
  const auto* authorize = pushed ? &pushed->asked : std::get_if<engine::Authorize>(&operation);
  if (authorize != nullptr && !authorize->challenge.empty() && !provider_.takes_s256)
    return fail(Why::kUnsupported,
                provider_.issuer +
                    " says that it takes no PKCE with S256; without, a login in a "
                    "browser is not safe");
  http::Request request = TRY(wire_->encode_request(operation));
  http::Pairs asked = std::move(request.target.query);
  request.target = address->target;
  request.target.query.insert(request.target.query.end(), asked.begin(), asked.end());
  if (const auto* client = client_in(operation)) TRY(authenticate(request, *client));
  return request;
}

// Authorization: Basic base64(form(id):form(secret))      or client_id=…&client_secret=… in
// the form                                                 (RFC 6749 section 2.3.1)
Result<> Described::authenticate(http::Request& request, const ClientKey& client) const {
  if (client.assertion) return {};
  if (auth_method_ == kPrivateKeyJwt)
    return fail(Why::kBug, "", "private_key_jwt, and nothing was signed");
  http::Pairs form = TRY(http::parse_form(request.body));
  std::erase_if(form, [](const auto& pair) { return pair.first == "client_secret"; });
  const bool named = http::find_param(form, "client_id") != nullptr;
  request.headers.remove("Authorization");
  const auto takes = [&](std::string_view method) {
    if (auth_method_ != "auto") return auth_method_ == method;
    return std::ranges::find(provider_.auth_methods, method) != provider_.auth_methods.end();
  };
  const std::string secret(client.secret.reveal());
  if (secret.empty()) {
    if (!named) form.emplace_back("client_id", client.id.text);
  } else if (takes("client_secret_basic")) {
    const std::string pair =
        http::percent_encode(client.id.text) + ":" + http::percent_encode(secret);
    request.headers.set("Authorization", "Basic " + to_base64(bytes_of(pair)));
  } else if (takes("client_secret_post")) {
    if (!named) form.emplace_back("client_id", client.id.text);
    form.emplace_back("client_secret", secret);
  } else {
    return fail(
        Why::kUnsupported,
        provider_.issuer + " takes a client's secret neither in the header nor in the form");
  }
  request.body = http::write_form(form);
  return {};
}

Result<> Described::check_issuer(const http::Response& redirect) const {
  const std::string* location = redirect.headers.find("Location");
  const auto mark = location == nullptr ? std::string::npos : location->find('?');
  if (mark == std::string::npos) return {};  // the wire refuses it in its own words
  const auto query = http::parse_form(std::string_view(*location).substr(mark + 1));
  if (!query || !http::refuse_repeats(*query))
    return fail(Why::kBadResponse, "the browser came back with an answer that cannot be read");
  const std::string* issuer = http::find_param(*query, "iss");
  if (issuer == nullptr && !provider_.returns_issuer) return {};
  if (issuer == nullptr || *issuer != provider_.issuer)
    return fail(Why::kBadResponse, "the browser came back from another issuer than " +
                                       provider_.issuer + "; that login was refused");
  return {};
}

Result<engine::Outcome> Described::decode_reply(const dialect::Sent& sent,
                                                const http::Response& response) const {
  if (std::holds_alternative<engine::Authorize>(sent.operation)) TRY(check_issuer(response));
  return wire_->decode_reply(sent, response);
}

Result<engine::Operation> Described::decode_request(const http::Request&) const {
  return fail(Why::kUnsupported, "a broker's codec");
}

http::Response Described::encode_reply(const dialect::Asked& asked,
                                       const Result<engine::Outcome>& outcome) const {
  return wire_->encode_reply(asked, outcome);
}

}  // namespace latchkey::dialects::oauth2
