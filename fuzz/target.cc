// http::parse_target and parse_form: what they take can be written and reads back;
// a log never shows a value.

#include <algorithm>

#include "base/text.h"
#include "fuzz.h"
#include "http/message.h"

using namespace latchkey;

namespace {

bool is_in_a_name(const http::Target& target, const std::string& value) {
  return std::ranges::any_of(
      target.query, [&](const auto& one) { return one.first.find(value) != std::string::npos; });
}

void check_target(std::string_view text) {
  const auto target = http::parse_target(text);
  if (!target) return;
  const std::string written = http::write_target(*target);
  const auto again = http::parse_target(written);
  fuzz::must(again.has_value() && *again == *target, "a written target reads back");
  fuzz::must(!fuzz::has_control(written), "a written target has no control characters");
  const std::string logged = http::loggable_target(*target);
  fuzz::must(is_utf8(logged) && !fuzz::has_control(logged), "a logged target is printable");
  // What could be met by chance, in the path, in a name or across two, is not looked for.
  for (const auto& [name, value] : target->query)
    fuzz::must(value.size() < 24 || value.find_first_of("/?&=") != value.npos ||
                   target->path.find(value) != target->path.npos || is_in_a_name(*target, value) ||
                   logged.find(value) == logged.npos,
               "a log does not show a parameter's value");
}

void check_form(std::string_view text) {
  const auto form = http::parse_form(text);
  if (!form) return;
  const auto again = http::parse_form(http::write_form(*form));
  fuzz::must(again.has_value() && *again == *form, "a written form reads back");
  (void)http::refuse_repeats(*form).has_value();
  for (const auto& [name, value] : *form) (void)http::find_param(*form, name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_target(text);
  check_form(text);
  return 0;
}
