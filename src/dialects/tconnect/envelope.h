#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"

namespace latchkey::dialects::tconnect {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kBlock = 16;
inline constexpr std::size_t kMostBody = 64 * 1024;  ///< of the envelope, as text

/// Where the initialisation vector is.
enum class Iv {
  kPrepended,  ///< random, before the ciphertext
  kZero,       ///< sixteen zeros, known to both and not sent
  kKeyHead,    ///< the key's first half, not sent
};

/// The key as the provider hands it out: 64 hexadecimal digits. kUsage otherwise.
Result<Bytes> parse_key(const Secret& text);

/// `{"data":"<hex of IV and ciphertext>"}`. `key` is kKeySize bytes. The IV is
/// fresh and random where it is prepended.
std::string seal(ByteView key, Iv iv, std::string_view plain);
/// The hexadecimal text alone, of a prepended IV that the caller chose (kBlock bytes).
std::string seal_with_iv(ByteView key, ByteView iv, std::string_view plain);

/// The JSON object inside an envelope. Every fault (not JSON, no "data", odd or
/// foreign digits, too short, not whole blocks, wrong padding, wrong key, no JSON
/// inside) is the same kMalformed without a word, after the same work: there is
/// no MAC, so any difference would be a padding oracle (checklist 61).
Result<json::Object> open(ByteView key, Iv iv, std::string_view body);

}  // namespace latchkey::dialects::tconnect
