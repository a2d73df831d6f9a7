#include "broker/remote_authority.h"

namespace latchkey::broker {

Result<engine::Outcome> RemoteAuthority::perform(const engine::Operation& operation, Instant now) {
  const http::Request request = TRY(codec_.encode_request(operation));
  const http::Response response = TRY(client_.send(request));
  auto outcome = codec_.decode_reply({operation, now}, response);
  // A server that broke may have broken after it did what was asked; 503 says
  // that it did not take the request at all.
  if (!outcome && outcome.error().why == Why::kUnavailable && response.status != 503)
    outcome.error().why = Why::kNoAnswer;
  return outcome;
}

}  // namespace latchkey::broker
