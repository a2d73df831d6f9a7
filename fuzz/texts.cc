// The text codecs of base: strict ways in, and back to the same text.

#include "base/text.h"
#include "base/time.h"
#include "fuzz.h"

using namespace latchkey;

namespace {

void check_codecs(std::string_view text) {
  if (const auto bytes = parse_hex(text))
    fuzz::must(to_hex(*bytes) == to_lower(text), "hexadecimal goes both ways");
  if (const auto bytes = parse_base64url(text))
    fuzz::must(to_base64url(*bytes) == text, "base64url has one spelling");
  if (const auto bytes = parse_base64(text))
    fuzz::must(to_base64(*bytes) == text, "base64 has one spelling");
  const auto bytes = bytes_of(text);
  const auto there = parse_base64url(to_base64url(bytes));
  fuzz::must(there && text_of(*there) == text, "base64url carries everything");
}

void check_text(std::string_view text) {
  for (const std::size_t most :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{200}}) {
    const std::string shown = printable(text, most);
    fuzz::must(shown.size() <= most, "no more is shown than asked");
    fuzz::must(is_utf8(shown) && !fuzz::has_control(shown), "what is shown is printable");
  }
  (void)is_uuid(text);
  std::string_view rest = text;
  bool all = true;
  while (!rest.empty() && all) {
    const std::size_t n = utf8_sequence(rest);
    fuzz::must(n <= rest.size() && n <= 4, "a sequence is within the text");
    all = n > 0;
    rest.remove_prefix(n);
  }
  fuzz::must(all == is_utf8(text), "UTF-8 is a row of sequences");
}

void check_numbers(std::string_view text) {
  if (const auto n = parse_int(text))
    fuzz::must(parse_int(std::to_string(*n)) == n, "integers go both ways");
  if (const auto t = parse_rfc3339(text); t && *t >= from_epoch(-62167219200))
    fuzz::must(parse_rfc3339(to_rfc3339(*t)) == t, "times go both ways");
  if (const auto d = parse_duration(text)) {
    fuzz::must(*d >= Seconds{0}, "a duration is not negative");
    fuzz::must(parse_duration(std::to_string(d->count()) + "s") == d, "durations go both ways");
    (void)to_words(*d);
    (void)expiry(from_epoch(1'772'366'400), Lifetime{*d});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_codecs(text);
  check_text(text);
  check_numbers(text);
  return 0;
}
