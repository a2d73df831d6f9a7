#include "server/sandbox/recorder.h"

namespace latchkey::server {

void Recorder::add(const Served& served) {
  std::scoped_lock lock(mutex_);
  if (ring_.size() < kMost) return ring_.push_back(served);
  ring_[oldest_] = served;
  oldest_ = (oldest_ + 1) % kMost;
}

json::Array Recorder::last(std::size_t most) const {
  std::scoped_lock lock(mutex_);
  json::Array all;
  for (std::size_t i = ring_.size() - std::min(most, ring_.size()); i < ring_.size(); ++i) {
    const Served& one = ring_[(oldest_ + i) % ring_.size()];
    json::Object line{{"id", one.id},         {"at", to_rfc3339(one.at)},
                      {"method", one.method}, {"target", one.target},
                      {"system", one.realm},  {"operation", one.operation},
                      {"status", one.status}, {"us", static_cast<std::int64_t>(one.took.count())}};
    if (!one.fault.empty()) line.add("fault", one.fault);
    if (one.error) line.add("why", std::string(name_of(one.error->why)));
    if (one.error && !one.error->note.empty()) line.add("note", one.error->note);
    all.emplace_back(std::move(line));
  }
  return all;
}

}  // namespace latchkey::server
