// A dialect's decode_request, and the answer to whatever it made of the request.

#include "dialect.h"
#include "dialects/tconnect/envelope.h"

using namespace latchkey;

namespace {

/// With the body encrypted, for the wire that wants it so: else a fuzzer would
/// never get past the envelope.
http::Request sealed(http::Request request) {
  namespace tconnect = dialects::tconnect;
  static const Bytes key = *tconnect::parse_key(**fuzz::OneKey().shared_key("P"));
  static const Bytes iv(16, 7);
  request.body = json::write(json::Object{{"data", tconnect::seal_with_iv(key, iv, request.body)}});
  return request;
}

void check_refusals(const http::Request& request, const engine::Operation* operation) {
  for (const Why why : kEveryWhy)
    fuzz::check_response(fuzz::the_codec().encode_reply({request, operation, fuzz::kNow},
                                                        fail(why, "said", "noted")));
}

void check(const http::Request& request) {
  const auto& codec = fuzz::the_codec();
  if (!codec.owns(request.target.path)) return;
  const auto operation = codec.decode_request(request);
  if (operation) return check_refusals(request, &*operation);
  const auto refusal = codec.encode_reply({request, nullptr, fuzz::kNow}, fail(operation.error()));
  fuzz::check_response(refusal);
  fuzz::must(refusal.status >= 400 && refusal.status < 500,
             "what cannot be read is the peer's fault");
  check_refusals(request, nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = fuzz::take_request(fuzz::text_of(data, size));
  if (!request) return 0;
  check(*request);
  if (std::string_view(LATCHKEY_DIALECT) == "tconnect") check(sealed(*request));
  return 0;
}
