#include "http/date.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace latchkey::http {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr int kYearsAhead = 50;

bool is_short_day(std::string_view name) {
  return std::any_of(kDays.begin(), kDays.end(),
                     [&](auto day) { return day.substr(0, 3) == name; });
}

/// Whether `text` is `shape`, where '#' stands for any character.
bool has_shape(std::string_view text, std::string_view shape) {
  return std::equal(text.begin(), text.end(), shape.begin(), shape.end(),
                    [](char c, char wanted) { return wanted == '#' || c == wanted; });
}

/// Puts the parts as RFC 3339 writes them and leaves the judgement to its reader.
std::optional<Instant> assemble(std::string_view year, std::string_view month, std::string_view day,
                                std::string_view time) {
  const auto found = std::find(kMonths.begin(), kMonths.end(), month);
  if (found == kMonths.end()) return std::nullopt;
  std::string number = std::to_string(found - kMonths.begin() + 1);
  number.insert(0, 2 - number.size(), '0');
  std::string text(year);
  text.append("-").append(number).append("-").append(day).append("T").append(time).append("Z");
  return parse_rfc3339(text);
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<Instant> parse_imf_fixdate(std::string_view text) {
  if (!has_shape(text, "###, ## ### #### ##:##:## GMT")) return std::nullopt;
  if (!is_short_day(text.substr(0, 3))) return std::nullopt;
  return assemble(text.substr(12, 4), text.substr(8, 3), text.substr(5, 2), text.substr(17, 8));
}

// "Sun Nov  6 08:49:37 1994"
std::optional<Instant> parse_asctime(std::string_view text) {
  if (!has_shape(text, "### ### ## ##:##:## ####")) return std::nullopt;
  if (!is_short_day(text.substr(0, 3))) return std::nullopt;
  std::string day(text.substr(8, 2));
  if (day[0] == ' ') day[0] = '0';
  return assemble(text.substr(20), text.substr(4, 3), day, text.substr(11, 8));
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
std::optional<Instant> parse_rfc850(std::string_view text, Instant now) {
  const std::string_view day = text.substr(0, text.find(','));
  if (std::find(kDays.begin(), kDays.end(), day) == kDays.end()) return std::nullopt;
  const std::string_view rest = text.substr(day.size());
  if (!has_shape(rest, ", ##-###-## ##:##:## GMT")) return std::nullopt;
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const int latest = static_cast<int>(today.year()) + kYearsAhead;
  for (int century = latest / 100; century >= latest / 100 - 1; --century) {
    const std::string year = std::to_string(century) + std::string(rest.substr(9, 2));
    const auto date = assemble(year, rest.substr(5, 3), rest.substr(2, 2), rest.substr(12, 8));
    if (date && *date <= now + std::chrono::years{kYearsAhead}) return date;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Instant> parse_http_date(std::string_view text, Instant now) {
  if (const auto date = parse_imf_fixdate(text)) return date;
  if (const auto date = parse_asctime(text)) return date;
  return parse_rfc850(text, now);
}

}  // namespace latchkey::http
