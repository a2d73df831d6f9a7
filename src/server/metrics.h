#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "engine/local_authority.h"
#include "server/served.h"

namespace latchkey::server {

/// Counts what an authority does, and writes it as Prometheus reads it (text format
/// 0.0.4). Labels come from closed lists: realms as configured, operations, outcomes
/// (ok, refused, or a Why's name), classes of status; never from a peer. Counting
/// takes no lock and no memory, whatever peers do. Thread-safe.
class Metrics {
 public:
  explicit Metrics(const std::vector<std::string>& realms);
  ~Metrics();

  void served(const Served& served);
  void told(const engine::Event& event);

  /// Something that is measured when somebody asks. Before the first text().
  struct Gauge {
    std::string name;  ///< "latchkeyd_ready"
    std::string help;
    std::string labels;  ///< "{queue=\"commit\"}" or ""
    std::function<double()> value;
  };
  void add(Gauge gauge) { gauges_.push_back(std::move(gauge)); }

  std::string text() const;

 private:
  struct Series;
  struct OfRealm;

  Series& series_of(const Served& served) const;
  void write_requests(std::string& out) const;
  void write_seconds(std::string& out) const;
  void write_events(std::string& out) const;
  void write_gauges(std::string& out) const;

  std::vector<std::unique_ptr<OfRealm>> realms_;  ///< the first one is of no realm
  std::vector<Gauge> gauges_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> events_;  ///< realm and what
};

/// This process as every exporter shows it (process_*), read from /proc/self when asked.
void add_process_gauges(Metrics& metrics, Instant started);

}  // namespace latchkey::server
