#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "net/http_server.h"
#include "server/count.h"
#include "server/dialect_route.h"
#include "server/served.h"
#include "server/worker_pool.h"

namespace latchkey::server {

/// How many threads and how long a queue.
struct Workers {
  int slow_threads = 2;  ///< password hashes at the same time, 32 MiB each
  std::size_t slow_queue = 64;
  int commit_threads = 32;  ///< operations that share commits
  std::size_t commit_queue = 1024;
};

struct SiteOptions {
  Workers workers = {};
  bool behind_proxy = false;  ///< X-Request-Id and X-Forwarded-For are the proxy's: believed
  bool tls = false;           ///< says so to browsers (HSTS)
  bool log_requests = true;
};

/// Paths that are no realm's. Runs on a worker thread, so it may use the store.
struct Extra {
  std::string prefix;  ///< "/livez": that path; "/_sandbox/": every path below
  std::function<http::Response(const http::Request&, Instant now)> answer;
  /// On a thread that no realm has a part in: it answers when the store does not.
  bool apart = false;
};

/// What is said, and how it leaves.
struct Outgoing {
  Outgoing(http::Response r, net::Delivery d = {}, std::string f = {})
      : response(std::move(r)), delivery(d), fault(std::move(f)) {}

  http::Response response;
  net::Delivery delivery;
  std::string fault;  ///< what was done to it on purpose; for the record
};

/// Stands in for DialectCall::perform: the sandbox's way between a request that was
/// decoded and its answer. `id` is the request's. Runs on a worker thread.
using Perform = std::function<Outgoing(DialectCall& call, const std::string& id, Instant now)>;

/// All that an authority serves: gives each request its id, finds whose it is,
/// runs it where it may run, and writes it down. Thread-safe once it serves.
class Site {
 public:
  Site(SiteOptions options, const Clock& clock);
  /// Finishes what its workers have begun.
  ~Site();

  // Before the first request only. Realms are asked in this order.
  void add(std::unique_ptr<ServedRealm> realm) { realms_.push_back(std::move(realm)); }
  void add(Extra extra) { extras_.push_back(std::move(extra)); }
  /// `stop` ends what `perform` may be waiting for.
  void perform_with(Perform perform, std::function<void()> stop = {}) {
    perform_ = std::move(perform);
    stop_performing_ = std::move(stop);
  }
  void on_served(std::function<void(const Served&)> listener) {
    listeners_.push_back(std::move(listener));
  }

  const std::vector<std::unique_ptr<ServedRealm>>& realms() const { return realms_; }
  /// Requests that wait for a thread of that lane.
  std::size_t waiting(Lane lane) const;

  /// A net::Handler.
  void handle(http::Request request, net::Reply reply);
  /// For net::ServerOptions::on_refused.
  http::Response refused(const net::Refused& refused);
  /// No more work is taken; returns when what was taken is answered.
  void stop();

 private:
  struct Exchange;
  struct Waiting;
  using Burst = std::vector<Waiting>;
  using ExchangePtr = std::unique_ptr<Exchange>;

  std::optional<http::Response> refused_by_realm(const net::Refused& refused) const;
  void tell(const Served& served) const;
  void serve_extra(const Extra& extra, ExchangePtr exchange, http::Request request);
  void serve_realm(const ServedRealm& realm, ExchangePtr exchange, http::Request request);
  void serve_later(ExchangePtr exchange);
  std::weak_ptr<Burst>& burst_for(engine::Store& store);
  void send(engine::Store& store, Burst burst);
  void end(Burst& burst, std::vector<Result<>> committed);
  void serve_page(PagesRoute& pages, ExchangePtr exchange, http::Request request);
  void run(WorkerPool& pool, ExchangePtr exchange, std::function<Outgoing(Exchange&, Instant)> work,
           std::function<Outgoing(Exchange&, Instant)> otherwise);
  void finish(Exchange& exchange, Outgoing answer);
  /// The same with what `work` gives; an exception is a 500.
  void answer(Exchange& exchange, const std::function<Outgoing(Exchange&, Instant)>& work);
  std::string next_id();
  std::string id_of(const http::Request& request);

  const SiteOptions options_;
  const Clock& clock_;
  std::vector<std::unique_ptr<ServedRealm>> realms_;
  std::vector<Extra> extras_;
  Perform perform_;
  std::function<void()> stop_performing_;
  std::vector<std::function<void(const Served&)>> listeners_;
  const std::string id_start_;
  std::atomic<std::uint64_t> id_count_{0};
  WorkerPool slow_, commit_, apart_;
  Count later_;  // with the store
  std::mutex bursts_mutex_;
  /// What came since a network thread looked for requests the last time, by thread and store; it
  /// alone touches it. Null: the last one is on its way.
  std::map<std::pair<std::thread::id, engine::Store*>, std::weak_ptr<Burst>> bursts_;
};

}  // namespace latchkey::server
