#include "proxy/tokens.h"

namespace latchkey::proxy {

Result<Secret> Tokens::get() {
  std::unique_lock ring(ring_mutex_, std::try_to_lock);
  if (!ring) {
    {
      const std::scoped_lock lock(last_mutex_);
      if (broker::alive(last_.token, last_.until, ring_.now())) return last_.token;
    }
    ring.lock();
  }
  auto* broker = TRY(ring_.broker());
  auto handed = TRY(broker->lend(profile_, profile_.live_for));
  const std::scoped_lock lock(last_mutex_);
  last_ = std::move(handed);
  return last_.token;
}

Result<Secret> Tokens::instead_of(const Secret& dead, bool alive) {
  const std::scoped_lock ring(ring_mutex_);
  auto* broker = TRY(ring_.broker());
  auto handed = TRY(broker->lend(profile_, Seconds{0}));
  if (handed.token == dead && alive) return fail(Why::kInvalidToken, "its proof was refused");
  if (handed.token == dead) {
    const Instant now = ring_.now();
    if (buried_ && now - *buried_ < kBetweenBurials)
      return fail(Why::kInvalidToken, "a token was refused, and another one a moment ago");
    buried_ = now;
    TRY(broker->bury(profile_, dead));
    handed = TRY(broker->lend(profile_, profile_.live_for));
  }
  const std::scoped_lock lock(last_mutex_);
  last_ = std::move(handed);
  return last_.token;
}

Result<http::Request> Tokens::dress(const Secret& token, http::Request request) {
  const std::scoped_lock ring(ring_mutex_);
  auto* broker = TRY(ring_.broker());
  return broker->dress(profile_, token, std::move(request));
}

void Tokens::hear(const http::Headers& answer) {
  if (broker::nonce_in(answer).empty()) return;
  const std::scoped_lock ring(ring_mutex_);
  if (auto broker = ring_.broker()) (*broker)->hear(profile_, answer);
}

Result<bool> Tokens::seals_bodies() {
  http::Request probe;
  probe.method = "POST";
  probe.body = "{}";
  const auto dressed = TRY(dress(Secret("x"), probe));
  return dressed.body != probe.body;
}

}  // namespace latchkey::proxy
