#include "dialect/registry.h"

#include <algorithm>

namespace latchkey::dialect {

const Dialect* Registry::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      dialects_, [&](const Dialect* dialect) { return dialect->traits().name == name; });
  return found == dialects_.end() ? nullptr : *found;
}

}  // namespace latchkey::dialect
