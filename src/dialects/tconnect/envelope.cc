#include "dialects/tconnect/envelope.h"

#include "crypto/cbc.h"
#include "crypto/random.h"

namespace latchkey::dialects::tconnect {
namespace {

Bytes known_iv(ByteView key, Iv iv) {
  if (iv == Iv::kKeyHead) return Bytes(key.begin(), key.begin() + kBlock);
  return Bytes(kBlock, 0);
}

// The bytes to decrypt, or as many zeros where there are none to be had: what
// cannot be read costs what a wrong padding costs.
Bytes wire_bytes(Iv iv, std::string_view body, bool& fault) {
  const std::size_t least = iv == Iv::kPrepended ? 2 * kBlock : kBlock;
  const auto value = json::parse(body, {.bytes = kMostBody});
  const json::Object* object = value ? value->as_object() : nullptr;
  const json::Value* data = object == nullptr ? nullptr : object->find("data");
  const std::string* text = data == nullptr ? nullptr : data->as_string();
  auto bytes = text == nullptr ? std::nullopt : parse_hex(*text);
  if (bytes && bytes->size() >= least && bytes->size() % kBlock == 0) return *bytes;
  fault = true;
  const std::size_t length = std::min(body.size(), kMostBody) / 2 / kBlock * kBlock;
  return Bytes(std::max(least, length), 0);
}

}  // namespace

Result<Bytes> parse_key(const Secret& text) {
  auto key = parse_hex(text.reveal());
  if (!key || key->size() != kKeySize) {
    return fail(Why::kUsage, "the AES key is 64 hexadecimal digits");
  }
  return std::move(*key);
}

std::string seal_with_iv(ByteView key, ByteView iv, std::string_view plain) {
  return to_hex(iv) + to_hex(crypto::encrypt_cbc(key, iv, bytes_of(plain)));
}

std::string seal(ByteView key, Iv iv, std::string_view plain) {
  const std::string hex =
      iv == Iv::kPrepended ? seal_with_iv(key, crypto::random_bytes(kBlock), plain)
                           : to_hex(crypto::encrypt_cbc(key, known_iv(key, iv), bytes_of(plain)));
  return json::write(json::Object{{"data", hex}});
}

Result<json::Object> open(ByteView key, Iv iv, std::string_view body) {
  bool fault = false;
  const Bytes wire = wire_bytes(iv, body, fault);
  const bool prepended = iv == Iv::kPrepended;
  const Bytes vector = prepended ? Bytes(wire.begin(), wire.begin() + kBlock) : known_iv(key, iv);
  const ByteView cipher = ByteView(wire).subspan(prepended ? kBlock : 0);

  // Read as if the padding were right: only then it is asked whether it was.
  const auto plain = TRY(crypto::open_cbc(key, vector, cipher));
  const auto value = json::parse(plain.text.reveal());
  const json::Object* object = value ? value->as_object() : nullptr;
  if (fault || !plain.padded_right || object == nullptr) return fail(Why::kMalformed);
  return *object;
}

}  // namespace latchkey::dialects::tconnect
