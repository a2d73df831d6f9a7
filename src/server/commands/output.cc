#include "server/commands/output.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

std::string cell_text(const json::Value& value) {
  if (const auto* text = value.as_string()) return printable(*text, 400);
  if (value.is_null()) return "-";
  return json::write(value);
}

/// How many columns a text takes on a terminal, nearly: its code points.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
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
  for (const auto& row : cells) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::size_t width = 0;
      for (const auto& other : cells) width = std::max(width, width_of(other[i]));
      line += row[i];
      if (i + 1 < row.size()) line.append(width - width_of(row[i]) + 2, ' ');
    }
    TRY(print_line(line));
  }
  return {};
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
