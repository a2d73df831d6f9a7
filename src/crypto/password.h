#pragma once

#include <string>

#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

/// Cost of argon2id. The default takes about 50 ms and 32 MiB (RFC 9106 asks for
/// more where logins are rarer); tests use kCheapest.
struct PasswordCost {
  unsigned passes = 2;
  std::size_t memory_bytes = 32u << 20;
};
inline constexpr PasswordCost kCheapest{1, 8u << 10};

/// argon2id as a PHC string with a random salt. Any length, any bytes
/// (checklist 58). Slow on purpose: never on a network thread.
std::string hash_password(const Secret& password, const PasswordCost& cost = {});
/// Slow on purpose. An empty or unreadable hash is compared against a dummy of
/// `cost` and gives false, so that an unknown account takes as long as a wrong
/// password (checklist 59).
bool verify_password(const Secret& password, const std::string& phc, const PasswordCost& cost = {});
/// A 32-byte key from a passphrase. Costs above 1 GiB or 16 passes, as a hostile
/// file might name them, give an empty result at once; so do costs below argon2's
/// least (1 pass, 8 KiB) and a salt that is not 16 bytes.
Bytes key_from_passphrase(const Secret& passphrase, ByteView salt16, const PasswordCost& cost);

}  // namespace latchkey::crypto
