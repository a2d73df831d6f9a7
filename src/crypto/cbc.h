#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

/// AES-256-CBC with PKCS#7 padding, no MAC: a wire's demand, not our choice
/// (docs/divergences.md). `key` 32 bytes, `iv` 16 bytes. Returns the ciphertext
/// without the IV.
Bytes encrypt_cbc(ByteView key, ByteView iv, ByteView plain);
/// What was decrypted: without its padding, or whole where that is wrong.
struct Decrypted {
  Secret text;
  bool padded_right = false;
};
/// Takes the padding off in constant time. For who goes on with `text` as if the padding were
/// right and refuses after that, so that a wrong one shows no sooner than a wrong text.
/// kMalformed: the length is no positive multiple of 16.
Result<Decrypted> open_cbc(ByteView key, ByteView iv, ByteView cipher);
/// The text alone; kMalformed without a reason for every fault.
Result<Secret> decrypt_cbc(ByteView key, ByteView iv, ByteView cipher);

}  // namespace latchkey::crypto
