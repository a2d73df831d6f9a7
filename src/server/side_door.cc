#include "server/side_door.h"

namespace latchkey::server {
namespace {

constexpr Workers kWorkers{
    .slow_threads = 1, .slow_queue = 1, .commit_threads = 2, .commit_queue = 64};
constexpr int kConnections = 64;

}  // namespace

Result<std::unique_ptr<SideDoor>> SideDoor::make(net::ServerOptions listen,
                                                 std::vector<Extra> extras, const Clock& clock,
                                                 bool log_requests) {
  std::unique_ptr<SideDoor> door(new SideDoor);
  door->site_ = std::make_unique<Site>(SiteOptions{.workers = kWorkers,
                                                   .tls = !listen.certificate_file.empty(),
                                                   .log_requests = log_requests},
                                       clock);
  Site& site = *door->site_;
  for (Extra& extra : extras) site.add(std::move(extra));
  listen.threads = 1;
  listen.limits.connections = kConnections;
  listen.on_refused = [&site](const net::Refused& r) { return site.refused(r); };
  door->server_ =
      TRY(net::HttpServer::make(std::move(listen), [&site](http::Request r, net::Reply reply) {
        site.handle(std::move(r), std::move(reply));
      }));
  return door;
}

SideDoor::~SideDoor() {
  if (thread_.joinable()) {
    server_->drain(kPatience);
    thread_.join();
  }
  if (site_) site_->stop();
}

void SideDoor::start() {
  thread_ = std::thread([this] { server_->run(); });
}

}  // namespace latchkey::server
