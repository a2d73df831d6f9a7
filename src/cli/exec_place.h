#pragma once

#include "cli/context.h"

namespace latchkey::cli {

/// A directory of our own (0700) below the runtime directory, locked as long as somebody
/// has `lock` open. Directories of others that are not locked any more are leftovers of a
/// crash, and removed.
Result<std::string> make_kept(Context& context, int& lock);

/// Writes a file of it (0600). Whoever reads it sees all of the old text or all of the new
/// one.
Result<> write_kept(const std::string& path, std::string_view text);

/// Removes the directory and its files.
void remove_kept(const std::string& directory);

}  // namespace latchkey::cli
