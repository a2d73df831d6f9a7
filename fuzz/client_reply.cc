// oauth2's decode_client_reply: what any issuer answers a client of ours, to each operation,
// with and without a proof of the client's key.

#include <algorithm>

#include "base/json.h"
#include "dialects/oauth2/client_wire.h"
#include "dialects/oauth2/operation_parts.h"
#include "fuzz.h"
#include "http_text.h"
#include "operations.h"

using namespace latchkey;
namespace oauth2 = dialects::oauth2;

namespace {

using Outcome = Result<engine::Outcome>;

constexpr Why kRefusals[] = {Why::kBadCredentials, Why::kInvalidToken, Why::kExpired,
                             Why::kPending,        Why::kOtpRequired,  Why::kOtpWrong,
                             Why::kTooMany,        Why::kDeclined,     Why::kPersonNeeded,
                             Why::kForbidden,      Why::kUnsupported,  Why::kMalformed,
                             Why::kNotFound,       Why::kUnavailable,  Why::kBadResponse};

std::vector<engine::Operation> operations() {
  const Secret secret("a-secret-of-the-asker");
  const engine::ClientKey client{ClientId("client"), secret};
  return {engine::Authorize{.client = client.id, .redirect_uri = "http://127.0.0.1/cb"},
          engine::PushAuthorization{.client = client},
          engine::Exchange{.client = client, .code = secret},
          engine::Refresh{.refresh_token = secret, .client = client},
          engine::ClientCredentials{.client = client},
          engine::AuthorizeDevice{.client = client},
          engine::PollDevice{.client = client, .device_code = secret},
          engine::Introspect{client, secret},
          engine::Revoke{secret, client},
          engine::UserInfo{.bearer = secret}};
}

void check_refusal(const Error& error, int status, bool proven) {
  fuzz::must(std::ranges::find(kRefusals, error.why) != std::end(kRefusals),
             "a refusal is of those promised");
  fuzz::must(is_utf8(error.say) && !fuzz::has_control(error.say), "what is said is printable");
  fuzz::must(error.retry_after >= Seconds{0} && error.retry_after <= Seconds{86400},
             "nobody waits longer than a day");
  fuzz::must(error.why != Why::kOtpRequired || proven, "who showed no proof needs no nonce");
  fuzz::must(status < 400 || error.why != Why::kBadResponse, "a 4xx refuses, whatever it says");
  fuzz::must(status != 429 || error.why == Why::kTooMany, "no word takes back a 429");
  fuzz::must(status < 500 || error.why == Why::kUnavailable, "no word takes back a 5xx");
}

/// As an issuer that says no more than it must would have written them.
http::Response written(const engine::TokenSet& tokens, bool bound) {
  json::Object body{{"access_token", tokens.access_token.reveal()},
                    {"token_type", bound ? "DPoP" : "Bearer"},
                    {"refresh_token", tokens.refresh_token.reveal()},
                    {"id_token", tokens.id_token.reveal()},
                    {"scope", tokens.scope}};
  const auto add = [&](const char* name, const std::optional<Instant>& until) {
    if (until) body.add(name, epoch(*until) - epoch(fuzz::kNow));
  };
  add("expires_in", tokens.access_until);
  add("refresh_expires_in", tokens.refresh_until);
  return http::json_response(200, json::write(body));
}

void check_tokens(const engine::Operation& asked, const engine::TokenSet& tokens, bool bound) {
  fuzz::must(!tokens.access_token.empty(), "a token is not empty");
  for (const auto& until : {tokens.access_until, tokens.refresh_until})
    fuzz::must(!until || (*until >= fuzz::kNow && *until <= kEndOfTime),
               "a token's end comes later and can be written");
  const auto again = oauth2::decode_client_reply({asked, fuzz::kNow}, written(tokens, bound));
  const auto* same = again ? std::get_if<engine::TokenSet>(&*again) : nullptr;
  fuzz::must(same != nullptr && *same == tokens, "tokens that are written read back");
}

void check_outcome(const engine::Operation& asked, const engine::Outcome& outcome, bool bound) {
  if (const auto* tokens = std::get_if<engine::TokenSet>(&outcome))
    check_tokens(asked, *tokens, bound);
  if (const auto* authorized = std::get_if<engine::Authorized>(&outcome))
    fuzz::must(!authorized->code.empty(), "a code is not empty");
  if (const auto* pushed = std::get_if<engine::Pushed>(&outcome))
    fuzz::must(!pushed->request_uri.empty() && !fuzz::has_control(pushed->request_uri),
               "a request_uri is one line");
  if (const auto* device = std::get_if<engine::DeviceStarted>(&outcome)) {
    fuzz::must(!fuzz::has_control(device->user_code.reveal()), "a person can read the code");
    fuzz::must(device->verification_uri.starts_with("http"), "a person is sent to a page");
    fuzz::must(device->interval >= Seconds{0}, "nobody polls faster than at once");
  }
}

Outcome decode(const engine::Operation& asked, const http::Response& response) {
  auto outcome = oauth2::decode_client_reply({asked, fuzz::kNow}, response);
  const auto* proof = oauth2::proof_in(asked);
  const bool proven = proof != nullptr && proof->has_value();
  if (!outcome) {
    check_refusal(outcome.error(), response.status, proven);
  } else {
    fuzz::must(response.status < 400, "a refusal is no success");
    check_outcome(asked, *outcome, proven);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto all = operations();
  const auto response = fuzz::take_response(fuzz::text_of(data, size));
  for (engine::Operation operation : all) {
    const Outcome plain = decode(operation, response);
    auto* proof = oauth2::proof_in(operation);
    if (proof == nullptr) continue;
    *proof = engine::DpopProof{.text = Secret("proof")};
    const Outcome proven = decode(operation, response);
    if (plain && proven)
      fuzz::must(!std::holds_alternative<engine::TokenSet>(*plain),
                 "a token is a bearer's or a key's, and not both");
  }
  return 0;
}
