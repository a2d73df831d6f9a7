#include "broker/remote_authority.h"

namespace latchkey::broker {

Result<engine::Outcome> RemoteAuthority::perform(const engine::Operation& operation, Instant now) {
  status_ = 0;
  const http::Request request = TRY(codec_.encode_request(operation));
  const http::Response response = TRY(client_.send(request));
  status_ = response.status;
  auto outcome = codec_.decode_reply({operation, now}, response);
  if (outcome) return outcome;
  Error& error = outcome.error();
  if (error.why == Why::kUnavailable && response.status != 503) error.why = Why::kNoAnswer;
  // RFC 9110, 10.2.3: with these two it says when to come back, whatever the wire.
  if (response.status == 429 || response.status == 503)
    error.retry_after = http::retry_after(response.headers, now);
  return outcome;
}

}  // namespace latchkey::broker
