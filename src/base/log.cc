#include "base/log.h"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "base/json.h"
#include "base/time.h"

namespace latchkey::log {
namespace {

const char* name_of(Level level) {
  switch (level) {
    case Level::kDebug: return "debug";
    case Level::kInfo: return "info";
    case Level::kWarn: return "warn";
    case Level::kError: return "error";
  }
  return "?";
}

spdlog::level::level_enum theirs(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Never destroyed: a thread that ends late, or a destructor, may still log. Output alone writes to
// it, one thread at a time.
spdlog::logger& logger() {
  static spdlog::logger& instance = []() -> spdlog::logger& {
    auto* made = new spdlog::logger("latchkey", std::make_shared<spdlog::sinks::stderr_sink_st>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::info);
    return *made;
  }();
  return instance;
}

// The log keeps its own time, to the millisecond: no decision rests on it.
std::string time_now() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(spdlog::log_clock::now());
  const auto second = std::chrono::floor<Seconds>(now);
  std::string millis = std::to_string((now - second).count());
  millis.insert(0, 3 - millis.size(), '0');
  std::string text = to_rfc3339(second);
  text.insert(text.size() - 1, "." + millis);
  return text;
}

// JSON lets DEL and U+0080–U+009F stand as they are, but terminals obey them.
// Outside strings a line of ours has neither, so escaping them keeps it JSON.
std::string without_terminal_controls(std::string_view line) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool c1 =
        line[i] == '\xC2' && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xA0;
    if (!c1 && line[i] != '\x7F') {
      out += line[i];
      continue;
    }
    if (c1) ++i;
    const auto code = static_cast<unsigned char>(line[i]);
    out += "\\u00";
    out += kDigits[code >> 4];
    out += kDigits[code & 0xF];
  }
  return out;
}

// Standard error, for which nobody waits: a reader that has stopped must not stop us. A pipe that
// can be written to takes a line of up to PIPE_BUF bytes whole (pipe(7)).
class Output {
 public:
  void write(Level level, const std::string& line) {
    const std::scoped_lock lock(mutex_);  // what was found to have room has it still
    if (lost_ > 0 && has_room()) {
      put(Level::kWarn, format(time_now(), Level::kWarn, "log_lines_lost", {{"lines", lost_}}));
      lost_ = 0;
    }
    if (has_room()) put(level, line);
    else ++lost_;
  }

 private:
  static bool has_room() {
    pollfd wanted{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    return poll(&wanted, 1, 0) != 0;
  }
  static void put(Level level, const std::string& line) {
    logger().log(theirs(level), spdlog::string_view_t(line.data(), line.size()));
  }

  std::mutex mutex_;
  long long lost_ = 0;
};

}  // namespace

void write(Level level, std::string_view event, const std::vector<Field>& fields) {
  if (!is_on(level)) return;
  static Output& output = *new Output;
  output.write(level, format(time_now(), level, event, fields));
}

bool is_on(Level level) { return logger().should_log(theirs(level)); }

void set_level(Level level) { logger().set_level(theirs(level)); }

std::string format(std::string_view time, Level level, std::string_view event,
                   const std::vector<Field>& fields) {
  json::Object line{{"ts", time}, {"level", name_of(level)}, {"event", event}};
  for (const Field& field : fields) line.add(field.name, field.value);
  return without_terminal_controls(json::write(line));
}

}  // namespace latchkey::log
