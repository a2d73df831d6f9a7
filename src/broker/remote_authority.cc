#include "broker/remote_authority.h"

#include <algorithm>

#include "broker/proof_nonce.h"

namespace latchkey::broker {
namespace {

constexpr std::size_t kLongestToken = 64 * 1024;

/// Visible ASCII without a space: anything else would not stay what it is in a header
/// line, on a terminal or in `$(latchkey token …)`. Empty: there is none.
bool can_be_carried(const Secret& token) {
  return token.size() <= kLongestToken &&
         std::ranges::all_of(token.reveal(), [](char c) { return c > ' ' && c < 0x7f; });
}

Result<> check(const engine::Outcome& outcome) {
  const auto* tokens = std::get_if<engine::TokenSet>(&outcome);
  if (tokens == nullptr) return {};
  if (can_be_carried(tokens->access_token) && can_be_carried(tokens->refresh_token)) return {};
  return fail(Why::kBadResponse, "the provider sent a token that no header line can carry");
}

}  // namespace

Result<engine::Outcome> RemoteAuthority::perform(const engine::Operation& operation, Instant now) {
  status_ = 0;
  nonce_.clear();
  const http::Request request = TRY(codec_.encode_request(operation));
  const http::Response response =
      TRY(ready_ ? client_.send_when(ready_, request) : client_.send(request));
  status_ = response.status;
  nonce_ = nonce_in(response.headers);
  auto outcome = codec_.decode_reply({operation, now}, response);
  if (outcome) {
    TRY(check(*outcome));
    return outcome;
  }
  Error& error = outcome.error();
  if (error.why == Why::kUnavailable && response.status != 503) error.why = Why::kNoAnswer;
  // RFC 9110, 10.2.3: with these two it says when to come back, whatever the wire.
  if (response.status == 429 || response.status == 503)
    error.retry_after = http::retry_after(response.headers, now);
  return outcome;
}

}  // namespace latchkey::broker
