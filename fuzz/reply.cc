// A dialect's decode_reply: what a hostile or broken authority answers to each
// operation. A refusal never repeats a secret that was sent.

#include <algorithm>

#include "dialect.h"

using namespace latchkey;

namespace {

constexpr Why kAuthoritysOwn[] = {Why::kPersonNeeded, Why::kUnknownName, Why::kPolicy, Why::kStore,
                                  Why::kLostRotation, Why::kUsage,       Why::kBug};

void check_tokens(const engine::TokenSet& tokens) {
  fuzz::must(!tokens.access_token.empty(), "a token is not empty");
  if (tokens.access_until)
    fuzz::must(*tokens.access_until <= kEndOfTime, "a token's end can be written");
  if (tokens.refresh_until)
    fuzz::must(*tokens.refresh_until <= kEndOfTime, "a token's end can be written");
}

std::vector<engine::Operation> operations() {
  auto all = fuzz::every_operation();
  const auto proof =
      fuzz::the_dialect().proof({{"partner_code", Secret("P")}}, Secret("a-secret-of-the-asker"));
  if (proof) all.push_back(*proof);
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto all = operations();
  const auto response = fuzz::take_response(fuzz::text_of(data, size));
  for (const auto& operation : all) {
    const auto outcome = fuzz::the_codec().decode_reply({operation, fuzz::kNow}, response);
    if (outcome) {
      if (const auto* tokens = std::get_if<engine::TokenSet>(&*outcome)) check_tokens(*tokens);
      fuzz::must(response.status < 400, "a refusal is no success");
      continue;
    }
    const Error& error = outcome.error();
    fuzz::must(std::ranges::find(kAuthoritysOwn, error.why) == std::end(kAuthoritysOwn),
               "an answer is never a reason of the broker's own");
    fuzz::must(is_utf8(error.say) && !fuzz::has_control(error.say), "what is said is printable");
    fuzz::must(error.retry_after >= Seconds{0} && error.retry_after <= Seconds{86400},
               "nobody waits longer than a day");
  }
  return 0;
}
