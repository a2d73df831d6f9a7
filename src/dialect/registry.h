#pragma once

#include <vector>

#include "dialect/dialect.h"

namespace latchkey::dialect {

/// The dialects that a program was built with. Filled once in apps/, then only
/// read; there is no self-registration.
class Registry {
 public:
  void add(const Dialect& dialect) { dialects_.push_back(&dialect); }
  /// nullptr when there is none of that name.
  const Dialect* find(std::string_view name) const;
  const std::vector<const Dialect*>& all() const { return dialects_; }

 private:
  std::vector<const Dialect*> dialects_;
};

}  // namespace latchkey::dialect
