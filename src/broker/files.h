#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::broker {

inline constexpr std::size_t kMostSecretFileBytes = 64 * 1024;

/// A secret from a regular file of ours or root's that nobody else can write:
/// kStore otherwise, and when it is empty. A link is followed (secret mounts are
/// links). One newline at the end is dropped.
Result<Secret> read_secret_file(const std::string& path);
/// Creates the file (0600) or fails with kConflict if it is there. Whoever sees it
/// sees all of it, and it is durable when this returns.
Result<> create_secret_file(const std::string& path, const Secret& secret);

/// The same, but a file of ours that is there is replaced, whole or not at all. kStore,
/// and it stays as it is, when it is a link, somebody else's, open to others or no regular
/// file.
Result<> replace_secret_file(const std::string& path, const Secret& secret);

/// What a vault or key file must be: a regular file, not a link, ours, closed to
/// others. kStore with the command that mends it; kNotFound if there is none.
Result<> check_private_file(const std::string& path);
/// The secret in such a file: what is checked is what is read.
Result<Secret> read_private_file(const std::string& path);
/// Makes a change to the directory that holds `path` durable.
Result<> sync_directory_of(const std::string& path);
/// "/a/b" of "/a/b/c"; "." without a slash.
std::string directory_of(const std::string& path);

/// Runs a program without a shell and gives the first line of its output.
/// kPersonNeeded if it fails, prints nothing or is not there. It may use the
/// terminal. When `patience` is over it is ended, with everything that it started
/// in its process group.
inline constexpr std::chrono::seconds kCommandPatience{60};
Result<Secret> secret_from_command(const std::vector<std::string>& words,
                                   std::chrono::milliseconds patience = kCommandPatience);

}  // namespace latchkey::broker
