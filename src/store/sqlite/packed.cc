#include "store/sqlite/packed.h"

#include "base/netstring.h"

namespace latchkey::store {

namespace {

std::unexpected<Error> damaged() { return fail(Why::kStore, "", "store: a list cannot be read"); }

}  // namespace

std::string pack(const std::vector<std::string>& texts) {
  std::string packed;
  for (const auto& text : texts) add_netstring(packed, text);
  return packed;
}

Result<std::vector<std::string>> unpack(std::string_view packed) {
  std::vector<std::string> texts;
  while (!packed.empty()) {
    const auto text = take_netstring(packed);
    if (!text) return damaged();
    texts.emplace_back(*text);
  }
  return texts;
}

std::string pack_pairs(const Pairs& pairs) {
  std::string packed;
  for (const auto& [name, value] : pairs) {
    add_netstring(packed, name);
    add_netstring(packed, value);
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
