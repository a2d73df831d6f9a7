#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"

namespace latchkey::server {

/// Rows to standard output: as aligned columns under their headings, or with
/// `as_json` as an array of objects named by the headings. kStore when it cannot
/// be written.
Result<> print_rows(const std::vector<std::string>& headings, const std::vector<json::Array>& rows,
                    bool as_json);
Result<> print_line(std::string_view text);
Result<> print_json(const json::Value& value);

/// Generated secrets, shown once: to a new file (0600) as JSON, or to standard
/// output. Nothing else ever shows them.
Result<> hand_out(const std::vector<std::pair<std::string, Secret>>& named, const std::string& file,
                  bool as_json);

}  // namespace latchkey::server
