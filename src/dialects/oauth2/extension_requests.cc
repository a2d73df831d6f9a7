#include <algorithm>

#include "dialects/oauth2/form.h"
#include "dialects/oauth2/registration.h"

// What came after RFC 6749, as clients ask for it.

namespace latchkey::dialects::oauth2 {
namespace {

// One absent parameter is "", one that is too long or not plain an error.
Result<std::string> plain_in(const http::Pairs& form, const char* name) {
  std::string text = text_of(form, name);
  if (!is_plain(text, kLongestUri)) return malformed(std::string(name) + " cannot be one");
  return text;
}

Result<Secret> optional_secret_in(const http::Pairs& form, const char* name) {
  if (text_of(form, name).empty()) return Secret();
  return secret_in(form, name);
}

Result<std::vector<std::string>> audiences_in(const http::Pairs& form) {
  auto names = all_of(form, "audience");
  const bool good = names.size() <= kMostResources && std::ranges::all_of(names, [](auto& name) {
                      return is_plain(name, kLongestUri);
                    });
  if (!good) return malformed("audience cannot be one");
  return names;
}

}  // namespace

bool has_endpoint(const WireOptions& options, std::string_view path) {
  if (path == kDevicePath) return options.device;
  if (path == kPushPath) return options.pushed;
  if (path == kRegisterPath) return options.registration;
  return true;
}

// POST /oauth2/device_authorization   client_id=tv&scope=openid
Result<engine::Operation> Reader::device(const http::Request& request) const {
  Form form = TRY(form_of(request));
  auto resources = TRY(resources_in(form.pairs));
  return engine::AuthorizeDevice{.client = std::move(form.client),
                                 .scope = text_of(form.pairs, "scope"),
                                 .resources = std::move(resources)};
}

// POST /oauth2/token   grant_type=urn:ietf:params:oauth:grant-type:device_code
//     &device_code=…&client_id=tv
Result<engine::Operation> Reader::poll(Form form) const {
  auto code = TRY(secret_in(form.pairs, "device_code"));
  return engine::PollDevice{.client = std::move(form.client),
                            .device_code = std::move(code),
                            .dpop = std::move(form.proof)};
}

// POST /oauth2/token   grant_type=urn:ietf:params:oauth:grant-type:token-exchange
//     &subject_token=…&subject_token_type=urn:ietf:params:oauth:token-type:access_token
Result<engine::Operation> Reader::exchange(Form form) const {
  auto subject = TRY(secret_in(form.pairs, "subject_token"));
  auto actor = TRY(optional_secret_in(form.pairs, "actor_token"));
  auto subject_type = TRY(plain_in(form.pairs, "subject_token_type"));
  auto actor_type = TRY(plain_in(form.pairs, "actor_token_type"));
  auto wanted_type = TRY(plain_in(form.pairs, "requested_token_type"));
  auto resources = TRY(resources_in(form.pairs));
  auto audiences = TRY(audiences_in(form.pairs));
  return engine::ExchangeToken{.client = std::move(form.client),
                               .subject_token = std::move(subject),
                               .subject_type = std::move(subject_type),
                               .actor_token = std::move(actor),
                               .actor_type = std::move(actor_type),
                               .wanted_type = std::move(wanted_type),
                               .scope = text_of(form.pairs, "scope"),
                               .resources = std::move(resources),
                               .audiences = std::move(audiences),
                               .dpop = std::move(form.proof)};
}

// POST /oauth2/par   client_id=…&response_type=code&redirect_uri=…&code_challenge=…
Result<engine::Operation> Reader::push(const http::Request& request) const {
  Form form = TRY(form_of(request));
  for (const char* name : {"request_uri", "request"}) {  // checklist 15
    if (http::find_param(form.pairs, name)) return malformed("a pushed request is no reference");
  }
  auto asked = TRY(read_authorize(form.pairs, form.client.id));
  return engine::PushAuthorization{
      .client = std::move(form.client), .asked = std::move(asked), .dpop = std::move(form.proof)};
}

// POST /oauth2/register   Authorization: Bearer <initial access token, where one is needed>
// {"redirect_uris":["https://client.example/cb"],"token_endpoint_auth_method":"none"}
Result<engine::Operation> Reader::registration(const http::Request& request) const {
  if (request.method != "POST") return fail(Why::kUnsupported, "the method must be POST");
  if (http::media_type(request.headers) != "application/json") {
    return malformed("the content must be application/json");
  }
  auto bearer = http::bearer(request.headers);
  if (!bearer || (*bearer && (*bearer)->size() > kLongestToken)) {
    return fail(Why::kInvalidToken, "the initial access token cannot be read");
  }
  const auto body = json::parse(request.body, {.bytes = 32 * 1024, .depth = 8});
  if (!body || body->as_object() == nullptr) return malformed("the content is no JSON object");
  auto facts = TRY(read_client_facts(*body->as_object()));
  return engine::RegisterClient{.bearer = bearer->value_or(Secret()), .facts = std::move(facts)};
}

}  // namespace latchkey::dialects::oauth2
