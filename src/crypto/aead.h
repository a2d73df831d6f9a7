#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

/// XChaCha20-Poly1305 (libsodium): 24 random bytes of nonce, then the ciphertext
/// and tag. `context` is bound but not stored: a sealed row cannot be moved to
/// another row. `key` is 32 bytes.
Bytes seal(ByteView key, ByteView plain, std::string_view context);
/// kStore when the key, the context or any bit is wrong; nothing else is told.
Result<Secret> open(ByteView key, ByteView sealed, std::string_view context);

}  // namespace latchkey::crypto
