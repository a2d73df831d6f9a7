#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::broker {

inline constexpr std::size_t kMostSecretFileBytes = 64 * 1024;

/// A secret from a regular file of ours that nobody else can write: kStore
/// otherwise. One newline at the end is dropped.
Result<Secret> read_secret_file(const std::string& path);
/// Creates the file (0600, durable) or fails with kConflict if it is there.
Result<> create_secret_file(const std::string& path, const Secret& secret);

/// What a vault or key file must be: a regular file, not a link, ours, closed to
/// others. kStore with the command that mends it; kNotFound if there is none.
Result<> check_private_file(const std::string& path);

/// Runs a program without a shell and gives the first line of its output.
/// kPersonNeeded if it fails or is not there; it has `kCommandPatience` to end.
Result<Secret> secret_from_command(const std::vector<std::string>& words);
inline constexpr std::chrono::seconds kCommandPatience{60};

}  // namespace latchkey::broker
