#include <algorithm>

#include "base/text.h"
#include "http/message.h"

namespace latchkey::http {
namespace {

std::string one_line(std::string value) {
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return value;
}

}  // namespace

Headers::Headers(std::initializer_list<Pairs::value_type> fields) {
  fields_.reserve(fields.size());
  for (const auto& [name, value] : fields) add(name, value);
}

const std::string* Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equals_ignoring_case(key, name)) return &value;
  }
  return nullptr;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(fields_.begin(), fields_.end(), [&](const auto& f) {
    return equals_ignoring_case(f.first, name);
  }));
}

Headers& Headers::add(std::string name, std::string value) {
  constexpr std::size_t kMostHaveFewer = 8;
  if (fields_.capacity() == 0) fields_.reserve(kMostHaveFewer);
  fields_.emplace_back(std::move(name), one_line(std::move(value)));
  return *this;
}

Headers& Headers::set(std::string name, std::string value) {
  remove(name);
  return add(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& f) { return equals_ignoring_case(f.first, name); });
}

}  // namespace latchkey::http
