#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "base/time.h"

namespace latchkey::cli {

/// Writes to standard output; false, and said why, when it cannot (a full disk). A
/// text goes out in one piece, so that what many programs write into one pipe does
/// not stand inside each other (up to PIPE_BUF, pipe(7)).
bool print(std::string_view text);
bool print_line(std::string_view text);
bool print_line(const Secret& secret);
bool print_json(const json::Value& value);

/// "2026-03-01T12:00:00Z (in 29 min)", "… (3 h ago)", or `none`. Where the machine's zone
/// is not UTC: "… (19:00 here, in 29 min)", with the day where that is another one.
std::string when(const std::optional<Instant>& at, Instant now, const std::string& none);
/// "the token lives until 2026-… (in 29 min)", or "the token has no stated end".
std::string life_of_token(const std::optional<Instant>& until, Instant now);
/// "29 min", "3 h 5 min", "364 d": two units at most.
std::string roughly(Seconds duration);

}  // namespace latchkey::cli
