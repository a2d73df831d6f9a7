#pragma once

#include "broker/entry.h"

namespace latchkey::broker {

inline constexpr std::size_t kMostTokenCacheBytes = 64 * 1024;

/// The file that the SDK of one provider keeps its tokens in:
///   {"accessToken", "tokenType", "expiresAt", "refreshToken", "refreshExpiresAt"}
/// with seconds since the epoch, indented by two. kUnsupported for tokens without a
/// stated end, which the format cannot say.
Result<Secret> write_token_cache(const Entry& entry);

/// The tokens of such a text, and nothing else of the entry. Strict (kMalformed): these
/// five members and no other, tokens that are not empty and can stand in a header, a type
/// of "Bearer"; times as numbers or in quotes, in seconds, or in milliseconds from 1e10 on.
Result<Entry> read_token_cache(const Secret& text);

}  // namespace latchkey::broker
