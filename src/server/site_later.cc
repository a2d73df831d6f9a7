#include "server/site_exchange.h"

// Requests whose answer waits for a commit, and that hold no thread meanwhile. Each goes to the
// store together with those that were ready at the same time: on one processor a writer that
// wakes for the first of them would commit it alone. But not all of a crowd together: while some
// of it is being synced, the rest is made ready.

namespace latchkey::server {

namespace {

constexpr std::size_t kMostTogether = 32;

}  // namespace

struct Site::Waiting {
  ExchangePtr exchange;
  std::unique_ptr<engine::Begun> begun;
  Count::Inside in;
};

std::weak_ptr<Site::Burst>& Site::burst_for(engine::Store& store) {
  const std::scoped_lock lock(bursts_mutex_);
  return bursts_[{std::this_thread::get_id(), &store}];
}

// What was posted runs behind the requests that are ready now. Where the loop ends before, the
// burst ends with it, and its requests are answered as those that nobody answered.
void Site::serve_later(ExchangePtr exchange) {
  DialectCall& call = *exchange->call;
  auto begun = call.begin(clock_.now());
  if (!begun) return finish(*exchange, call.encode(fail(begun.error()), clock_.now()));
  engine::Store& store = call.realm().authority().store();
  std::weak_ptr<Burst>& gathered = burst_for(store);
  auto burst = gathered.lock();
  const bool first = burst == nullptr;
  if (first) gathered = burst = std::make_shared<Burst>();
  const net::Reply reply = exchange->reply;
  burst->push_back({std::move(exchange), *std::move(begun), later_.enter()});
  if (burst->size() == kMostTogether) {
    gathered.reset();
    send(store, std::exchange(*burst, {}));
  } else if (first) {
    reply.post([this, &store, burst = std::move(burst)] { send(store, std::move(*burst)); });
  }
}

void Site::send(engine::Store& store, Burst burst) {
  if (burst.empty()) return;  // it was sent when it was full
  std::vector<engine::Store::Work> works;
  works.reserve(burst.size());
  for (Waiting& one : burst)
    works.push_back([begun = one.begun.get()](engine::Tx& tx) { return begun->work(tx); });
  store.transact_later(std::move(works),
                       [this, burst = std::move(burst)](std::vector<Result<>> committed) mutable {
                         end(burst, std::move(committed));
                       });
}

// On the store's thread. The network thread says how each ended, or a worker, when that is
// written down first.
void Site::end(Burst& burst, std::vector<Result<>> committed) {
  const net::Reply reply = burst.front().exchange->reply;
  std::vector<WorkerPool::Job> ended;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    Waiting& one = burst[i];
    const bool grave = committed[i] && one.begun->is_grave();
    WorkerPool::Job say = [this, exchange = std::move(one.exchange), begun = std::move(one.begun),
                           how = std::move(committed[i])] {
      answer(*exchange,
             [&](Exchange& e, Instant now) -> Outgoing { return e.call->end(*begun, how, now); });
    };
    if (!grave || !commit_.offer(say)) ended.push_back(std::move(say));
  }
  if (ended.empty()) return;
  reply.post([ended = std::move(ended)]() mutable {
    for (WorkerPool::Job& say : ended) say();
  });
}

}  // namespace latchkey::server
