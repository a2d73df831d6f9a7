// A closed-loop load: each connection sends its next request when the last one is
// answered. Where the answer carries the token for the next request (a rotation),
// each connection walks a chain of its own.
//
//   load --port N --connections N --seconds N --path P --body B [--type T]
//        [--header "Name: value"]... [--next FIELD] < one token a line
//
// "{}" in path, body and headers is the connection's token. With --next, the token
// is replaced by that JSON field of each answer. Prints one JSON object.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <thread>
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
};

struct Tally {
  std::vector<std::uint32_t> microseconds;
  long refused = 0;
  bool broken = false;
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

/// The status and body of one answer; status 0 when the connection broke.
struct Answer {
  int status = 0;
  std::string body;
};

Answer read_answer(int fd) {
  std::string text;
  char piece[16384];
  std::size_t head = std::string::npos;
  std::size_t want = 0;
  for (;;) {
    if (head == std::string::npos && (head = text.find("\r\n\r\n")) != std::string::npos) {
      std::string lower = text.substr(0, head);
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](char c) { return std::tolower(c); });
      const auto length = lower.find("content-length:");
      want =
          length == std::string::npos ? 0 : std::strtoul(lower.c_str() + length + 15, nullptr, 10);
    }
    if (head != std::string::npos && text.size() >= head + 4 + want) break;
    const auto got = recv(fd, piece, sizeof piece, 0);
    if (got <= 0) return {};
    text.append(piece, static_cast<std::size_t>(got));
  }
  return {std::atoi(text.c_str() + 9), text.substr(head + 4, want)};
}

std::string field_of(const std::string& body, const std::string& name) {
  const auto at = body.find("\"" + name + "\":\"");
  if (at == std::string::npos) return {};
  const auto start = at + name.size() + 4;
  return body.substr(start, body.find('"', start) - start);
}

Tally walk(const Plan& plan, std::string token, Steady::time_point end) {
  Tally tally;
  const int fd = connect_to(plan.port);
  tally.broken = fd < 0;
  while (!tally.broken && Steady::now() < end) {
    const std::string request = request_of(plan, token);
    const auto start = Steady::now();
    tally.broken = send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
                   static_cast<ssize_t>(request.size());
    const Answer answer = tally.broken ? Answer{} : read_answer(fd);
    tally.broken = answer.status == 0;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - start);
    tally.microseconds.push_back(static_cast<std::uint32_t>(took.count()));
    if (answer.status / 100 != 2) ++tally.refused;
    if (!plan.next.empty() && answer.status / 100 == 2) token = field_of(answer.body, plan.next);
  }
  if (fd >= 0) close(fd);
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
    else std::exit(2);
  }
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = read_plan(argc, argv);
  std::vector<std::string> tokens;
  for (std::string line; std::getline(std::cin, line);) tokens.push_back(line);
  tokens.resize(std::max<std::size_t>(tokens.size(), 1));

  const auto start = Steady::now();
  const auto end = start + std::chrono::duration_cast<Steady::duration>(
                               std::chrono::duration<double>(plan.seconds));
  std::vector<Tally> tallies(static_cast<std::size_t>(plan.connections));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < tallies.size(); ++i)
    threads.emplace_back([&, i] { tallies[i] = walk(plan, tokens[i % tokens.size()], end); });
  for (auto& thread : threads) thread.join();
  const double took = std::chrono::duration<double>(Steady::now() - start).count();

  std::vector<std::uint32_t> all;
  long refused = 0;
  int broken = 0;
  for (const auto& tally : tallies) {
    all.insert(all.end(), tally.microseconds.begin(), tally.microseconds.end());
    refused += tally.refused;
    broken += tally.broken ? 1 : 0;
  }
  std::sort(all.begin(), all.end());
  const auto at = [&](double part) {
    return all.empty() ? 0u
                       : all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))];
  };
  std::printf(
      "{\"per_second\":%.1f,\"requests\":%zu,\"refused\":%ld,\"broken\":%d,\"p50_us\":%u,\"p99_"
      "us\":%u}\n",
      static_cast<double>(all.size()) / took, all.size(), refused, broken, at(0.5), at(0.99));
  return broken > 0 || refused > 0 ? 1 : 0;
}
