#include "server/health.h"

#include "base/log.h"

namespace latchkey::server {
namespace {

constexpr std::chrono::seconds kFresh{1};
constexpr const char* kComeBack = "2";

http::Response answer(const http::Request& request, bool good) {
  http::Response response{.status = request.method != "GET" ? 405 : good ? 200 : 503};
  response.headers.add("Content-Type", "text/plain; charset=utf-8")
      .add("Cache-Control", "no-store");
  if (response.status == 405) response.headers.add("Allow", "GET, HEAD");
  if (response.status == 503) response.headers.add("Retry-After", kComeBack);
  if (response.status != 405) response.body = good ? "ok\n" : "unavailable\n";
  return response;
}

}  // namespace

Health::Health(engine::Store& store, std::chrono::milliseconds deadline)
    : store_(store), deadline_(deadline), thread_([this] { run(); }) {}

Health::~Health() {
  {
    std::scoped_lock lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

http::Response Health::livez(const http::Request& request) const { return answer(request, true); }

http::Response Health::readyz(const http::Request& request, Instant now) {
  return answer(request, request.method == "GET" && can_write(now) && !draining_);
}

/// The store may make whoever writes wait for long; it is one thread that waits.
bool Health::can_write(Instant now) {
  std::unique_lock lock(mutex_);
  if (done_ && done_->elapsed() < kFresh) return writable_;
  const bool overdue = under_way_ && under_way_->elapsed() >= deadline_;
  if (overdue) return writable_ = false;
  const std::uint64_t before = count_;
  wanted_ = now;
  wake_.notify_all();
  if (!written_.wait_for(lock, deadline_, [&] { return count_ != before; })) writable_ = false;
  return writable_;
}

Result<int> Health::write(Instant now) {
  try {
    return store_.transact(
        [&](engine::Tx& tx) { return tx.count(Realm("_authority"), "ready", now, Seconds{3600}); });
  } catch (const std::exception& e) {
    return fail(Why::kBug, "", e.what());
  }
}

void Health::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopped_ || wanted_; });
    if (stopped_) return;
    const Instant now = *std::exchange(wanted_, std::nullopt);
    under_way_.emplace();
    lock.unlock();
    const auto done = write(now);
    if (!done)
      log::write(
          log::Level::kError, "not_ready",
          {{"why", std::string_view(name_of(done.error().why))}, {"note", done.error().note}});
    lock.lock();
    const bool in_time = under_way_->elapsed() < deadline_;
    under_way_.reset();
    done_.emplace();
    writable_ = done.has_value() && in_time;
    ++count_;
    written_.notify_all();
  }
}

}  // namespace latchkey::server
