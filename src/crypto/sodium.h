#pragma once

// Not for other folders: what the sources of crypto/ share about libsodium.

#include "base/secret.h"
#include "base/text.h"

namespace latchkey::crypto {

/// Must precede every use of libsodium; cheap after the first time, and safe from
/// any thread.
void start_sodium();

/// What was built in ordinary memory becomes a Secret, and the original is wiped.
Secret into_secret(std::string text);
Secret into_secret(Bytes bytes);

}  // namespace latchkey::crypto
