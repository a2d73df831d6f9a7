#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::server {

/// A secret from a file, without the line end behind it. "-": standard input.
/// kStore, naming the file and what is wrong, when it is not a plain file of this
/// user (or root), is open to group or others, is empty or larger than 64 KiB.
Result<Secret> read_secret_file(const std::string& path);

/// Writes a new file, 0600, on disk when this returns. kConflict if it exists.
Result<> write_secret_file(const std::string& path, const Secret& text);

/// Asks on the terminal without echo; kPersonNeeded without a terminal.
Result<Secret> ask_secret(const std::string& label);

}  // namespace latchkey::server
