#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::log {

enum class Level { kDebug, kInfo, kWarn, kError };

/// One name and its value. There is no constructor from Secret, and there never
/// will be one: a secret cannot reach the log by mistake (checklist 68).
struct Field {
  std::string name;
  std::string value;
  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, long long v) : name(n), value(std::to_string(v)) {}
};

/// Writes one line of JSON to standard error: ts (UTC), level, event, then the
/// fields in order. Control characters are escaped (checklist 69). Thread-safe. Waits for
/// nobody: where standard error takes no line now (a pipe that is full), the line is lost, and
/// "log_lines_lost" says how many were when there is room again.
/// Nothing is written below the level set last; the default is kInfo.
void write(Level level, std::string_view event, const std::vector<Field>& fields = {});
void set_level(Level level);
/// Whether write() would write that, for callers whose fields cost something to make.
bool is_on(Level level);

/// The line that write() would print, for tests.
std::string format(std::string_view time, Level level, std::string_view event,
                   const std::vector<Field>& fields);

}  // namespace latchkey::log
