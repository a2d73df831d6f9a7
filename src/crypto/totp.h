#pragma once

#include <optional>

#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"

namespace latchkey::crypto {

inline constexpr Seconds kTotpStep{30};

/// The six-digit code of RFC 6238 (SHA-1, 30 s steps) at `now`.
Secret totp(ByteView seed, Instant now);
/// The number of the step whose code it is: this one, the one before or the one
/// after; nullopt otherwise. The caller refuses a step that was used before.
std::optional<std::int64_t> totp_step_of(ByteView seed, const Secret& code, Instant now);
/// RFC 4648 base32, for an otpauth:// URI; and back.
std::string to_base32(ByteView bytes);
std::optional<Bytes> parse_base32(std::string_view text);

}  // namespace latchkey::crypto
