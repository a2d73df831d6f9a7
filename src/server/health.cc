#include "server/health.h"

#include "base/log.h"

namespace latchkey::server {
namespace {

http::Response answer(const http::Request& request, bool good) {
  if (request.method != "GET") {
    http::Response refused{.status = 405};
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }
  return http::json_response(good ? 200 : 503,
                             good ? R"({"status":"ok"})" : R"({"status":"unavailable"})");
}

}  // namespace

http::Response Health::livez(const http::Request& request) const { return answer(request, true); }

http::Response Health::readyz(const http::Request& request, Instant now) {
  return answer(request, !draining_ && can_write(now));
}

bool Health::can_write(Instant now) {
  std::scoped_lock lock(mutex_);
  if (asked_ == now) return writable_;
  const auto done = store_.transact(
      [&](engine::Tx& tx) { return tx.count(Realm("_authority"), "ready", now, Seconds{3600}); });
  if (!done)
    log::write(log::Level::kError, "not_ready",
               {{"why", std::string_view(name_of(done.error().why))}, {"note", done.error().note}});
  asked_ = now;
  writable_ = done.has_value();
  return writable_;
}

}  // namespace latchkey::server
