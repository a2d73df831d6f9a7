#include "server/site_exchange.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "crypto/random.h"
#include "server/network.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kLongestId = 64;
constexpr std::size_t kApartQueue = 16;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
  });
}

http::Response plain(int status, std::string_view text) {
  http::Response response{.status = status};
  response.headers.add("Content-Type", "text/plain; charset=utf-8")
      .add("Cache-Control", "no-store");
  response.body = std::string(text) + "\n";
  return response;
}

http::Response busy() {
  http::Response response = plain(503, "busy, try again");
  response.headers.add("Retry-After", "1");
  return response;
}

bool is_for(const Extra& extra, std::string_view path) {
  return extra.prefix.ends_with('/') ? path.starts_with(extra.prefix) : path == extra.prefix;
}

}  // namespace

Site::Site(SiteOptions options, const Clock& clock)
    : options_(options),
      clock_(clock),
      id_start_(to_hex(crypto::random_bytes(6))),
      slow_(options.workers.slow_threads, options.workers.slow_queue),
      commit_(options.workers.commit_threads, options.workers.commit_queue),
      apart_(1, kApartQueue) {}

Site::~Site() { stop(); }

void Site::stop() {
  if (const auto stop_performing = std::exchange(stop_performing_, {})) stop_performing();
  slow_.stop();
  commit_.stop();
  apart_.stop();
  later_.wait_for_none();
}

std::size_t Site::waiting(Lane lane) const {
  switch (lane) {
    case Lane::kHere: return 0;
    case Lane::kLater: return later_.inside();
    case Lane::kCommit: return commit_.waiting();
    case Lane::kSlow: return slow_.waiting();
  }
  return 0;
}

void Site::tell(const Served& served) const {
  for (const auto& listener : listeners_) listener(served);
}

std::string Site::next_id() {
  const std::uint64_t n = ++id_count_;
  return id_start_ + "-" + std::to_string(n);
}

std::string Site::id_of(const http::Request& request) {
  const auto* given = options_.behind_proxy ? request.headers.find("X-Request-Id") : nullptr;
  return given != nullptr && is_id(*given) ? *given : next_id();
}

void Site::handle(http::Request request, net::Reply reply) {
  auto exchange = std::make_unique<Exchange>(Exchange{.reply = std::move(reply)});
  Served& served = exchange->served;
  served.id = id_of(request);
  served.peer = request.peer;
  served.method = request.method;
  served.target = http::loggable_target(request.target);
  if (options_.behind_proxy)
    if (const auto* from = request.headers.find("X-Forwarded-For")) served.forwarded = *from;
  if (request.method == "HEAD") request.method = "GET";  // the connection keeps the body back

  for (const Extra& extra : extras_)
    if (is_for(extra, request.target.path))
      return serve_extra(extra, std::move(exchange), std::move(request));
  request.peer = network_of(request, options_.behind_proxy);
  for (const auto& realm : realms_) {
    const auto path = realm->path_within(request.target.path);
    if (!path) continue;
    if (path->size() != request.target.path.size()) request.target.path = std::string(*path);
    served.realm = realm->name().text;
    if (PagesRoute* pages = realm->pages_at(request.target.path))
      return serve_page(*pages, std::move(exchange), std::move(request));
    return serve_realm(*realm, std::move(exchange), std::move(request));
  }
  finish(*exchange, plain(404, "not found"));
}

void Site::serve_extra(const Extra& extra, ExchangePtr exchange, http::Request request) {
  exchange->request = std::move(request);
  run(
      extra.apart ? apart_ : commit_, std::move(exchange),
      [&extra](Exchange& e, Instant now) { return extra.answer(e.request, now); },
      [](Exchange&, Instant) { return busy(); });
}

void Site::serve_page(PagesRoute& pages, ExchangePtr exchange, http::Request request) {
  exchange->served.operation = "page";
  WorkerPool& pool = pages.is_slow(request) ? slow_ : commit_;
  exchange->request = std::move(request);
  run(
      pool, std::move(exchange),
      [&pages](Exchange& e, Instant now) { return pages.serve(e.request, now); },
      [](Exchange&, Instant) { return busy(); });
}

void Site::serve_realm(const ServedRealm& realm, ExchangePtr exchange, http::Request request) {
  auto document = realm.document(request, clock_.now());
  if (!document) return finish(*exchange, busy());
  if (*document) return finish(*exchange, **std::move(document));
  DialectCall& call = exchange->call.emplace(realm, std::move(request));
  exchange->served.operation = call.operation();
  const auto perform = [this](Exchange& e, Instant now) -> Outgoing {
    if (perform_) return perform_(*e.call, e.served.id, now);
    return e.call->perform(now);
  };
  const auto turn_away = [](Exchange& e, Instant now) { return e.call->turn_away(now); };
  const bool between = perform_ && call.asked() != nullptr;  // may wait for the disk
  const bool quick = call.lane() == Lane::kHere || call.lane() == Lane::kLater;
  switch (between && quick ? Lane::kCommit : call.lane()) {
    case Lane::kHere: return finish(*exchange, call.perform(clock_.now()));
    case Lane::kLater: return serve_later(std::move(exchange));
    case Lane::kCommit: return run(commit_, std::move(exchange), perform, turn_away);
    case Lane::kSlow: return run(slow_, std::move(exchange), perform, turn_away);
  }
}

void Site::run(WorkerPool& pool, ExchangePtr exchange,
               std::function<Outgoing(Exchange&, Instant)> work,
               std::function<Outgoing(Exchange&, Instant)> otherwise) {
  // The exchange stays reachable when the pool does not take the job.
  Exchange* raw = exchange.get();
  WorkerPool::Job job = [this, exchange = std::move(exchange), work = std::move(work)] {
    answer(*exchange, work);
  };
  if (!pool.offer(job)) finish(*raw, otherwise(*raw, clock_.now()));
}

void Site::answer(Exchange& exchange, const std::function<Outgoing(Exchange&, Instant)>& work) {
  Outgoing response{{}};
  try {
    response = work(exchange, clock_.now());
  } catch (const std::exception& e) {
    exchange.served.error = Error{Why::kBug, "", e.what()};
    response = plain(500, "internal error");
  }
  finish(exchange, std::move(response));
}

void Site::finish(Exchange& exchange, Outgoing answer) {
  http::Response& response = answer.response;
  Served& served = exchange.served;
  if (exchange.call && exchange.call->error()) served.error = exchange.call->error();
  served.status = response.status;
  served.fault = std::move(answer.fault);
  response.headers.set("X-Request-Id", served.id);
  if (response.headers.find("X-Content-Type-Options") == nullptr)
    response.headers.add("X-Content-Type-Options", "nosniff");
  if (options_.tls) response.headers.set("Strict-Transport-Security", "max-age=31536000");
  served.at = clock_.now();
  served.took = exchange.watch.elapsed();
  // Before the answer: whoever has it finds the request in the record.
  tell(served);
  exchange.reply(std::move(response), answer.delivery);
  if (options_.log_requests) log_served(served);
}

/// What is too large to be read is refused as the wire refuses what it cannot read.
std::optional<http::Response> Site::refused_by_realm(const net::Refused& refused) const {
  if (refused.head == nullptr) return std::nullopt;
  for (const auto& realm : realms_) {
    const auto path = realm->path_within(refused.head->target.path);
    if (!path || !realm->codec().owns(*path)) continue;
    http::Request request{.method = refused.head->method, .target = {std::string(*path), {}}};
    request.headers = refused.head->headers;
    return realm->codec().encode_reply({request, nullptr, clock_.now()},
                                       fail(Why::kMalformed, "the body is too large"));
  }
  return std::nullopt;
}

http::Response Site::refused(const net::Refused& refused) {
  auto shaped = refused_by_realm(refused);
  http::Response response = shaped ? std::move(*shaped) : plain(refused.status, refused.why);
  const Served served{.at = clock_.now(),
                      .id = next_id(),
                      .peer = std::string(refused.peer),
                      .target = "(" + std::string(refused.why) + ")",
                      .status = response.status};
  response.headers.add("X-Request-Id", served.id).add("X-Content-Type-Options", "nosniff");
  if (options_.log_requests) log_served(served);
  tell(served);
  return response;
}

}  // namespace latchkey::server
