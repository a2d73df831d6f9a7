#include "net/relay_body.h"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

/// The body that comes of these bytes, given so many at a time; nullopt when refused.
std::optional<std::string> read_all(std::optional<std::uint64_t> length, std::string_view bytes,
                                    std::size_t step, bool* done = nullptr,
                                    std::string* rest = nullptr) {
  BodyReader reader(length);
  std::string out;
  for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += step) {
    std::string_view piece = bytes.substr(at, step);
    while (!piece.empty() && !reader.done())
      if (!reader.feed(piece, out, out.size() + 3)) return std::nullopt;
    if (rest != nullptr) *rest = piece;
  }
  if (done != nullptr) *done = reader.done();
  return out;
}

TEST(ABody, IsTheSameHoweverItArrives) {
  for (std::size_t step = 1; step < 40; ++step) {
    bool done = false;
    EXPECT_EQ(read_all(11, "hello world", step, &done), "hello world") << step;
    EXPECT_TRUE(done);
    EXPECT_EQ(read_all({}, "5\r\nhello\r\n6;a=\"b\"\r\n world\r\n0\r\nX: y\r\n\r\n", step, &done),
              "hello world")
        << step;
    EXPECT_TRUE(done);
    EXPECT_EQ(read_all({}, "0\r\n\r\n", step, &done), "") << step;
    EXPECT_TRUE(done);
  }
}

TEST(ABody, LeavesWhatComesBehindIt) {
  bool done = false;
  std::string rest;
  EXPECT_EQ(read_all(5, "helloGET /", 100, &done, &rest), "hello");
  EXPECT_EQ(rest, "GET /");
  EXPECT_EQ(read_all({}, "1\r\nx\r\n0\r\n\r\nGET /", 100, &done, &rest), "x");
  EXPECT_EQ(rest, "GET /");
  EXPECT_TRUE(BodyReader(0).done());
}

TEST(ABody, IsNotDoneBeforeItsEnd) {
  for (const char* bytes : {"5", "5\r\n", "5\r\nhell", "5\r\nhello", "5\r\nhello\r\n",
                            "5\r\nhello\r\n0\r\n", "5\r\nhello\r\n0\r\nX: y\r\n"}) {
    bool done = true;
    ASSERT_TRUE(read_all({}, bytes, 1, &done)) << bytes;
    EXPECT_FALSE(done) << bytes;
  }
}

TEST(ABody, IsRefusedWhenItIsFramedOtherwise) {
  const std::string long_line(BodyReader::kMostLine + 2, 'a');
  std::string trailers = "0\r\n";
  for (int i = 0; i < 200; ++i) trailers += "X: " + std::string(100, 'y') + "\r\n";
  for (const std::string& bytes :
       {std::string("x\r\n"), std::string("\r\n"), std::string("-1\r\n"), std::string("+1\r\n"),
        std::string("0x1\r\n"), std::string(" 1\r\n"), std::string("1\n"),
        std::string("1\r\nxy\r\n"), std::string("1\r\nx\n"), std::string("1\r\nx0\r\n"),
        std::string("1\r \n"), std::string("1;\x01\r\n"), std::string("ffffffffffffffff\r\n"),
        std::string("1000000000000000\r\n"), "1;" + long_line + "\r\n", trailers})
    for (const std::size_t step : {std::size_t{1}, std::size_t{100'000}})
      EXPECT_EQ(read_all({}, bytes, step), std::nullopt) << bytes.substr(0, 40);
}

}  // namespace
}  // namespace latchkey::net
