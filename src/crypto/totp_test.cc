#include "crypto/totp.h"

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "crypto/vectors_test.h"

namespace latchkey::crypto {
namespace {

const Bytes kSeed = copy_of("12345678901234567890");  // RFC 6238 appendix B

struct Row {
  long long at;
  const char* code;  // the last six digits of the eight that the RFC prints
};

class Rfc6238 : public ::testing::TestWithParam<Row> {};

TEST_P(Rfc6238, GivesThePublishedCode) {
  const Instant at = from_epoch(GetParam().at);
  EXPECT_EQ(totp(kSeed, at).reveal(), GetParam().code);
  EXPECT_EQ(totp_step_of(kSeed, Secret(GetParam().code), at), GetParam().at / 30);
}

TEST_P(Rfc6238, RefusesTheCodeWithAnyDigitChanged) {
  const Instant at = from_epoch(GetParam().at);
  for (std::size_t i = 0; i < 6; ++i) {
    std::string wrong = GetParam().code;
    wrong[i] = wrong[i] == '9' ? '0' : static_cast<char>(wrong[i] + 1);
    EXPECT_EQ(totp_step_of(kSeed, Secret(wrong), at), std::nullopt) << wrong;
  }
}

INSTANTIATE_TEST_SUITE_P(, Rfc6238,
                         ::testing::Values(Row{59, "287082"}, Row{1111111109, "081804"},
                                           Row{1111111111, "050471"}, Row{1234567890, "005924"},
                                           Row{2000000000, "279037"}, Row{20000000000, "353130"}));

TEST(Totp, KeepsItsCodeForThirtySeconds) {
  EXPECT_EQ(totp(kSeed, from_epoch(30)).reveal(), "287082");
  EXPECT_EQ(totp(kSeed, from_epoch(59)).reveal(), "287082");
  EXPECT_NE(totp(kSeed, from_epoch(29)).reveal(), "287082");
  EXPECT_NE(totp(kSeed, from_epoch(60)).reveal(), "287082");
}

TEST(TotpStepOf, KnowsTheStepBeforeAndTheStepAfter) {
  const Secret code = totp(kSeed, from_epoch(1000 * 30));
  const struct {
    long long at;
    std::optional<std::int64_t> step;
  } rows[] = {{999 * 30 - 1, std::nullopt}, {999 * 30, 1000},      {1000 * 30, 1000},
              {1001 * 30 - 1, 1000},        {1002 * 30 - 1, 1000}, {1002 * 30, std::nullopt}};
  for (const auto& row : rows) {
    EXPECT_EQ(totp_step_of(kSeed, code, from_epoch(row.at)), row.step) << row.at;
  }
}

TEST(TotpStepOf, KnowsNoStepBeforeTheEpoch) {
  EXPECT_EQ(totp_step_of(kSeed, totp(kSeed, from_epoch(0)), from_epoch(0)), 0);
  EXPECT_EQ(totp_step_of(kSeed, totp(kSeed, from_epoch(30)), from_epoch(0)), 1);
}

TEST(TotpStepOf, RefusesWhatIsNotSixDigits) {
  const Instant at = from_epoch(59);
  for (const char* text : {"", "28708", "2870820", "0287082", " 287082", "287082 ", "28708２",
                           "287 082", "+87082", "------"}) {
    EXPECT_EQ(totp_step_of(kSeed, Secret(text), at), std::nullopt) << text;
  }
}

TEST(TotpStepOf, RefusesTheCodeOfAnotherSeed) {
  Bytes other = kSeed;
  other.back() ^= 1;
  EXPECT_EQ(totp_step_of(other, Secret("287082"), from_epoch(59)), std::nullopt);
}

struct Base32Row {
  const char* plain;
  const char* padded;
};

class Rfc4648 : public ::testing::TestWithParam<Base32Row> {};

TEST_P(Rfc4648, IsWrittenWithoutPaddingAndReadWithAndWithout) {
  const std::string padded = GetParam().padded;
  const std::string bare = padded.substr(0, padded.find('='));
  EXPECT_EQ(to_base32(bytes_of(GetParam().plain)), bare);
  for (const std::string& text : {padded, bare, to_lower(padded)}) {
    EXPECT_EQ(parse_base32(text), copy_of(GetParam().plain)) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , Rfc4648,
    ::testing::Values(Base32Row{"", ""}, Base32Row{"f", "MY======"}, Base32Row{"fo", "MZXQ===="},
                      Base32Row{"foo", "MZXW6==="}, Base32Row{"foob", "MZXW6YQ="},
                      Base32Row{"fooba", "MZXW6YTB"}, Base32Row{"foobar", "MZXW6YTBOI======"}));

TEST(Base32, IsUndoneForEveryLength) {
  for (std::size_t size = 0; size <= 64; ++size) {
    const Bytes bytes = random_bytes(size);
    EXPECT_EQ(parse_base32(to_base32(bytes)), bytes);
  }
}

TEST(Base32, RefusesEveryOtherText) {
  for (const char* text : {"M", "MZX", "MZXW6Y", "MY=", "MY=====", "MY=======", "========", "=",
                           "MZXW6YTB========", "M=Y=====", "MZXW6YTB=", "MZ", "MZXW7",
                           "M1======", "M8", "MY MY", "MY\n", "0Y", "MÝ"}) {
    EXPECT_EQ(parse_base32(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace latchkey::crypto
