// A closed-loop load: each connection sends its next request when the last one is
// answered. Where the answer carries the token for the next request (a rotation),
// each connection walks a chain of its own. One thread, so that the load costs less
// than what it measures.
//
//   load --port N --connections N --seconds N --path P --body B [--type T]
//        [--header "Name: value"]... [--next FIELD | --once yes] < one token a line
//
// "{}" in path, body and headers is the connection's token. With --next, the token
// is replaced by that JSON field of each answer; with --once yes, by the next of the list, until
// there is none. Prints one JSON object.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;

struct Plan {
  int port = 0;
  int connections = 8;
  double seconds = 5;
  std::string method = "POST";
  std::string path = "/";
  std::string body;
  std::string type = "application/json";
  std::vector<std::string> headers;
  std::string next;
  bool once = false;
};

struct Tally {
  std::vector<std::uint32_t> microseconds;
  long refused = 0;
  bool broken = false;  // the connection that was heard last
  int lost = 0;         // connections
};

std::string filled(std::string text, const std::string& token) {
  for (auto at = text.find("{}"); at != std::string::npos; at = text.find("{}", at + token.size()))
    text.replace(at, 2, token);
  return text;
}

std::string request_of(const Plan& plan, const std::string& token) {
  const std::string body = filled(plan.body, token);
  std::string text =
      plan.method + " " + filled(plan.path, token) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& header : plan.headers) text += filled(header, token) + "\r\n";
  if (plan.method != "GET")
    text += "Content-Type: " + plan.type + "\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n";
  return text + "\r\n" + body;
}

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

/// One answer as far as it has come.
class Answer {
 public:
  /// Takes what there is; false when the connection broke.
  bool read(int fd) {
    char piece[16384];
    const auto got = recv(fd, piece, sizeof piece, 0);
    if (got <= 0) return false;
    text_.append(piece, static_cast<std::size_t>(got));
    if (head_ == std::string::npos && (head_ = text_.find("\r\n\r\n")) != std::string::npos) {
      const auto at = text_.find("\r\nContent-Length:");
      body_ = at < head_ ? std::strtoul(text_.c_str() + at + 17, nullptr, 10) : 0;
    }
    return true;
  }
  bool complete() const { return head_ != std::string::npos && text_.size() >= head_ + 4 + body_; }
  int status() const { return std::atoi(text_.c_str() + 9); }
  std::string_view body() const { return std::string_view(text_).substr(head_ + 4, body_); }
  void clear() {
    text_.clear();
    head_ = std::string::npos;
    body_ = 0;
  }

 private:
  std::string text_;
  std::size_t head_ = std::string::npos, body_ = 0;
};

std::string field_of(std::string_view body, const std::string& name) {
  const auto at = body.find("\"" + name + "\":\"");
  if (at == body.npos) return {};
  const auto start = at + name.size() + 4;
  return std::string(body.substr(start, body.find('"', start) - start));
}

/// One connection and its chain.
struct Walk {
  std::string token;
  int fd = -1;
  Answer answer = {};
  Steady::time_point asked = {};

  bool ask(const Plan& plan) {
    const std::string request = request_of(plan, token);
    asked = Steady::now();
    return send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request.size());
  }
};

/// The tokens, one after the other.
struct Tokens {
  std::vector<std::string> list;
  std::size_t taken = 0;

  const std::string& next() { return list[taken++ % list.size()]; }
  bool left() const { return taken < list.size(); }
};

/// What to do when bytes have come; false when the connection is done, or broke.
bool hear(const Plan& plan, Walk& walk, Tokens& tokens, Tally& tally, Steady::time_point end) {
  tally.broken = !walk.answer.read(walk.fd);
  if (tally.broken) return false;
  if (!walk.answer.complete()) return true;
  const auto now = Steady::now();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - walk.asked);
  tally.microseconds.push_back(static_cast<std::uint32_t>(took.count()));
  const bool good = walk.answer.status() / 100 == 2;
  if (!good) ++tally.refused;
  if (good && !plan.next.empty()) walk.token = field_of(walk.answer.body(), plan.next);
  walk.answer.clear();
  if (now >= end || (plan.once && !tokens.left())) return false;
  if (plan.once) walk.token = tokens.next();
  tally.broken = !walk.ask(plan);
  return !tally.broken;
}

Tally walk_all(const Plan& plan, std::vector<Walk> walks, Tokens& tokens, Steady::time_point end) {
  Tally tally;
  const int poll = epoll_create1(0);
  std::size_t open = 0;
  for (Walk& walk : walks) {
    walk.fd = connect_to(plan.port);
    epoll_event wanted{.events = EPOLLIN, .data = {.ptr = &walk}};
    const bool good = walk.fd >= 0 && epoll_ctl(poll, EPOLL_CTL_ADD, walk.fd, &wanted) == 0;
    if (good && walk.ask(plan)) ++open;
    else ++tally.lost;
  }
  std::vector<epoll_event> ready(walks.size());
  while (open > 0) {
    const int count = epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 30'000);
    if (count <= 0) {  // nobody was answered for half a minute
      tally.lost += static_cast<int>(open);
      break;
    }
    for (int i = 0; i < count; ++i) {
      Walk& walk = *static_cast<Walk*>(ready[static_cast<std::size_t>(i)].data.ptr);
      if (hear(plan, walk, tokens, tally, end)) continue;
      tally.lost += tally.broken ? 1 : 0;
      close(walk.fd);
      --open;
    }
  }
  close(poll);
  return tally;
}

Plan read_plan(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port") plan.port = std::atoi(value);
    else if (name == "--connections") plan.connections = std::atoi(value);
    else if (name == "--seconds") plan.seconds = std::atof(value);
    else if (name == "--method") plan.method = value;
    else if (name == "--path") plan.path = value;
    else if (name == "--body") plan.body = value;
    else if (name == "--type") plan.type = value;
    else if (name == "--header") plan.headers.emplace_back(value);
    else if (name == "--next") plan.next = value;
    else if (name == "--once") plan.once = true;
    else std::exit(2);
  }
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = read_plan(argc, argv);
  Tokens tokens;
  for (std::string line; std::getline(std::cin, line);) tokens.list.push_back(line);
  tokens.list.resize(std::max<std::size_t>(tokens.list.size(), 1));

  const auto start = Steady::now();
  const auto end = start + std::chrono::duration_cast<Steady::duration>(
                               std::chrono::duration<double>(plan.seconds));
  std::vector<Walk> walks;
  for (int i = 0; i < plan.connections; ++i) walks.push_back({.token = tokens.next()});
  Tally tally = walk_all(plan, std::move(walks), tokens, end);
  const double took = std::chrono::duration<double>(Steady::now() - start).count();

  std::vector<std::uint32_t>& all = tally.microseconds;
  std::sort(all.begin(), all.end());
  const auto at = [&](double part) {
    return all.empty() ? 0u
                       : all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))];
  };
  std::printf(
      "{\"per_second\":%.1f,\"requests\":%zu,\"refused\":%ld,\"broken\":%d,\"p50_us\":%u,\"p99_"
      "us\":%u}\n",
      static_cast<double>(all.size()) / took, all.size(), tally.refused, tally.lost, at(0.5),
      at(0.99));
  return tally.lost > 0 || tally.refused > 0 ? 1 : 0;
}
