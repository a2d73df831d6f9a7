#include "net/loop.h"

#include <ctime>
#include <vector>

#include "net/http_writer.h"

namespace latchkey::net {

http::Response ServerShared::refused(const Refused& refused) const {
  http::Response response;
  if (options.on_refused) {
    response = options.on_refused(refused);
  } else {
    response.status = refused.status;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.body = std::string(refused.why) + "\n";
  }
  return response;
}

Loop::~Loop() {
  home->close();
  for (auto it = connections_.begin(); it != connections_.end();) (it++)->cut();
}

void Loop::add(ConnectionBase& connection) {
  connections_.push_back(connection);
  if (!armed_) arm();
}

void Loop::arm() {
  armed_ = true;
  timer_.expires_after(draining_ ? kDrainTick : kTick);
  timer_.async_wait([this](const boost::system::error_code&) { tick(); });
}

void Loop::tick() {
  const auto now = std::chrono::steady_clock::now();
  armed_ = false;
  for (auto it = connections_.begin(); it != connections_.end();) {
    ConnectionBase& connection = *it++;  // it may go while we look at it
    if (now >= end_) connection.cut();
    else if (now >= connection.deadline) connection.too_late();
  }
  // The armed timer keeps run() from returning while somebody waits for a handler.
  if (!connections_.empty() && now < end_) arm();
}

void Loop::drain(SteadyTime end) {
  end_ = std::min(end_, end);
  if (std::exchange(draining_, true)) return;
  for (auto it = connections_.begin(); it != connections_.end();) (it++)->drain();
  timer_.cancel();  // looks around at once
}

void Loop::make_room() {
  for (auto it = connections_.begin(); it != connections_.end();)
    if ((it++)->give_way()) return;
}

std::string_view Loop::date() {
  const std::time_t second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(from_epoch(second));
  }
  return date_;
}

}  // namespace latchkey::net
