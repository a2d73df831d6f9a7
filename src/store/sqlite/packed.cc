#include "store/sqlite/packed.h"

#include "base/text.h"

namespace latchkey::store {

namespace {

void append(std::string& packed, std::string_view text) {
  packed += std::to_string(text.size());
  packed += ':';
  packed += text;
  packed += ',';
}

std::unexpected<Error> damaged() { return fail(Why::kStore, "", "store: a list cannot be read"); }

}  // namespace

std::string pack(const std::vector<std::string>& texts) {
  std::string packed;
  for (const auto& text : texts) append(packed, text);
  return packed;
}

Result<std::vector<std::string>> unpack(std::string_view packed) {
  std::vector<std::string> texts;
  while (!packed.empty()) {
    const std::size_t colon = packed.find(':');
    if (colon == packed.npos) return damaged();
    const auto size = parse_int(packed.substr(0, colon));
    packed.remove_prefix(colon + 1);
    if (!size || *size < 0 || static_cast<std::size_t>(*size) >= packed.size()) return damaged();
    const auto length = static_cast<std::size_t>(*size);
    if (packed[length] != ',') return damaged();
    texts.emplace_back(packed.substr(0, length));
    packed.remove_prefix(length + 1);
  }
  return texts;
}

std::string pack_pairs(const Pairs& pairs) {
  std::string packed;
  for (const auto& [name, value] : pairs) {
    append(packed, name);
    append(packed, value);
  }
  return packed;
}

Result<Pairs> unpack_pairs(std::string_view packed) {
  std::vector<std::string> texts = TRY(unpack(packed));
  if (texts.size() % 2 != 0) return damaged();
  Pairs pairs;
  for (std::size_t i = 0; i < texts.size(); i += 2) {
    pairs.emplace_back(std::move(texts[i]), std::move(texts[i + 1]));
  }
  return pairs;
}

}  // namespace latchkey::store
