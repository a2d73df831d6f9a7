#include <algorithm>

#include "base/text.h"
#include "http/message.h"

namespace latchkey::http {
namespace {

constexpr std::size_t kMostRanges = 32;

/// One part of Accept-Language: "zh-TW;q=0.8".
struct Range {
  std::string tag;
  int thousandths = 1000;
};

// "0", "0.8", "1.000" (RFC 9110 section 12.4.2).
std::optional<int> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[1] != '.')) return std::nullopt;
  std::string digits(1, text[0]);
  digits += text.substr(std::min<std::size_t>(2, text.size()));
  digits.resize(4, '0');
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  const int weight = static_cast<int>(*parse_int(digits));
  return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

std::optional<Range> parse_range(std::string_view text) {
  const std::size_t mark = std::min(text.find(';'), text.size());
  Range range{.tag = to_lower(trim(text.substr(0, mark)))};
  if (range.tag.empty()) return std::nullopt;
  if (mark == text.size()) return range;
  const std::string parameter = to_lower(trim(text.substr(mark + 1)));
  if (!parameter.starts_with("q=")) return std::nullopt;
  const auto weight = parse_weight(std::string_view(parameter).substr(2));
  if (!weight) return std::nullopt;
  range.thousandths = *weight;
  return range;
}

std::vector<Range> ranges_of(const Headers& headers) {
  std::vector<Range> ranges;
  for (const auto& [name, value] : headers) {
    if (!equals_ignoring_case(name, "Accept-Language")) continue;
    for (const std::string& piece : split(value, ',')) {
      if (ranges.size() == kMostRanges) return ranges;
      if (auto range = parse_range(piece)) ranges.push_back(std::move(*range));
    }
  }
  return ranges;
}

std::string_view primary(std::string_view tag) { return tag.substr(0, tag.find('-')); }

/// How closely a range names a language: 3 it is the tag, 2 the same language,
/// 1 anything ("*"), 0 not at all.
int closeness(const Range& range, std::string_view known) {
  if (equals_ignoring_case(range.tag, known)) return 3;
  if (equals_ignoring_case(primary(range.tag), primary(known))) return 2;
  return range.tag == "*" ? 1 : 0;
}

/// The weight of a language, given by the range that names it most closely, and
/// the place of that range: it decides between equal weights.
struct Rank {
  int thousandths = 0;
  std::size_t place = 0;
  bool beats(const Rank& other) const {
    if (thousandths != other.thousandths) return thousandths > other.thousandths;
    return thousandths > 0 && place < other.place;
  }
};

Rank rank_of(std::string_view known, const std::vector<Range>& ranges) {
  Rank rank;
  int closest = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const int close = closeness(ranges[i], known);
    if (close == 0 || close < closest) continue;
    if (close == closest && ranges[i].thousandths <= rank.thousandths) continue;
    closest = close;
    rank = {ranges[i].thousandths, i};
  }
  return rank;
}

}  // namespace

std::string preferred_language(const Headers& headers, const std::vector<std::string>& known) {
  if (known.empty()) return {};
  const auto ranges = ranges_of(headers);
  std::size_t best = 0;
  Rank best_rank = rank_of(known[0], ranges);
  for (std::size_t i = 1; i < known.size(); ++i) {
    const Rank rank = rank_of(known[i], ranges);
    if (!rank.beats(best_rank)) continue;
    best = i;
    best_rank = rank;
  }
  return known[best];
}

}  // namespace latchkey::http
