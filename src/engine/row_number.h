#pragma once

#include <cstdint>
#include <string_view>

#include "base/secret.h"
#include "base/text.h"

namespace latchkey::engine {

// Texts that say the number of a token's row, to nobody but the authority: the number is masked by
// a keyed hash of the text's random part. What stands in the order of its issue is then found in
// the place where it stands; an index of hashes would change a page of its own for every token.
//
// Nothing is proved by such a number: whoever makes up a text makes up a number, and a text from
// before there were numbers says one too. Pure but for the randomness; `key` has
// crypto::kShortHashKeySize bytes.

/// Above any.
inline constexpr std::int64_t kEndOfNumbers = std::int64_t{1} << 60;

/// 43 characters of base64url: the number, and 192 random bits. 0: all 256 are random.
Secret opaque_text_saying(ByteView key, std::int64_t number);
/// A version 4 UUID (RFC 9562): the number, and 62 bits of `noise`, other ones each time.
std::string uuid_saying(ByteView key, std::int64_t number, std::uint64_t noise);
/// Whether number_said() finds that id in a JWT of those claims.
bool says_id(std::string_view claims, std::string_view id);

/// What an opaque text says, or a JWT's "jti" (RFC 7519 section 4.1.7); 0: nothing that
/// could be a number.
std::int64_t number_said(ByteView key, std::string_view text);

}  // namespace latchkey::engine
