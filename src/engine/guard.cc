#include "engine/guard.h"

namespace latchkey::engine {
namespace {

std::unexpected<Error> too_many(const Ruling& ruling) {
  return fail(Error{Why::kTooMany, "too many failed attempts", {}, ruling.retry_after});
}

std::string secret_key(const Caller& caller, std::string_view client) {
  return caller.network + "\n" + std::string(client);
}

}  // namespace

Result<> Guard::before_login(const Caller& caller, Instant now) {
  if (caller.network.empty()) return {};
  const Ruling ruling = guesses_.take(caller.network, now);
  if (!ruling.allowed) return too_many(ruling);
  return {};
}

void Guard::login_was_right(const Caller& caller) {
  if (!caller.network.empty()) guesses_.give_back(caller.network);
}

Result<> Guard::before_secret(const Caller& caller, std::string_view client, Instant now) {
  if (caller.network.empty()) return {};
  const Ruling ruling = secrets_.take(secret_key(caller, client), now);
  if (!ruling.allowed) return too_many(ruling);
  return {};
}

void Guard::secret_was_right(const Caller& caller, std::string_view client) {
  if (!caller.network.empty()) secrets_.give_back(secret_key(caller, client));
}

}  // namespace latchkey::engine
