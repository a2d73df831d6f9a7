#include "crypto/random.h"

#include <sodium.h>

#include "crypto/sodium.h"

namespace latchkey::crypto {

Bytes random_bytes(std::size_t size) {
  start_sodium();
  Bytes bytes(size);
  if (size > 0) randombytes_buf(bytes.data(), size);
  return bytes;
}

Secret random_hex(std::size_t bytes) {
  Bytes raw = random_bytes(bytes);
  Secret secret = into_secret(to_hex(raw));
  wipe(raw.data(), raw.size());
  return secret;
}

Secret random_base64url(std::size_t bytes) {
  Bytes raw = random_bytes(bytes);
  Secret secret = into_secret(to_base64url(raw));
  wipe(raw.data(), raw.size());
  return secret;
}

std::string random_name(std::size_t bytes) {
  std::string name;
  do name = to_base64url(random_bytes(bytes));
  while (name.starts_with('-'));
  return name;
}

std::string random_uuid() {
  Bytes raw = random_bytes(16);
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0f) | 0x40);  // version 4
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3f) | 0x80);  // the variant of RFC 9562
  return to_uuid(raw);
}

Secret random_digits(int digits) {
  start_sodium();
  std::string text;
  for (int i = 0; i < digits; ++i) text += static_cast<char>('0' + randombytes_uniform(10));
  return into_secret(std::move(text));
}

}  // namespace latchkey::crypto
