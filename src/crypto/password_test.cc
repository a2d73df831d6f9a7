#include "crypto/password.h"

#include <gtest/gtest.h>

#include <ctime>

#include "crypto/vectors_test.h"

namespace latchkey::crypto {
namespace {

bool opens(std::string_view password, const std::string& phc) {
  return verify_password(Secret(password), phc, kCheapest);
}

TEST(Password, IsRecognisedByItsHash) {
  const std::string phc = hash_password(Secret("correct horse"), kCheapest);
  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << phc;
  EXPECT_TRUE(opens("correct horse", phc));
  for (const char* wrong : {"", "correct horsf", "Correct horse", "correct horse ", "correct"}) {
    EXPECT_FALSE(opens(wrong, phc)) << wrong;
  }
}

TEST(Password, IsSaltedAfreshEachTime) {
  EXPECT_NE(hash_password(Secret("x"), kCheapest), hash_password(Secret("x"), kCheapest));
}

TEST(Password, MayHaveAnyLengthAndAnyBytes) {  // checklist 58
  const std::string passwords[] = {std::string(), std::string(1, '\0'), "mật khẩu",
                                   "\xff\xfe",    std::string(64, 'x'), std::string(100'000, 'x')};
  for (const std::string& password : passwords) {
    const std::string phc = hash_password(Secret(password), kCheapest);
    EXPECT_TRUE(opens(password, phc)) << password.size();
    EXPECT_FALSE(opens(password + "x", phc)) << password.size();
    EXPECT_FALSE(opens(password + std::string(1, '\0'), phc)) << password.size();
  }
}

TEST(Password, ReadsWhatTheReferenceImplementationWrote) {
  // phc-winner-argon2, test.c: argon2id, "password", "somesalt".
  const std::string phc =
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  EXPECT_TRUE(opens("password", phc));
  EXPECT_FALSE(opens("passwore", phc));
}

TEST(Password, HashesOfTheDefaultCostSayWhatTheyCost) {
  const std::string phc = hash_password(Secret("x"));
  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=32768,t=2,p=1$")) << phc;
  EXPECT_TRUE(opens("x", phc));
}

struct BadHash {
  const char* name;
  std::string phc;
};

class Unreadable : public ::testing::TestWithParam<BadHash> {};

TEST_P(Unreadable, HashOpensForNobody) {
  EXPECT_FALSE(opens("", GetParam().phc)) << GetParam().name;
  EXPECT_FALSE(opens("password", GetParam().phc)) << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(
    , Unreadable,
    ::testing::Values(BadHash{"empty", ""}, BadHash{"plain text", "password"},
                      BadHash{"argon2i",
                              "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                              "iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
                      BadHash{"version 16",
                              "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$"
                              "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
                      BadHash{"above 1 GiB",
                              "$argon2id$v=19$m=1048577,t=1,p=1$c29tZXNhbHQ$"
                              "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
                      BadHash{"17 passes",
                              "$argon2id$v=19$m=256,t=17,p=1$c29tZXNhbHQ$"
                              "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
                      BadHash{"a memory of nothing",
                              "$argon2id$v=19$m=0,t=2,p=1$c29tZXNhbHQ$"
                              "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
                      BadHash{"a negative number",
                              "$argon2id$v=19$m=-256,t=2,p=1$c29tZXNhbHQ$"
                              "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
                      BadHash{"two lanes",
                              "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$"
                              "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
                      BadHash{"no hash", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"},
                      BadHash{"no salt", "$argon2id$v=19$m=256,t=2,p=1"},
                      BadHash{"not base64", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$????"},
                      BadHash{"text after it",
                              "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                              "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$x"},
                      BadHash{"a NUL after it",
                              std::string("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                                          "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4") +
                                  '\0'},
                      BadHash{"longer than any hash",
                              "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$" + std::string(200, 'A')}),
    [](const auto& row) { return "Row" + std::to_string(row.index); });

// Processor time, so that a busy machine does not matter.
std::clock_t cost_of(const std::string& phc, const PasswordCost& cost) {
  const std::clock_t before = std::clock();
  EXPECT_FALSE(verify_password(Secret("wrong"), phc, cost));
  return std::clock() - before;
}

TEST(Password, OfAnUnknownAccountTakesAsLongAsAWrongOne) {  // checklist 59
  const PasswordCost cost{2, std::size_t{16} << 20};
  const std::string phc = hash_password(Secret("right"), cost);
  const std::clock_t wrong = cost_of(phc, cost);
  const std::clock_t unknown = cost_of("", cost);
  // Answering at once would be a ten-thousandth of it.
  EXPECT_GT(unknown * 4, wrong);
  EXPECT_GT(wrong * 4, unknown);
}

TEST(KeyFromPassphrase, IsTheHashOfAPhcString) {
  const std::string phc = hash_password(Secret("open sesame"), kCheapest);
  const std::vector<std::string> parts = split(phc, '$');
  auto unpadded = [](std::string text, std::size_t padding) {
    return parse_base64(text.append(padding, '=')).value();
  };
  const Bytes salt = unpadded(parts[4], 2);
  EXPECT_EQ(key_from_passphrase(Secret("open sesame"), salt, kCheapest), unpadded(parts[5], 1));
  EXPECT_NE(key_from_passphrase(Secret("open sesamf"), salt, kCheapest), unpadded(parts[5], 1));
}

TEST(KeyFromPassphrase, ChangesWithSaltAndCost) {
  const Bytes salt(16, 1);
  const Bytes key = key_from_passphrase(Secret("x"), salt, kCheapest);
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key, key_from_passphrase(Secret("x"), salt, kCheapest));
  EXPECT_NE(key, key_from_passphrase(Secret("x"), Bytes(16, 2), kCheapest));
  EXPECT_NE(key, key_from_passphrase(Secret("x"), salt, {2, kCheapest.memory_bytes}));
  EXPECT_NE(key, key_from_passphrase(Secret("x"), salt, {1, kCheapest.memory_bytes * 2}));
}

TEST(KeyFromPassphrase, RefusesCostsThatAHostileFileMightName) {
  const Bytes salt(16, 1);
  const std::size_t least = std::size_t{8} << 10;
  const std::size_t most = std::size_t{1} << 30;
  for (const PasswordCost& cost :
       {PasswordCost{1, most + 1}, PasswordCost{17, least}, PasswordCost{0, least},
        PasswordCost{1, least - 1}, PasswordCost{1, 0}, PasswordCost{0xffffffff, SIZE_MAX}}) {
    EXPECT_TRUE(key_from_passphrase(Secret("x"), salt, cost).empty());
  }
  EXPECT_EQ(key_from_passphrase(Secret("x"), salt, {16, least}).size(), 32u);
}

TEST(KeyFromPassphrase, RefusesASaltOfAnotherSize) {
  for (const std::size_t size : {0, 15, 17}) {
    EXPECT_TRUE(key_from_passphrase(Secret("x"), Bytes(size), kCheapest).empty());
  }
}

}  // namespace
}  // namespace latchkey::crypto
