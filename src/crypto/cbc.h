#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

/// AES-256-CBC with PKCS#7 padding, no MAC: a wire's demand, not our choice
/// (docs/divergences.md). `key` 32 bytes, `iv` 16 bytes. Returns the ciphertext
/// without the IV.
Bytes encrypt_cbc(ByteView key, ByteView iv, ByteView plain);
/// kMalformed without a reason for every fault: length not a positive multiple
/// of 16, wrong padding. The padding is checked in constant time.
Result<Secret> decrypt_cbc(ByteView key, ByteView iv, ByteView cipher);

}  // namespace latchkey::crypto
