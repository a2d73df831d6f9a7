#include "dialects/oauth2/client_wire.h"

#include "base/text.h"
#include "dialects/oauth2/assertion.h"

namespace latchkey::dialects::oauth2 {
namespace {

using engine::ClientKey;
using Request = Result<http::Request>;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kJson = "application/json";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void add_if(http::Pairs& form, std::string_view name, const std::string& value) {
  if (!value.empty()) form.emplace_back(name, value);
}

void add_all(http::Pairs& form, std::string_view name, const std::vector<std::string>& values) {
  for (const auto& value : values) form.emplace_back(name, value);
}

// POST /oauth2/…   application/x-www-form-urlencoded
// Authorization: Basic …     or, for a public client, client_id=… in the form
//     or client_id=…&client_assertion_type=…&client_assertion=…   (RFC 7521 section 4.2)
//     DPoP: …                where the tokens are bound to a key (RFC 9449 section 5)
http::Request post(std::string_view path, http::Pairs form, const ClientKey& client,
                   const std::optional<engine::DpopProof>& proof = {}) {
  http::Request request{.method = "POST", .target = {std::string(path), {}}};
  request.headers.add("Content-Type", std::string(kForm)).add("Accept", std::string(kJson));
  if (proof) request.headers.add("DPoP", std::string(proof->text.reveal()));
  const std::string secret(client.secret.reveal());
  const bool by_header = !client.assertion && !secret.empty();
  if (!by_header && http::find_param(form, "client_id") == nullptr)
    form.emplace_back("client_id", client.id.text);
  if (client.assertion) {
    form.emplace_back("client_assertion_type", kAssertionType);
    form.emplace_back("client_assertion", client.assertion->text.reveal());
  } else if (by_header) {
    const std::string pair =
        http::percent_encode(client.id.text) + ":" + http::percent_encode(secret);
    request.headers.add("Authorization", "Basic " + to_base64(bytes_of(pair)));
  }
  request.body = http::write_form(form);
  return request;
}

/// All but the client's id.
void add_authorize(http::Pairs& to, const engine::Authorize& asked) {
  add_if(to, "redirect_uri", asked.redirect_uri);
  add_if(to, "scope", asked.scope);
  add_if(to, "state", asked.state);
  add_if(to, "nonce", asked.nonce);
  add_if(to, "code_challenge", asked.challenge);
  if (!asked.challenge.empty()) to.emplace_back("code_challenge_method", "S256");
  add_if(to, "dpop_jkt", asked.thumbprint);
  add_if(to, "prompt", joined(asked.prompt));
  add_all(to, "resource", asked.resources);
}

struct Encode {
  // GET /oauth2/authorize?response_type=code&client_id=…&redirect_uri=…&state=…&scope=…
  //     &code_challenge=…&code_challenge_method=S256&nonce=…
  // GET /oauth2/authorize?client_id=…&request_uri=…      what was pushed says all the rest
  Request operator()(const engine::Authorize& asked) const {
    http::Pairs query;
    if (asked.request_uri.empty()) query.emplace_back("response_type", "code");
    query.emplace_back("client_id", asked.client.text);
    if (asked.request_uri.empty()) add_authorize(query, asked);
    else query.emplace_back("request_uri", asked.request_uri);
    return http::Request{.method = "GET", .target = {"/oauth2/authorize", std::move(query)}};
  }
  // response_type=code&client_id=…&redirect_uri=…&state=…      the id also where a header has it:
  //     it is one of the request's parameters (RFC 9126 section 2.1)
  Request operator()(const engine::PushAuthorization& asked) const {
    http::Pairs form{{"response_type", "code"}, {"client_id", asked.client.id.text}};
    add_authorize(form, asked.asked);
    return post("/oauth2/par", std::move(form), asked.client, asked.dpop);
  }
  // grant_type=authorization_code&code=…&redirect_uri=…&code_verifier=…
  Request operator()(const engine::Exchange& asked) const {
    http::Pairs form{{"grant_type", "authorization_code"}, {"code", text(asked.code)}};
    add_if(form, "redirect_uri", asked.redirect_uri);
    add_if(form, "code_verifier", text(asked.verifier));
    add_all(form, "resource", asked.resources);
    return token(std::move(form), asked.client, asked.dpop);
  }
  // grant_type=refresh_token&refresh_token=…
  Request operator()(const engine::Refresh& asked) const {
    http::Pairs form{{"grant_type", "refresh_token"}, {"refresh_token", text(asked.refresh_token)}};
    add_if(form, "scope", joined(asked.narrow_to));
    add_all(form, "resource", asked.resources);
    return token(std::move(form), asked.client, asked.dpop);
  }
  // grant_type=client_credentials&scope=…
  Request operator()(const engine::ClientCredentials& asked) const {
    http::Pairs form{{"grant_type", "client_credentials"}};
    add_if(form, "scope", asked.scope);
    add_all(form, "resource", asked.resources);
    return token(std::move(form), asked.client, asked.dpop);
  }
  // scope=…
  Request operator()(const engine::AuthorizeDevice& asked) const {
    http::Pairs form;
    add_if(form, "scope", asked.scope);
    add_all(form, "resource", asked.resources);
    return post("/oauth2/device_authorization", std::move(form), asked.client);
  }
  // grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=…
  Request operator()(const engine::PollDevice& asked) const {
    return token({{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                  {"device_code", text(asked.device_code)}},
                 asked.client, asked.dpop);
  }
  // token=…
  Request operator()(const engine::Introspect& asked) const {
    return post("/oauth2/introspect", {{"token", text(asked.token)}}, asked.client);
  }
  Request operator()(const engine::Revoke& asked) const {
    return post("/oauth2/revoke", {{"token", text(asked.token)}}, asked.client);
  }
  // GET /oauth2/userinfo   Authorization: Bearer …      or DPoP … and DPoP: …
  Request operator()(const engine::UserInfo& asked) const {
    http::Request request{.method = "GET", .target = {"/oauth2/userinfo", {}}};
    request.headers.add("Accept", std::string(kJson))
        .add("Authorization", (asked.dpop ? "DPoP " : "Bearer ") + text(asked.bearer));
    if (asked.dpop) request.headers.add("DPoP", text(asked.dpop->text));
    return request;
  }
  template <class Other>
  Request operator()(const Other&) const {
    return fail(Why::kUnsupported, "a client of standard OAuth 2 has no such call");
  }

 private:
  static std::string text(const Secret& secret) { return std::string(secret.reveal()); }
  static http::Request token(http::Pairs form, const ClientKey& client,
                             const std::optional<engine::DpopProof>& proof) {
    return post("/oauth2/token", std::move(form), client, proof);
  }
};

}  // namespace

Result<http::Request> encode_client_request(const engine::Operation& operation) {
  return std::visit(Encode{}, operation);
}

namespace {

class ClientCodec final : public dialect::Codec {
 public:
  bool owns(std::string_view) const override { return false; }
  Request encode_request(const engine::Operation& operation) const override {
    return encode_client_request(operation);
  }
  Result<engine::Outcome> decode_reply(const dialect::Sent& sent,
                                       const http::Response& response) const override {
    return decode_client_reply(sent, response);
  }
  Result<engine::Operation> decode_request(const http::Request&) const override {
    return fail(Why::kUnsupported);
  }
  http::Response encode_reply(const dialect::Asked&,
                              const Result<engine::Outcome>&) const override {
    return {.status = 404};
  }
};

}  // namespace

std::unique_ptr<dialect::Codec> client_codec() { return std::make_unique<ClientCodec>(); }

}  // namespace latchkey::dialects::oauth2
