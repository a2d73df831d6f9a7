#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "server/metrics.h"

namespace latchkey::server {
namespace {

std::string read_all(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Field `n` of /proc/self/stat, counted from one as proc(5) does. The second one, a
/// name in parentheses, may hold anything.
double stat_field(std::size_t n) {
  const std::string stat = read_all("/proc/self/stat");
  const auto end = stat.rfind(')');
  if (end == std::string::npos || end + 2 > stat.size()) return 0;
  const auto fields = split(std::string_view(stat).substr(end + 2), ' ');
  if (n < 3 || n - 3 >= fields.size()) return 0;
  return static_cast<double>(parse_int(fields[n - 3]).value_or(0));
}

double open_files() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error))
    ++count;
  return count;
}

double most_files() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

double ticks() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }
double page() { return static_cast<double>(sysconf(_SC_PAGESIZE)); }

}  // namespace

void add_process_gauges(Metrics& metrics, Instant started) {
  metrics.add({"process_cpu_seconds_total", "User and system time spent.", "",
               [] { return (stat_field(14) + stat_field(15)) / ticks(); }});
  metrics.add({"process_resident_memory_bytes", "Resident memory.", "",
               [] { return stat_field(24) * page(); }});
  metrics.add(
      {"process_virtual_memory_bytes", "Virtual memory.", "", [] { return stat_field(23); }});
  metrics.add({"process_threads", "Threads.", "", [] { return stat_field(20); }});
  metrics.add({"process_open_fds", "Open file descriptors.", "", open_files});
  metrics.add({"process_max_fds", "The most file descriptors that may be open.", "", most_files});
  metrics.add({"process_start_time_seconds", "When it started, since 1970.", "",
               [started] { return static_cast<double>(epoch(started)); }});
}

}  // namespace latchkey::server
