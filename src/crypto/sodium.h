#pragma once

// Not for other folders: what the sources of crypto/ share about libsodium.

#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

/// Must precede every use of libsodium; cheap after the first time, and safe from
/// any thread.
void start_sodium();

/// Where the bytes begin: some address even for none, because libsodium's and
/// OpenSSL's parameters may not be null.
inline const std::uint8_t* start_of(ByteView bytes) {
  static constexpr std::uint8_t kNothing = 0;
  return bytes.empty() ? &kNothing : bytes.data();
}
inline const char* start_of(std::string_view text) { return text.empty() ? "" : text.data(); }

/// What was built in ordinary memory becomes a Secret, and the original is wiped.
Secret into_secret(std::string&& text);
Secret into_secret(Bytes&& bytes);

}  // namespace latchkey::crypto
