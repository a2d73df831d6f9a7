#include "base/time.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace latchkey {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// 0000-01-01T00:00:00Z, the first instant that RFC 3339 can write.
constexpr Instant kStartOfTime{Seconds{-62167219200}};

/// Takes a text apart from its front; every step says whether it could.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<int> take_digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// Two digits no greater than `most`.
  std::optional<int> take_pair(int most) {
    const auto value = take_digits(2);
    return value && *value <= most ? value : std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::optional<sys_days> take_date(Scanner& in) {
  const auto year = in.take_digits(4);
  if (!year || !in.take('-')) return std::nullopt;
  const auto month = in.take_digits(2);
  if (!month || !in.take('-')) return std::nullopt;
  const auto day = in.take_digits(2);
  if (!day) return std::nullopt;
  const year_month_day date{std::chrono::year{*year},
                            std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

// Up to 23:59:60; whether a leap second may stand there is known only in UTC.
std::optional<Seconds> take_time_of_day(Scanner& in) {
  const auto hour = in.take_pair(23);
  if (!hour || !in.take(':')) return std::nullopt;
  const auto minute = in.take_pair(59);
  if (!minute || !in.take(':')) return std::nullopt;
  const auto second = in.take_pair(60);
  if (!second) return std::nullopt;
  if (in.take('.')) {
    if (!in.take_digits(1)) return std::nullopt;
    while (in.take_digits(1)) {
    }
  }
  return hours{*hour} + minutes{*minute} + Seconds{*second};
}

std::optional<Seconds> take_offset(Scanner& in) {
  if (in.take('Z') || in.take('z')) return Seconds{0};
  const bool ahead = in.take('+');
  if (!ahead && !in.take('-')) return std::nullopt;
  const auto hour = in.take_pair(23);
  if (!hour || !in.take(':')) return std::nullopt;
  const auto minute = in.take_pair(59);
  if (!minute) return std::nullopt;
  const Seconds offset = hours{*hour} + minutes{*minute};
  return ahead ? offset : -offset;
}

// A leap second is the last second of a month in UTC (RFC 3339 section 5.7); the
// scale of Instant has no name for it but the one of the second that follows.
bool may_follow_leap_second(Instant t) {
  const auto day = std::chrono::floor<days>(t);
  return t == day && year_month_day{day}.day() == std::chrono::day{1};
}

bool add_unit(Seconds& total, std::int64_t count, Seconds unit) {
  std::int64_t product = 0;
  std::int64_t sum = 0;
  if (__builtin_mul_overflow(count, std::int64_t{unit.count()}, &product)) return false;
  if (__builtin_add_overflow(std::int64_t{total.count()}, product, &sum)) return false;
  total = Seconds{sum};
  return true;
}

std::optional<Seconds> unit_of(char letter) {
  switch (letter) {
    case 's': return Seconds{1};
    case 'm': return Seconds{60};
    case 'h': return Seconds{3600};
    case 'd': return Seconds{86400};
    default: return std::nullopt;
  }
}

}  // namespace

Instant expiry(Instant asked_at, Lifetime lifetime) {
  std::int64_t sum = 0;
  const std::int64_t start = epoch(asked_at);
  if (__builtin_add_overflow(start, std::int64_t{lifetime.value.count()}, &sum)) {
    return lifetime.value.count() > 0 ? kEndOfTime : Instant::min();
  }
  return std::min(from_epoch(sum), kEndOfTime);
}

std::string to_rfc3339(Instant t) {
  const Instant shown = std::clamp(t, kStartOfTime, kEndOfTime);
  const auto day = std::chrono::floor<days>(shown);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss time{shown - day};
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  const auto date = take_date(in);
  if (!date || !(in.take('T') || in.take('t'))) return std::nullopt;
  const auto time = take_time_of_day(in);
  if (!time) return std::nullopt;
  const auto offset = take_offset(in);
  if (!offset || !in.done()) return std::nullopt;
  const Instant t = *date + *time - *offset;
  const bool leap = text.substr(17, 2) == "60";
  if (leap && !may_follow_leap_second(t)) return std::nullopt;
  return std::min(t, kEndOfTime);
}

std::optional<Seconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Seconds total{0};
  while (!text.empty()) {
    std::int64_t count = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
      if (__builtin_mul_overflow(count, std::int64_t{10}, &count)) return std::nullopt;
      if (__builtin_add_overflow(count, std::int64_t{text[digits] - '0'}, &count)) {
        return std::nullopt;
      }
    }
    if (digits == 0 || digits == text.size()) return std::nullopt;
    const auto unit = unit_of(text[digits]);
    if (!unit || !add_unit(total, count, *unit)) return std::nullopt;
    text.remove_prefix(digits + 1);
  }
  return total;
}

std::string to_words(Seconds duration) {
  struct Unit {
    long long seconds;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{86400, " d"}, {3600, " h"}, {60, " min"}};
  const long long count = duration.count();
  for (const Unit& unit : kUnits) {
    if (count != 0 && count % unit.seconds == 0) {
      return std::to_string(count / unit.seconds) + unit.name;
    }
  }
  return std::to_string(count) + " s";
}

}  // namespace latchkey
