#include "server/metrics.h"

#include <gtest/gtest.h>

namespace latchkey::server {
namespace {

Served served(const char* realm, const char* operation, int status, std::optional<Why> why = {}) {
  Served one{.realm = realm, .operation = operation, .status = status};
  one.took = std::chrono::microseconds{1200};
  if (why) one.error = Error{*why};
  return one;
}

bool has(const Metrics& metrics, const std::string& line) {
  return metrics.text().find(line + "\n") != std::string::npos;
}

TEST(Metrics, CountRequestsByRealmOperationOutcomeAndStatus) {
  Metrics metrics({"chat"});
  metrics.served(served("chat", "login", 200));
  metrics.served(served("chat", "login", 200));
  metrics.served(served("chat", "login", 401, Why::kBadCredentials));
  metrics.served(served("chat", "page", 303));
  metrics.served(served("", "", 404));
  const std::string name = "latchkeyd_requests_total";
  EXPECT_TRUE(
      has(metrics, name + R"({realm="chat",operation="login",outcome="ok",status="2xx"} 2)"));
  EXPECT_TRUE(
      has(metrics,
          name + R"({realm="chat",operation="login",outcome="bad_credentials",status="4xx"} 1)"));
  EXPECT_TRUE(
      has(metrics, name + R"({realm="chat",operation="page",outcome="ok",status="3xx"} 1)"));
  EXPECT_TRUE(
      has(metrics, name + R"({realm="",operation="other",outcome="refused",status="4xx"} 1)"));
}

TEST(Metrics, KeepAHistogramOfTime) {
  Metrics metrics({"chat"});
  metrics.served(served("chat", "refresh", 200));
  const std::string start =
      R"(latchkeyd_request_seconds_bucket{realm="chat",operation="refresh",le=)";
  EXPECT_TRUE(has(metrics, start + R"("0.001"} 0)"));
  EXPECT_TRUE(has(metrics, start + R"("0.0025"} 1)"));
  EXPECT_TRUE(has(metrics, start + R"("+Inf"} 1)"));
  EXPECT_TRUE(
      has(metrics, R"(latchkeyd_request_seconds_sum{realm="chat",operation="refresh"} 0.0012)"));
  EXPECT_TRUE(
      has(metrics, R"(latchkeyd_request_seconds_count{realm="chat",operation="refresh"} 1)"));
}

TEST(Metrics, TakeNoLabelFromAPeer) {  // checklist 68
  Metrics metrics({"chat"});
  metrics.served(served("someone's", "\"} 1\nforged_total 7", 200));
  metrics.told({.what = "login_refused", .realm = Realm("chat"), .client = ClientId("\"}\nx 1")});
  const std::string text = metrics.text();
  EXPECT_EQ(text.find("forged"), std::string::npos);
  EXPECT_EQ(text.find("someone"), std::string::npos);
  EXPECT_EQ(text.find("x 1"), std::string::npos);
  EXPECT_TRUE(has(metrics, R"(latchkeyd_events_total{realm="chat",event="login_refused"} 1)"));
}

TEST(Metrics, MeasureWhenTheyAreAsked) {
  Metrics metrics({});
  int now = 1;
  metrics.add({"latchkeyd_queue_length", "Waiting.", "{queue=\"a\"}", [&] { return now; }});
  metrics.add({"latchkeyd_queue_length", "Waiting.", "{queue=\"b\"}", [&] { return now * 2.5; }});
  now = 3;
  EXPECT_TRUE(has(metrics, "latchkeyd_queue_length{queue=\"a\"} 3"));
  EXPECT_TRUE(has(metrics, "latchkeyd_queue_length{queue=\"b\"} 7.5"));
  const std::string text = metrics.text();
  EXPECT_EQ(text.find("# TYPE latchkeyd_queue_length gauge"),
            text.rfind("# TYPE latchkeyd_queue_length gauge"));
}

TEST(Metrics, KnowTheProcess) {
  Metrics metrics({});
  add_process_gauges(metrics, from_epoch(1772366400));
  const std::string text = metrics.text();
  const auto value = [&](const std::string& name) {
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  };
  EXPECT_GT(value("process_resident_memory_bytes"), 1e5);
  EXPECT_GE(value("process_threads"), 1);
  EXPECT_GE(value("process_open_fds"), 3);
  EXPECT_EQ(value("process_start_time_seconds"), 1772366400);
  EXPECT_GE(value("process_cpu_seconds_total"), 0);
}

}  // namespace
}  // namespace latchkey::server
