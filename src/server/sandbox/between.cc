#include "server/sandbox/between.h"

namespace latchkey::server {

http::Response Between::perform(DialectCall& call, const std::string& id, Instant now) {
  const engine::Operation* operation = call.asked();
  if (operation == nullptr) return call.perform(now);
  const auto asked = books_.asked(call.realm().authority(), *operation);
  const auto result = call.ask(now);
  if (const auto kept = books_.performed(asked, result, {.request = id}, now); !kept)
    return call.encode(fail(Why::kUnavailable, "the ledger cannot be written", kept.error().say),
                       now);
  return call.encode(result, now);
}

}  // namespace latchkey::server
