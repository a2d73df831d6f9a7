// What is read from header fields: media types, bearers, languages, dates, waits.

#include "fuzz.h"
#include "http/date.h"
#include "http_text.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr Instant kNow = from_epoch(1'772'366'400);
  std::string_view text = fuzz::text_of(data, size);
  const http::Headers headers = fuzz::take_headers(text);
  for (const auto& [name, value] : headers) {
    fuzz::must(value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos,
               "no value begins a field of its own");
    (void)http::parse_http_date(value, kNow);
  }
  (void)http::media_type(headers);
  const auto bearer = http::bearer(headers);
  if (bearer && *bearer) {
    fuzz::must(headers.count("Authorization") == 1, "a bearer is there once");
    fuzz::must(!(*bearer)->empty() && !fuzz::has_control((*bearer)->reveal()),
               "a bearer is visible text");
  }
  const auto wait = http::retry_after(headers, kNow);
  fuzz::must(wait >= Seconds{0} && wait <= Seconds{86400}, "nobody waits longer than a day");
  (void)http::preferred_language(headers, {"en", "vi", "ru", "zh-Hant"});
  return 0;
}
