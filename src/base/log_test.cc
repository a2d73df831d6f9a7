#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/time.h"

namespace latchkey::log {
namespace {

// checklist 68
static_assert(!std::is_constructible_v<Field, std::string_view, Secret>);

TEST(LogLine, HasTimeLevelEventAndFieldsInOrder) {
  EXPECT_EQ(
      format("2026-03-01T12:00:00Z", Level::kInfo, "login", {{"realm", "alor"}, {"took_ms", 17}}),
      R"({"ts":"2026-03-01T12:00:00Z","level":"info","event":"login",)"
      R"("realm":"alor","took_ms":"17"})");
}

TEST(LogLine, NamesEveryLevel) {
  const std::pair<Level, const char*> rows[] = {
      {Level::kDebug, R"({"ts":"t","level":"debug","event":"e"})"},
      {Level::kInfo, R"({"ts":"t","level":"info","event":"e"})"},
      {Level::kWarn, R"({"ts":"t","level":"warn","event":"e"})"},
      {Level::kError, R"({"ts":"t","level":"error","event":"e"})"}};
  for (const auto& [level, line] : rows) EXPECT_EQ(format("t", level, "e", {}), line);
}

// checklist 69
TEST(LogLine, StaysOneLineOfJsonWhateverAFieldHolds) {
  const std::string nasty[] = {"a\r\n{\"event\":\"forged\"}",
                               "\x1b[2J",
                               std::string("\0", 1),
                               "\x7f",
                               "\xc2\x9b"
                               "31m",
                               "quote\" back\\slash",
                               "\xff\xfe",
                               "登入"};
  for (const auto& text : nasty) {
    const std::string line = format("t", Level::kWarn, "e", {{"x", text}});
    for (char c : line) {
      EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == '\x7f') << to_hex(bytes_of(line));
    }
    EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
    const auto read = json::parse(line);
    ASSERT_TRUE(read.has_value()) << line;
    const json::Value* x = read->as_object()->find("x");
    ASSERT_NE(x, nullptr);
    if (is_utf8(text)) {
      EXPECT_EQ(*x->as_string(), text);
    }
  }
}

class LogOutput : public ::testing::Test {
 protected:
  ~LogOutput() override { set_level(Level::kInfo); }

  static std::vector<std::string> lines_of(const std::string& output) {
    std::vector<std::string> lines = split(output, '\n');
    EXPECT_EQ(lines.back(), "");
    lines.pop_back();
    return lines;
  }
};

TEST_F(LogOutput, GoesToStandardErrorWithATimeInUtc) {
  testing::internal::CaptureStderr();
  write(Level::kInfo, "started", {{"port", 8080}});
  const auto lines = lines_of(testing::internal::GetCapturedStderr());
  ASSERT_EQ(lines.size(), 1u);
  const auto read = json::parse(lines[0]);
  ASSERT_TRUE(read.has_value());
  const auto ts = json::string_field(*read->as_object(), "ts");
  ASSERT_TRUE(ts.has_value());
  EXPECT_EQ(ts->size(), std::string_view("2026-03-01T12:00:00.000Z").size());
  EXPECT_TRUE(parse_rfc3339(*ts).has_value()) << *ts;
  EXPECT_EQ(json::string_field(*read->as_object(), "port").value(), "8080");
}

TEST_F(LogOutput, HoldsNothingBelowTheLevel) {
  testing::internal::CaptureStderr();
  write(Level::kDebug, "no");
  write(Level::kInfo, "yes");
  set_level(Level::kError);
  write(Level::kWarn, "no");
  write(Level::kError, "yes");
  set_level(Level::kDebug);
  write(Level::kDebug, "yes");
  const auto lines = lines_of(testing::internal::GetCapturedStderr());
  ASSERT_EQ(lines.size(), 3u);
  for (const auto& line : lines) EXPECT_NE(line.find(R"("event":"yes")"), std::string::npos);
}

TEST_F(LogOutput, KeepsLinesOfManyThreadsWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  testing::internal::CaptureStderr();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < kLines; ++n) write(Level::kInfo, "tick", {{"n", n}});
      });
    }
  }
  const auto lines = lines_of(testing::internal::GetCapturedStderr());
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(kThreads * kLines));
  for (const auto& line : lines) EXPECT_TRUE(json::parse(line).has_value()) << line;
}

/// Standard error as a pipe that nobody reads until read() does.
class Pipe {
 public:
  Pipe() : before_(dup(STDERR_FILENO)) {
    EXPECT_EQ(pipe(ends_), 0);
    dup2(ends_[1], STDERR_FILENO);
  }
  ~Pipe() {
    dup2(before_, STDERR_FILENO);
    for (const int fd : {before_, ends_[0], ends_[1]}) close(fd);
  }
  /// What is in it now.
  std::string read() {
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string text;
    char piece[4096];
    for (ssize_t got = 0; (got = ::read(ends_[0], piece, sizeof piece)) > 0;)
      text.append(piece, static_cast<std::size_t>(got));
    return text;
  }

 private:
  int before_, ends_[2];
};

TEST_F(LogOutput, WaitsForNobodyAndCountsWhatIsLost) {
  constexpr long long kLines = 5000;
  Pipe pipe;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < kLines / 4; ++n) write(Level::kInfo, "full", {{"n", n}});
      });
    }
  }
  const std::string kept = pipe.read();
  const auto lines = std::ranges::count(kept, '\n');
  EXPECT_GT(lines, 100);
  EXPECT_EQ(kept.back(), '\n') << "no half of a line";
  write(Level::kInfo, "again");
  const std::string after = pipe.read();
  EXPECT_NE(
      after.find(R"("event":"log_lines_lost","lines":")" + std::to_string(kLines - lines) + "\""),
      std::string::npos)
      << after;
  EXPECT_TRUE(after.find("again") > after.find("log_lines_lost")) << after;
  write(Level::kInfo, "on");
  EXPECT_EQ(pipe.read().find("lost"), std::string::npos) << "told once";
}

}  // namespace
}  // namespace latchkey::log
