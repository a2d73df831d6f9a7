#include "server/metrics.h"

#include <algorithm>
#include <charconv>

namespace latchkey::server {
namespace {

/// Upper ends, in microseconds; how Prometheus writes them, in seconds.
constexpr std::array<std::int64_t, 14> kEnds{500,       1'000,     2'500,     5'000,     10'000,
                                             25'000,    50'000,    100'000,   250'000,   500'000,
                                             1'000'000, 2'500'000, 5'000'000, 10'000'000};
constexpr std::array<const char*, 14> kEndNames{"0.0005", "0.001", "0.0025", "0.005", "0.01",
                                                "0.025",  "0.05",  "0.1",    "0.25",  "0.5",
                                                "1",      "2.5",   "5",      "10"};
constexpr std::array<const char*, 5> kClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::size_t kOk = 0, kRefused = 1, kFirstWhy = 2;
constexpr std::size_t kOutcomes = kFirstWhy + std::size(kEveryWhy);

template <std::size_t... I>
std::vector<std::string> operation_names(std::index_sequence<I...>) {
  return {engine::name_of(engine::Operation(std::in_place_index<I>))...};
}

/// Every operation that there is; "page"; and what is none, or could not be read.
const std::vector<std::string>& operations() {
  static const std::vector<std::string> kNames = [] {
    auto names =
        operation_names(std::make_index_sequence<std::variant_size_v<engine::Operation>>());
    names.emplace_back("page");
    names.emplace_back("other");
    return names;
  }();
  return kNames;
}

const char* outcome_name(std::size_t outcome) {
  if (outcome == kOk) return "ok";
  return outcome == kRefused ? "refused" : name_of(kEveryWhy[outcome - kFirstWhy]);
}

std::size_t outcome_of(const Served& served) {
  if (!served.error) return served.status < 400 ? kOk : kRefused;
  const auto* at = std::ranges::find(kEveryWhy, served.error->why);
  return kFirstWhy + static_cast<std::size_t>(at - std::begin(kEveryWhy));
}

void head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out += "# HELP " + std::string(name) + " " + std::string(help) + "\n";
  out += "# TYPE " + std::string(name) + " " + std::string(type) + "\n";
}

std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

}  // namespace

/// What is counted of one operation in one realm.
struct Metrics::Series {
  std::array<std::array<std::atomic<std::uint64_t>, kClasses.size()>, kOutcomes> requests{};
  std::array<std::atomic<std::uint64_t>, kEnds.size() + 1> buckets{};
  std::atomic<std::uint64_t> micros{0};
};

struct Metrics::OfRealm {
  explicit OfRealm(std::string of) : name(std::move(of)), operations(server::operations().size()) {}
  const std::string name;
  std::vector<Series> operations;
};

Metrics::Metrics(const std::vector<std::string>& realms) {
  realms_.push_back(std::make_unique<OfRealm>(""));
  for (const auto& realm : realms) realms_.push_back(std::make_unique<OfRealm>(realm));
}

Metrics::~Metrics() = default;

Metrics::Series& Metrics::series_of(const Served& served) const {
  const auto realm =
      std::ranges::find_if(realms_, [&](const auto& one) { return one->name == served.realm; });
  OfRealm& mine = realm == realms_.end() ? *realms_.front() : **realm;
  const auto& names = operations();
  const auto at = std::ranges::find(names, served.operation);
  const auto index =
      std::min<std::size_t>(static_cast<std::size_t>(at - names.begin()), names.size() - 1);
  return mine.operations[index];
}

void Metrics::served(const Served& served) {
  Series& series = series_of(served);
  const auto status = static_cast<std::size_t>(std::clamp(served.status / 100, 1, 5) - 1);
  series.requests[outcome_of(served)][status].fetch_add(1, std::memory_order_relaxed);
  const auto* end = std::ranges::lower_bound(kEnds, served.took.count());
  series.buckets[static_cast<std::size_t>(end - kEnds.begin())].fetch_add(
      1, std::memory_order_relaxed);
  series.micros.fetch_add(static_cast<std::uint64_t>(served.took.count()),
                          std::memory_order_relaxed);
}

void Metrics::told(const engine::Event& event) {
  std::scoped_lock lock(mutex_);
  ++events_[{event.realm.text, event.what}];
}

void Metrics::write_requests(std::string& out) const {
  head(out, "latchkeyd_requests_total", "Requests answered.", "counter");
  for (const auto& realm : realms_)
    for (std::size_t o = 0; o < operations().size(); ++o)
      for (std::size_t why = 0; why < kOutcomes; ++why)
        for (std::size_t c = 0; c < kClasses.size(); ++c) {
          const auto n = realm->operations[o].requests[why][c].load(std::memory_order_relaxed);
          if (n == 0) continue;
          out += "latchkeyd_requests_total{realm=\"" + realm->name + "\",operation=\"" +
                 operations()[o] + "\",outcome=\"" + outcome_name(why) + "\",status=\"" +
                 kClasses[c] + "\"} " + std::to_string(n) + "\n";
        }
}

void Metrics::write_seconds(std::string& out) const {
  constexpr std::string_view kName = "latchkeyd_request_seconds";
  head(out, kName, "From a request's last byte to its answer.", "histogram");
  for (const auto& realm : realms_)
    for (std::size_t o = 0; o < operations().size(); ++o) {
      const Series& series = realm->operations[o];
      const std::string labels =
          "realm=\"" + realm->name + "\",operation=\"" + operations()[o] + "\"";
      std::string lines;
      std::uint64_t sum = 0;
      for (std::size_t b = 0; b < series.buckets.size(); ++b) {
        sum += series.buckets[b].load(std::memory_order_relaxed);
        lines += std::string(kName) + "_bucket{" + labels + ",le=\"" +
                 (b < kEndNames.size() ? kEndNames[b] : "+Inf") + "\"} " + std::to_string(sum) +
                 "\n";
      }
      if (sum == 0) continue;
      const auto micros = static_cast<double>(series.micros.load(std::memory_order_relaxed));
      out += lines + std::string(kName) + "_sum{" + labels + "} " + number(micros / 1e6) + "\n" +
             std::string(kName) + "_count{" + labels + "} " + std::to_string(sum) + "\n";
    }
}

void Metrics::write_events(std::string& out) const {
  head(out, "latchkeyd_events_total", "What happened, by the names of the audit log.", "counter");
  std::scoped_lock lock(mutex_);
  for (const auto& [key, n] : events_)
    out += "latchkeyd_events_total{realm=\"" + key.first + "\",event=\"" + key.second + "\"} " +
           std::to_string(n) + "\n";
}

void Metrics::write_gauges(std::string& out) const {
  std::string_view last;
  for (const Gauge& gauge : gauges_) {
    const bool counts = gauge.name.ends_with("_total");
    if (gauge.name != last) head(out, gauge.name, gauge.help, counts ? "counter" : "gauge");
    out += gauge.name + gauge.labels + " " + number(gauge.value()) + "\n";
    last = gauge.name;
  }
}

std::string Metrics::text() const {
  std::string out;
  write_requests(out);
  write_seconds(out);
  write_events(out);
  write_gauges(out);
  return out;
}

}  // namespace latchkey::server
