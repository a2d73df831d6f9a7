// engine::number_said: what number a stranger's token text says, before anybody knows the token.

#include "engine/row_number.h"

#include "crypto/digest.h"
#include "fuzz.h"

using namespace latchkey;

namespace {

const Bytes kKey(crypto::kShortHashKeySize, 7);

std::int64_t said(std::string_view text) {
  const std::int64_t number = engine::number_said(kKey, text);
  fuzz::must(number >= 0 && number < engine::kEndOfNumbers, "a number is one that a row can have");
  return number;
}

std::string jwt_of(std::string_view claims) {
  return "e30." + to_base64url(bytes_of(claims)) + ".c2ln";
}

/// The number is masked, not scrambled: its last bit turns with the text's.
void check_opaque(std::string_view text) {
  const std::int64_t number = said(text);
  auto bytes = parse_base64url(text);
  if (!bytes || bytes->size() != 32) return;
  (*bytes)[7] ^= 1;
  if (number > 0)
    fuzz::must(said(to_base64url(*bytes)) == (number ^ 1), "one bit of a text is one of a number");
}

/// Only the claims say a number, whatever signs them.
void check_jwt(std::string_view text) {
  const std::uint64_t chance = crypto::short_hash(kKey, bytes_of(text));
  const auto number = static_cast<std::int64_t>(chance % engine::kEndOfNumbers);
  const std::string id = engine::uuid_saying(kKey, number, ~chance);
  const std::string behind = std::string(text) + R"("jti":")" + id + "\"}";
  if (engine::says_id(behind, id))
    fuzz::must(said(jwt_of(behind)) == number, "an id that is found says its number");
  const std::string jwt = jwt_of(text);
  fuzz::must(said(jwt) == said("." + jwt.substr(4) + "signed otherwise"),
             "neither head nor signature says a number");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_opaque(text);
  check_jwt(text);
  return 0;
}
