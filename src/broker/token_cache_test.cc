#include "broker/token_cache.h"

#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::kNoon;
using testing::why_of;

Entry tokens() {
  return {.access_token = Secret("aaa.bbb.ccc"),
          .access_until = kNoon,
          .refresh_token = Secret("r-1"),
          .refresh_until = kNoon + 24h};
}

TEST(TokenCache, IsWrittenAsTheSdkWritesIt) {
  const auto text = write_token_cache(tokens());
  ASSERT_TRUE(text);
  EXPECT_EQ(text->reveal(),
            "{\n  \"accessToken\": \"aaa.bbb.ccc\",\n  \"tokenType\": \"Bearer\",\n"
            "  \"expiresAt\": 1772366400,\n  \"refreshToken\": \"r-1\",\n"
            "  \"refreshExpiresAt\": 1772452800\n}");
}

TEST(TokenCache, ComesBackAsItWas) {
  const auto read = read_token_cache(write_token_cache(tokens()).value());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, tokens());
}

TEST(TokenCache, CannotSayThatATokenHasNoEnd) {
  for (auto member : {&Entry::access_until, &Entry::refresh_until}) {
    Entry entry = tokens();
    (entry.*member).reset();
    EXPECT_EQ(why_of(write_token_cache(entry)), Why::kUnsupported);
  }
  for (auto member : {&Entry::access_token, &Entry::refresh_token}) {
    Entry entry = tokens();
    entry.*member = Secret();
    EXPECT_EQ(why_of(write_token_cache(entry)), Why::kUnsupported);
  }
}

std::string cache(const std::string& access, const std::string& ends,
                  const std::string& more = "") {
  return R"({"accessToken":)" + access + R"(,"tokenType":"Bearer","expiresAt":)" + ends +
         R"(,"refreshToken":"r-1","refreshExpiresAt":1772452800)" + more + "}";
}

TEST(TokenCache, IsReadInEveryFormThatTheSdksWrite) {
  for (const char* ends : {"1772366400", "\"1772366400\"", "1772366400.0", "1772366400123"}) {
    const auto read = read_token_cache(Secret(cache("\"a\"", ends)));
    ASSERT_TRUE(read) << ends << ": " << testing::say_of(read);
    EXPECT_EQ(read->access_until, kNoon) << ends;
  }
}

TEST(TokenCache, IsRefusedWhenItIsNone) {
  for (const auto& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("\"a\""),
        cache("\"\"", "1772366400"), cache("\"a\\r\\nX: y\"", "1772366400"),
        cache("\"a b\"", "1772366400"), cache("1", "1772366400"), cache("null", "1772366400"),
        cache("\"a\"", "0"), cache("\"a\"", "-1"), cache("\"a\"", "null"),
        cache("\"a\"", "\"soon\""), cache("\"a\"", "1e300"), cache("\"a\"", "true"),
        cache("\"a\"", "1772366400", R"(,"x":1)"),
        cache("\"a\"", "1772366400", R"(,"accessToken":"b")"), cache("\"a\"", "1772366400") + "x",
        std::string(kMostTokenCacheBytes + 1, ' ')})
    EXPECT_EQ(why_of(read_token_cache(Secret(text))), Why::kMalformed) << text.substr(0, 80);
}

}  // namespace
}  // namespace latchkey::broker
