#include "proxy/rules.h"

#include <gtest/gtest.h>

namespace latchkey::proxy {
namespace {

constexpr std::uint16_t kPort = 8080;

Why verdict(const std::string& host, http::Headers headers, const Door& door = {.port = kPort},
            const std::string& method = "GET") {
  http::Request head;
  head.method = method;
  head.headers = std::move(headers);
  const auto admitted = admit(head, host, door);
  return admitted ? Why::kBug : admitted.error().why;
}
constexpr Why kAdmitted = Why::kBug;

TEST(TheDoor, KnowsItsOwnNamesOnly) {
  for (const char* host : {"localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080"})
    EXPECT_EQ(verdict(host, {}), kAdmitted) << host;
  for (const char* host :
       {"", "localhost", "localhost:80", "localhost:8081", "evil.example", "evil.example:8080",
        "localhost.evil.example:8080", "127.0.0.1.evil.example:8080", "127.0.0.2:8080",
        "localhost:8080:8080", "user@localhost:8080", "x localhost:8080", "[::2]:8080"})
    EXPECT_EQ(verdict(host, {}), Why::kForbidden) << host;
  EXPECT_EQ(verdict("localhost", {}, {.port = 80}), kAdmitted);
  EXPECT_EQ(verdict("anything", {}, {.is_unix = true}), kAdmitted) << "no name leads to a file";
}

TEST(TheDoor, IsShutForPagesOfOtherHosts) {
  struct Row {
    http::Headers headers;
    Why why;
  };
  const Row rows[] = {{{{"Origin", "http://localhost:8080"}}, kAdmitted},
                      {{{"Origin", "https://evil.example"}}, Why::kForbidden},
                      {{{"Origin", "http://localhost:3000"}}, Why::kForbidden},
                      {{{"Origin", "http://localhost:8080.evil.example"}}, Why::kForbidden},
                      {{{"Origin", "null"}}, Why::kForbidden},
                      {{{"Origin", ""}}, Why::kForbidden},
                      {{{"Sec-Fetch-Site", "none"}}, kAdmitted},
                      {{{"Sec-Fetch-Site", "same-origin"}}, kAdmitted},
                      {{{"Sec-Fetch-Site", "same-site"}}, Why::kForbidden},
                      {{{"Sec-Fetch-Site", "cross-site"}}, Why::kForbidden}};
  for (const auto& row : rows) EXPECT_EQ(verdict("localhost:8080", row.headers), row.why);
}

TEST(TheDoor, OpensToTheKey) {
  const Door door{.port = kPort, .key = Secret("right")};
  EXPECT_EQ(verdict("localhost:8080", {}, door), Why::kBadCredentials);
  EXPECT_EQ(verdict("localhost:8080", {{kKeyHeader, "wrong"}}, door), Why::kBadCredentials);
  EXPECT_EQ(verdict("localhost:8080", {{kKeyHeader, ""}}, door), Why::kBadCredentials);
  EXPECT_EQ(verdict("localhost:8080", {{kKeyHeader, "right"}, {kKeyHeader, "right"}}, door),
            Why::kBadCredentials);
  EXPECT_EQ(verdict("localhost:8080", {{"x-latchkey-key", "right"}}, door), kAdmitted);
}

TEST(TheDoor, IsNoForwardProxyAndNoTunnel) {
  const Door door{.port = kPort};
  EXPECT_EQ(verdict("localhost:8080", {}, door, "CONNECT"), Why::kUnsupported);
  EXPECT_EQ(verdict("localhost:8080", {}, door, "TRACE"), Why::kUnsupported);
  EXPECT_EQ(verdict("localhost:8080", {{"Upgrade", "websocket"}}, door), Why::kUnsupported);
}

TEST(TheCallersHeaders, GoOnWithoutCredentialsAndWhatIsForOneHop) {
  const http::Headers callers = {{"Accept", "text/event-stream"},
                                 {"authorization", "Bearer mine"},
                                 {"Cookie", "a=b"},
                                 {"X-Authorization-Key", "mine"},
                                 {"Partner-Code", "mine"},
                                 {"X-Tier", "mine"},
                                 {kKeyHeader, "key"},
                                 {"Proxy-Authorization", "Basic x"},
                                 {"Proxy-Anything", "x"},
                                 {"Host", "localhost"},
                                 {"Content-Length", "3"},
                                 {"Transfer-Encoding", "chunked"},
                                 {"Connection", "close, X-Hop"},
                                 {"x-hop", "1"},
                                 {"TE", "trailers"},
                                 {"Origin", "http://localhost:8080"},
                                 {"Referer", "http://localhost:8080/secret"},
                                 {"Sec-Fetch-Mode", "cors"},
                                 {"Content-Type", "application/json"},
                                 {"X-Signature", "abc"},
                                 {"Idempotency-Key", "7"}};
  const http::Headers wanted = {{"Accept", "text/event-stream"},
                                {"Content-Type", "application/json"},
                                {"X-Signature", "abc"},
                                {"Idempotency-Key", "7"}};
  EXPECT_EQ(onward(callers, {{"X-Tier", "ours"}}), wanted);
}

TEST(TheProvidersHeaders, ComeBackWithoutCookies) {
  const http::Headers providers = {{"Content-Type", "application/json"},
                                   {"Set-Cookie", "session=1"},
                                   {"Content-Length", "3"},
                                   {"Connection", "X-Hop"},
                                   {"X-Hop", "1"},
                                   {"Keep-Alive", "5"},
                                   {"Strict-Transport-Security", "max"},
                                   {"Alt-Svc", "h3"},
                                   {"Retry-After", "5"}};
  const http::Headers wanted = {{"Content-Type", "application/json"}, {"Retry-After", "5"}};
  EXPECT_EQ(backward(providers), wanted);
}

TEST(ARequest, IsRepeatedOnlyWhereItCannotHaveBeenActedUpon) {
  struct Row {
    const char* method;
    int status;
    http::Headers headers;
    bool replayable;
    bool repeat;
  };
  const http::Headers refused = {{"www-authenticate", "Bearer error=\"Invalid_Token\""}};
  const Row rows[] = {
      {"GET", 401, {}, true, true},
      {"HEAD", 401, {}, true, true},
      {"PUT", 401, {}, true, true},
      {"DELETE", 401, {}, true, true},
      {"GET", 403, {}, true, false},
      {"GET", 500, {}, true, false},
      {"GET", 401, {}, false, false},
      {"POST", 401, {}, true, false},
      {"POST", 401, refused, true, true},
      {"POST", 401, refused, false, false},
      {"POST", 403, refused, true, false},
      {"POST", 401, {{"WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""}}, true, true},
      {"PATCH", 401, {{"WWW-Authenticate", "Bearer realm=\"x\""}}, true, false}};
  for (const auto& row : rows)
    EXPECT_EQ(may_repeat(row.method, {row.status, row.headers, {}}, row.replayable), row.repeat)
        << row.method << " " << row.status;
}

TEST(ARefusal, HasAStatusForEveryReason) {
  for (const Why why : kEveryWhy) {
    EXPECT_GE(status_of(why), 400) << name_of(why);
    EXPECT_LE(status_of(why), 504) << name_of(why);
  }
  const auto response = refusal({Why::kPersonNeeded, "run: latchkey login desk", "", {}});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            R"({"error":"person_needed","message":"latchkey: run: latchkey login desk"})");
}

}  // namespace
}  // namespace latchkey::proxy
