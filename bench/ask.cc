// A closed-loop load on a Unix socket, one connection a request: the same bytes are sent
// each time, and read until the other side closes.
//
//   ask --socket PATH --callers N --seconds S [--pause MICROSECONDS] [--each FILE]
//       [--wanted TEXT] < the request
//
// An answer without the wanted text counts as refused. --pause: between two requests of a
// caller. --each: a line a request, "when took number": microseconds since 1970,
// microseconds, and the number behind "expires_at": in the answer (0: none). Prints one JSON
// object.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

struct Plan {
  std::string socket;
  int callers = 1;
  double seconds = 5;
  long pause = 0;
  std::string each;
  std::string wanted = "200";
  std::string request;
};

struct Asked {
  long long when = 0;
  double took = 0;  // microseconds
  long long until = 0;
};

struct Tally {
  std::vector<Asked> asked;
  long refused = 0;
  long broken = 0;
};

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

/// What came until the other side closed; empty when something broke.
std::string ask_once(const Plan& plan) {
  const int fd = connect_to(plan.socket);
  if (fd < 0) return {};
  std::string answer;
  char piece[16384];
  ssize_t got = send(fd, plan.request.data(), plan.request.size(), MSG_NOSIGNAL);
  const bool sent = got == static_cast<ssize_t>(plan.request.size());
  while (sent && (got = recv(fd, piece, sizeof piece, 0)) > 0)
    answer.append(piece, static_cast<std::size_t>(got));
  close(fd);
  return sent && got == 0 ? answer : std::string();
}

long long until_of(const std::string& answer) {
  constexpr std::string_view kName = "\"expires_at\":";
  const auto at = answer.find(kName);
  return at == answer.npos ? 0 : std::strtoll(answer.c_str() + at + kName.size(), nullptr, 10);
}

Tally walk(const Plan& plan, Clock::time_point end) {
  Tally tally;
  tally.asked.reserve(1 << 20);
  while (Clock::now() < end) {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const auto start = Clock::now();
    const std::string answer = ask_once(plan);
    const std::chrono::duration<double, std::micro> took = Clock::now() - start;
    if (answer.empty()) ++tally.broken;
    else if (answer.find(plan.wanted) == answer.npos) ++tally.refused;
    tally.asked.push_back({std::chrono::duration_cast<microseconds>(wall).count(), took.count(),
                           plan.each.empty() ? 0 : until_of(answer)});
    if (plan.pause > 0) std::this_thread::sleep_for(microseconds(plan.pause));
  }
  return tally;
}

Plan read_plan(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--socket") plan.socket = value;
    else if (name == "--callers") plan.callers = std::atoi(value);
    else if (name == "--seconds") plan.seconds = std::atof(value);
    else if (name == "--pause") plan.pause = std::atol(value);
    else if (name == "--each") plan.each = value;
    else if (name == "--wanted") plan.wanted = value;
    else std::exit(2);
  }
  plan.request.assign(std::istreambuf_iterator<char>(std::cin), {});
  return plan;
}

void write_each(const std::string& path, const std::vector<Asked>& all) {
  if (std::FILE* file = std::fopen(path.c_str(), "w")) {
    for (const auto& one : all)
      std::fprintf(file, "%lld %.1f %lld\n", one.when, one.took, one.until);
    std::fclose(file);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = read_plan(argc, argv);
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration_cast<Clock::duration>(
                               std::chrono::duration<double>(plan.seconds));
  std::vector<Tally> tallies(static_cast<std::size_t>(std::max(plan.callers, 1)));
  std::vector<std::thread> threads;
  for (auto& tally : tallies) threads.emplace_back([&] { tally = walk(plan, end); });
  for (auto& thread : threads) thread.join();
  const double took = std::chrono::duration<double>(Clock::now() - start).count();

  Tally sum;
  for (const auto& tally : tallies) {
    sum.asked.insert(sum.asked.end(), tally.asked.begin(), tally.asked.end());
    sum.refused += tally.refused;
    sum.broken += tally.broken;
  }
  if (!plan.each.empty()) write_each(plan.each, sum.asked);
  auto& all = sum.asked;
  std::ranges::sort(all, {}, &Asked::took);
  const auto at = [&](double part) {
    return all.empty() ? 0.0 : all[static_cast<std::size_t>(part * double(all.size() - 1))].took;
  };
  std::printf(
      "{\"per_second\":%.1f,\"requests\":%zu,\"refused\":%ld,\"broken\":%ld,\"p50_us\":%.1f,"
      "\"p99_us\":%.1f,\"most_us\":%.1f}\n",
      static_cast<double>(all.size()) / took, all.size(), sum.refused, sum.broken, at(0.5),
      at(0.99), at(1));
  return sum.broken > 0 || sum.refused > 0 ? 1 : 0;
}
