// server::html::escape: whatever comes in is text between tags and in attributes.

#include "server/html.h"

#include "base/text.h"
#include "fuzz.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const std::string escaped = server::html::escape(text);
  fuzz::must(is_utf8(escaped), "what is escaped is UTF-8");
  fuzz::must(escaped.find_first_of("<>\"'") == escaped.npos, "no markup is left");
  for (std::size_t at = escaped.find('&'); at != escaped.npos; at = escaped.find('&', at + 1)) {
    const auto end = escaped.find(';', at);
    fuzz::must(end != escaped.npos && end - at <= 6, "each & begins a reference");
  }
  (void)server::html::mask(text);
  const auto whole = server::html::element(
      "p",
      {{"title", text}, server::html::href({"/" + std::string(text), {{"q", std::string(text)}}})},
      server::html::text(text));
  fuzz::must(whole.text().starts_with("<p title") && whole.text().ends_with("</p>"),
             "an element begins and ends where it should");
  return 0;
}
