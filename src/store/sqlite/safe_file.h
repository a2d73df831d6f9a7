#pragma once

#include <string>

#include "base/result.h"

namespace latchkey::store {

/// Makes sure that `path` is a file that only this user can have touched, and
/// makes it (0600, empty) if it is missing. Gives its path with every directory
/// resolved. Never opens a file that exists.
///
/// kStore, with words to show, when the file or one of SQLite's files beside it
/// is a symlink, not a plain file, not ours, or open to group or others; and when
/// others may put files into its directory. kUnavailable when it cannot be made.
Result<std::string> safe_file(const std::string& path);

}  // namespace latchkey::store
