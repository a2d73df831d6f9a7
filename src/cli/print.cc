#include "cli/print.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/netstring.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

/// "19:00 here, ", "Mon 01:00 here, ", or nothing where it is UTC here.
std::string here(Instant at) {
  const std::time_t seconds = epoch(at);
  std::tm local{};
  std::tm universal{};
  if (localtime_r(&seconds, &local) == nullptr || gmtime_r(&seconds, &universal) == nullptr ||
      local.tm_gmtoff == 0)
    return {};
  char text[32];
  const char* form = local.tm_mday == universal.tm_mday ? "%H:%M here, " : "%a %H:%M here, ";
  return {text, std::strftime(text, sizeof text, form, &local)};
}

}  // namespace

bool print(std::string_view text) {
  const bool whole =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!whole) say(std::string("cannot write the output: ") + std::strerror(errno));
  return whole;
}

bool print_line(std::string_view text) { return print(std::string(text) + "\n"); }

bool print_line(const Secret& secret) {
  const std::string_view text = secret.reveal();
  WipedText line(text.begin(), text.end());
  line.push_back('\n');
  return print(std::string_view(line.data(), line.size()));
}

bool print_json(const json::Value& value) { return print_line(json::write_pretty(value)); }

std::string roughly(Seconds duration) {
  const auto total = duration.count();
  const std::pair<long long, const char*> units[] = {
      {86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
  for (std::size_t i = 0; i < std::size(units); ++i) {
    const auto [size, name] = units[i];
    if (total < size) continue;
    std::string text = std::to_string(total / size) + name;
    const bool fine = i == 1 || i == 2;  // hours with minutes, minutes with seconds
    const auto rest = fine ? total % size / units[i + 1].first : 0;
    if (rest > 0 && total / size < 10) text += " " + std::to_string(rest) + units[i + 1].second;
    return text;
  }
  return "0 s";
}

std::string when(const std::optional<Instant>& at, Instant now, const std::string& none) {
  if (!at) return none;
  const Seconds left = *at - now;
  return to_rfc3339(*at) + " (" + here(*at) +
         (left >= Seconds{0} ? "in " + roughly(left) : roughly(-left) + " ago") + ")";
}

std::string life_of_token(const std::optional<Instant>& until, Instant now) {
  return until ? "the token lives until " + when(until, now, {}) : "the token has no stated end";
}

}  // namespace latchkey::cli
