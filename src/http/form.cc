#include <algorithm>

#include "http/message.h"
#include "http/percent.h"

namespace latchkey::http {
namespace {

Result<std::string> decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

Result<Pairs> parse_form(std::string_view body) {
  Pairs pairs;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view piece = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (piece.empty()) continue;  // "a=1&&b=2", as the form standard has it
    if (pairs.size() == kMostParams) return fail(Why::kMalformed, "too many parameters");
    const std::size_t equals = std::min(piece.find('='), piece.size());
    auto name = TRY(decode(piece.substr(0, equals)));
    auto value = TRY(decode(piece.substr(std::min(equals + 1, piece.size()))));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

// A space is %20, not '+': those who only undo percent-encoding read it as well.
std::string write_form(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + '=' + percent_encode(value);
  }
  return out;
}

Result<> refuse_repeats(const Pairs& pairs) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (pairs[k].first != pairs[i].first) continue;
      return fail(Why::kMalformed, "parameter " + loggable_name(pairs[i].first) + " comes twice");
    }
  }
  return {};
}

const std::string* find_param(const Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return value.empty() ? nullptr : &value;
  }
  return nullptr;
}

}  // namespace latchkey::http
