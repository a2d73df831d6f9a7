#include "server/commands/output.h"

#include <cstdio>

#include "base/table.h"
#include "base/text.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

std::string cell_text(const json::Value& value) {
  if (const auto* text = value.as_string()) return printable(*text, 400);
  if (value.is_null()) return "-";
  return json::write(value);
}

}  // namespace

Result<> print_line(std::string_view text) {
  const bool good = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                    std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
  if (!good) return fail(Why::kStore, "cannot write to standard output");
  return {};
}

Result<> print_json(const json::Value& value) { return print_line(json::write(value)); }

Result<> print_rows(const std::vector<std::string>& headings, const std::vector<json::Array>& rows,
                    bool as_json) {
  if (as_json) {
    json::Array all;
    for (const auto& row : rows) {
      json::Object object;
      for (std::size_t i = 0; i < headings.size(); ++i) object.add(headings[i], row[i]);
      all.emplace_back(std::move(object));
    }
    return print_json(json::Value(std::move(all)));
  }
  std::vector<std::vector<std::string>> cells{headings};
  for (const auto& row : rows) {
    auto& line = cells.emplace_back();
    for (const auto& value : row) line.push_back(cell_text(value));
  }
  std::string lines = table(cells);
  lines.pop_back();  // print_line() has one
  return print_line(lines);
}

Result<> hand_out(const std::vector<std::pair<std::string, Secret>>& named, const std::string& file,
                  bool as_json) {
  json::Object object;
  std::string lines;
  for (const auto& [name, secret] : named) {
    if (secret.empty()) continue;
    object.add(name, std::string(secret.reveal()));
    lines += (lines.empty() ? "" : "\n") + name + " " + std::string(secret.reveal());
  }
  if (object.empty()) return {};
  if (!file.empty())
    return write_secret_file(file, Secret(json::write(json::Value(std::move(object)))));
  return print_line(as_json ? json::write(json::Value(std::move(object))) : lines);
}

}  // namespace latchkey::server
