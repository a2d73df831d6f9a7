#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/message.h"

namespace latchkey::fuzz {

/// One line, without its end, taken away from the front of `text`.
inline std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Fields up to an empty line. Far laxer than the real reader: what it would
/// refuse may reach a codec here.
inline http::Headers take_headers(std::string_view& text) {
  http::Headers headers;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const auto colon = std::min(line.find(':'), line.size());
    headers.add(std::string(line.substr(0, colon)),
                std::string(trim(line.substr(std::min(colon + 1, line.size())))));
  }
  return headers;
}

/// "METHOD target", fields, an empty line and a body; nullopt when the target is
/// none.
inline std::optional<http::Request> take_request(std::string_view text) {
  const std::string_view line = take_line(text);
  const auto space = std::min(line.find(' '), line.size());
  const auto target = http::parse_target(line.substr(std::min(space + 1, line.size())));
  if (!target) return std::nullopt;
  http::Request request{.method = std::string(line.substr(0, space)), .target = *target};
  request.headers = take_headers(text);
  request.body = std::string(text);
  return request;
}

/// "STATUS", fields, an empty line and a body.
inline http::Response take_response(std::string_view text) {
  const auto status = parse_int(take_line(text));
  http::Response response{
      .status = status && *status >= 100 && *status <= 999 ? static_cast<int>(*status) : 200};
  response.headers = take_headers(text);
  response.body = std::string(text);
  return response;
}

}  // namespace latchkey::fuzz
