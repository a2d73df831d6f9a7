#include "server/toml_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "base/toml_text.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kLargestConfig = 1 << 20;

int line_of(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

}  // namespace

Result<toml::table> parse_toml(std::string_view text, const std::string& file) {
  TRY(may_parse_toml(text, file));
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return fail(Why::kUsage, file + ":" + std::to_string(error.source().begin.line) + ": " +
                                 printable(error.description()));
  }
}

Result<std::string> read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in) return fail(Why::kUsage, "cannot read " + file + ": " + std::strerror(errno));
  text << in.rdbuf();
  if (!in) return fail(Why::kUsage, "cannot read " + file);
  if (text.view().size() > kLargestConfig) return fail(Why::kUsage, file + " is longer than 1 MiB");
  return std::move(text).str();
}

TomlReader::TomlReader(std::string file, std::string name, const toml::table* table)
    : file_(std::move(file)), name_(std::move(name)), table_(table) {}

std::string TomlReader::full(std::string_view key) const {
  return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

std::string TomlReader::place(int line) const {
  return file_ + (line > 0 ? ":" + std::to_string(line) : "") + ": ";
}

int TomlReader::line() const { return table_ == nullptr ? 0 : line_of(*table_); }

bool TomlReader::has(std::string_view key) const {
  return table_ != nullptr && table_->contains(key);
}

const toml::node* TomlReader::take(std::string_view key) {
  taken_.emplace(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

void TomlReader::reject(std::string_view key, std::string_view why) {
  if (wrong_) return;
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  wrong_ = Error{Why::kUsage, place(node == nullptr ? line() : line_of(*node)) + full(key) + " " +
                                  std::string(why)};
}

void TomlReader::read(std::string_view key, std::string& value) {
  const auto* node = take(key);
  if (node == nullptr) return;
  if (const auto* text = node->as_string()) value = text->get();
  else reject(key, "must be a text");
}

void TomlReader::read(std::string_view key, bool& value) {
  const auto* node = take(key);
  if (node == nullptr) return;
  if (const auto* flag = node->as_boolean()) value = flag->get();
  else reject(key, "must be true or false");
}

void TomlReader::read(std::string_view key, std::size_t& value, std::size_t least,
                      std::size_t most) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto* number = node->as_integer();
  if (number == nullptr || number->get() < static_cast<std::int64_t>(least) ||
      number->get() > static_cast<std::int64_t>(most))
    return reject(key,
                  "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
  value = static_cast<std::size_t>(number->get());
}

void TomlReader::read(std::string_view key, int& value, int least, int most) {
  auto wide = static_cast<std::size_t>(value);
  read(key, wide, static_cast<std::size_t>(least), static_cast<std::size_t>(most));
  value = static_cast<int>(wide);
}

void TomlReader::read(std::string_view key, std::chrono::milliseconds& value) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto* text = node->as_string();
  const auto duration = text == nullptr ? std::nullopt : parse_duration(text->get());
  if (!duration || *duration <= Seconds{0}) return reject(key, "must be a duration like \"90s\"");
  value = *duration;
}

TomlReader TomlReader::table(std::string_view key) {
  const auto* node = take(key);
  if (node != nullptr && !node->is_table()) reject(key, "must be a table");
  return {file_, full(key), node == nullptr ? nullptr : node->as_table()};
}

std::vector<std::string> TomlReader::tables() {
  std::vector<std::pair<int, std::string>> found;
  if (table_ == nullptr) return {};
  for (const auto& [key, node] : *table_) {
    if (node.is_table()) found.emplace_back(line_of(node), key.str());
    else reject(key.str(), "must be a table");
  }
  std::ranges::sort(found);
  std::vector<std::string> names;
  for (auto& [line, name] : found) names.push_back(std::move(name));
  return names;
}

std::map<std::string, std::string> TomlReader::texts() {
  std::map<std::string, std::string> all;
  if (table_ == nullptr) return all;
  for (const auto& [key, node] : *table_) {
    const std::string name(key.str());
    taken_.insert(name);
    if (const auto* text = node.as_string()) all[name] = text->get();
    else if (const auto* flag = node.as_boolean()) all[name] = flag->get() ? "true" : "false";
    else if (const auto* number = node.as_integer()) all[name] = std::to_string(number->get());
    else reject(name, "must be a text, a number, true or false");
  }
  return all;
}

Result<> TomlReader::finish() const {
  // A misspelt key first: it may be why another one seems to be missing.
  std::vector<std::pair<int, std::string>> unknown;
  if (table_ != nullptr)
    for (const auto& [key, node] : *table_)
      if (!taken_.contains(key.str())) unknown.emplace_back(line_of(node), key.str());
  if (unknown.empty() && wrong_) return fail(*wrong_);
  if (unknown.empty()) return {};
  const auto& first = *std::ranges::min_element(unknown);
  return fail(Why::kUsage,
              place(first.first) + "unknown key \"" + printable(full(first.second)) + "\"");
}

}  // namespace latchkey::server
