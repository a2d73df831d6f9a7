#include "dialect/dialect.h"

namespace latchkey::dialect {

std::string_view answer(const Answers& answers, std::string_view name) {
  const auto found = answers.find(name);
  return found == answers.end() ? std::string_view{} : found->second.reveal();
}

}  // namespace latchkey::dialect
