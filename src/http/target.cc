#include <algorithm>

#include "base/text.h"
#include "http/message.h"
#include "http/percent.h"

namespace latchkey::http {
namespace {

constexpr bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

// RFC 3986 section 3.3: pchar and the slash.
constexpr bool is_path_character(char c) {
  constexpr std::string_view kOthers = "/-._~!$&'()*+,;=:@%";
  const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return letter || (c >= '0' && c <= '9') || kOthers.find(c) != std::string_view::npos;
}

// Browsers leave more than RFC 3986 allows as it is, "[" and "|" for instance.
constexpr bool is_query_character(char c) { return is_visible(c) && c != '#'; }

std::unexpected<Error> malformed(const char* why) {
  return fail(Why::kMalformed, std::string("bad request target: ") + why);
}

Result<std::string> parse_segment(std::string_view raw) {
  auto segment = TRY(percent_decode(raw));
  if (segment == "." || segment == "..") return malformed("a dot segment");
  for (char c : segment) {
    if (c == '/' || c == '\\') return malformed("an encoded slash");
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return malformed("a control character");
  }
  return segment;
}

Result<std::string> parse_path(std::string_view raw) {
  if (!raw.starts_with('/')) return malformed("it does not begin with a slash");
  if (raw.starts_with("//")) return malformed("it begins with two slashes");
  if (!std::all_of(raw.begin(), raw.end(), is_path_character)) {
    return malformed("a character that may not stand in a path");
  }
  // Nothing to decode and no dot segment: as it came. Nearly every path is so.
  if (!raw.contains('%') && !raw.contains("/.")) return std::string(raw);
  std::string path;
  for (const std::string& piece : split(raw.substr(1), '/')) {
    const auto segment = TRY(parse_segment(piece));
    path += '/' + segment;
  }
  return path;
}

std::string encode_path(std::string_view path) {
  std::string out;
  for (const std::string& segment : split(path.substr(path.starts_with('/') ? 1 : 0), '/')) {
    out += '/' + percent_encode(segment);
  }
  return out;
}

}  // namespace

const std::string* Target::param(std::string_view name) const { return find_param(query, name); }

Result<Target> parse_target(std::string_view text) {
  const std::size_t mark = std::min(text.find('?'), text.size());
  auto path = TRY(parse_path(text.substr(0, mark)));
  const std::string_view query = text.substr(std::min(mark + 1, text.size()));
  if (!std::all_of(query.begin(), query.end(), is_query_character)) {
    return malformed("a character that may not stand in a query");
  }
  auto pairs = TRY(parse_form(query));
  return Target{.path = std::move(path), .query = std::move(pairs)};
}

std::string write_target(const Target& target) {
  std::string out = encode_path(target.path);
  if (!target.query.empty()) out += '?' + write_form(target.query);
  return out;
}

std::string loggable_target(const Target& target) {
  std::string out = printable(target.path);
  char separator = '?';
  for (const auto& [name, value] : target.query) {
    out += separator + loggable_name(name) + "=…";
    separator = '&';
  }
  return out;
}

}  // namespace latchkey::http
