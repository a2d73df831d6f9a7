#pragma once

#include <string>

#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

/// From the operating system's generator. Never fails: libsodium aborts if the
/// system has no entropy source.
Bytes random_bytes(std::size_t size);
/// 2 × `bytes` lower-case hexadecimal digits: opaque tokens, generated secrets.
Secret random_hex(std::size_t bytes);
/// base64url of `bytes` random bytes.
Secret random_base64url(std::size_t bytes);
/// The same for what people type: it never begins with "-", which command lines take for an option.
std::string random_name(std::size_t bytes);
/// A version 4 UUID (RFC 9562): 122 random bits.
std::string random_uuid();
/// `digits` decimal digits, each value equally likely (an OTP sent out of band).
Secret random_digits(int digits);

}  // namespace latchkey::crypto
