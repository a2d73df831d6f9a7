#include "net/http_writer.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace latchkey::net {
namespace {

void append_number(std::string& out, std::size_t n) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  out.append(digits.data(), end);
}

bool is_ours(std::string_view name) {
  switch (name.size()) {
    case 4: return equals_ignoring_case(name, "Date");
    case 10: return equals_ignoring_case(name, "Connection");
    case 14: return equals_ignoring_case(name, "Content-Length");
    case 17: return equals_ignoring_case(name, "Transfer-Encoding");
  }
  return false;
}

/// RFC 9110 section 8.6: these have no body and may not speak of its length.
bool has_length(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

void write_head(std::string& out, const http::Response& response, const Framing& framing,
                std::string_view date) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out += ' ';
  out += http::reason_phrase(response.status);
  out += "\r\nDate: ";
  out += date;
  for (const auto& [name, value] : response.headers) {
    if (is_ours(name)) continue;
    out += "\r\n";
    out += name;
    out += ": ";
    out += value;
  }
  if (framing.chunked) {
    out += "\r\nTransfer-Encoding: chunked";
  } else if (has_length(response.status) && !framing.endless) {
    out += "\r\nContent-Length: ";
    append_number(out, response.body.size() + framing.padding);
  }
  if (framing.close) out += "\r\nConnection: close";
  else if (framing.http_10) out += "\r\nConnection: keep-alive";
  out += "\r\n\r\n";
}

std::string http_date(Instant t) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{t - day};
  const std::chrono::weekday weekday{day};
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[weekday.c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

}  // namespace latchkey::net
