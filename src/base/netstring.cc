#include "base/netstring.h"

#include "base/text.h"

namespace latchkey {
namespace {

constexpr std::size_t kMostSizeDigits = 7;

template <class Text>
void append(Text& to, std::string_view piece) {
  const std::string size = std::to_string(piece.size()) + ":";
  to.insert(to.end(), size.begin(), size.end());
  to.insert(to.end(), piece.begin(), piece.end());
  to.push_back(',');
}

}  // namespace

void add_netstring(WipedText& to, std::string_view piece) { append(to, piece); }
void add_netstring(std::string& to, std::string_view piece) { append(to, piece); }

std::optional<std::string_view> take_netstring(std::string_view& from) {
  const auto colon = from.substr(0, kMostSizeDigits + 1).find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto size = parse_int(from.substr(0, colon));
  if (!size || *size < 0) return std::nullopt;
  const auto rest = from.substr(colon + 1);
  const auto count = static_cast<std::size_t>(*size);
  if (rest.size() <= count || rest[count] != ',') return std::nullopt;
  from = rest.substr(count + 1);
  return rest.substr(0, count);
}

}  // namespace latchkey
