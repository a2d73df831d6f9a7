// json::parse: what it takes can be written, and reads back as the same value.

#include "base/json.h"

#include "base/text.h"
#include "fuzz.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto value = json::parse(text);
  if (!value) {
    fuzz::must(value.error().why == Why::kMalformed, "a refusal is kMalformed");
    fuzz::must(is_utf8(value.error().say), "what is said of a text is UTF-8");
    return 0;
  }
  fuzz::must(is_utf8(text), "only UTF-8 is taken");
  const std::string written = json::write(*value);
  const auto again = json::parse(written, {.bytes = 1 << 20});
  fuzz::must(again.has_value() && *again == *value, "what is written reads back");
  const auto pretty = json::parse(json::write_pretty(*value), {.bytes = 1 << 22});
  fuzz::must(pretty.has_value() && *pretty == *value, "what is written prettily reads back");
  return 0;
}
