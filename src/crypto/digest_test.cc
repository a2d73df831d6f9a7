#include "crypto/digest.h"

#include <gtest/gtest.h>

#include "crypto/vectors_test.h"

namespace latchkey::crypto {
namespace {

TEST(Sha256, GivesThePublishedHashes) {
  // FIPS 180-4, the examples published with it.
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(bytes_of("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(Bytes(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsTheSameWhicheverLibraryComputesIt) {
  for (const std::size_t size : {0, 1, 55, 56, 63, 64, 65, 1000}) {
    const Bytes data(size, 'a');
    EXPECT_EQ(fast_sha256(data), sha256(data)) << size;
  }
}

struct HmacRow {
  const char* name;
  Bytes key;
  Bytes data;
  std::string tag;
};

class Rfc4231 : public ::testing::TestWithParam<HmacRow> {};

TEST_P(Rfc4231, HmacGivesThePublishedTag) {
  EXPECT_EQ(to_hex(hmac_sha256(GetParam().key, GetParam().data)), GetParam().tag);
}

INSTANTIATE_TEST_SUITE_P(
    , Rfc4231,
    ::testing::Values(HmacRow{"case 1", Bytes(20, 0x0b), copy_of("Hi There"),
                              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
                      HmacRow{"case 2, a short key", copy_of("Jefe"),
                              copy_of("what do ya want for nothing?"),
                              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
                      HmacRow{"case 3", Bytes(20, 0xaa), Bytes(50, 0xdd),
                              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
                      HmacRow{"case 6, a key longer than a block", Bytes(131, 0xaa),
                              copy_of("Test Using Larger Than Block-Size Key - Hash Key First"),
                              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"}),
    [](const auto& row) { return "Row" + std::to_string(row.index); });

TEST(Hmac, ChangesWithTheKeyAndWithTheData) {
  const Sha256 tag = hmac_sha256(bytes_of("key"), bytes_of("data"));
  EXPECT_NE(tag, hmac_sha256(bytes_of("kez"), bytes_of("data")));
  EXPECT_NE(tag, hmac_sha256(bytes_of("key"), bytes_of("datb")));
}

TEST(DeriveKey, GivesCaseThreeOfRfc5869) {
  // Empty salt and empty info, which is what an empty purpose is.
  EXPECT_EQ(to_hex(derive_key(Bytes(22, 0x0b), "", 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8");
}

TEST(DeriveKey, GivesAnotherKeyForAnotherPurpose) {
  Bytes master(32);
  for (std::size_t i = 0; i < master.size(); ++i) master[i] = static_cast<std::uint8_t>(i);
  // Computed with an implementation other than ours.
  EXPECT_EQ(to_hex(derive_key(master, "latchkey: tokens")),
            "0d5619206a56537193c42dd4eb3b73b4d693fb70d6e9a3c5c27f2737801c414a");
  EXPECT_NE(derive_key(master, "latchkey: tokens"), derive_key(master, "latchkey: passwords"));
}

TEST(DeriveKey, GivesEverySizeThatHkdfCan) {
  for (const std::size_t size : {0, 1, 31, 32, 33, 64, 65, 255 * 32}) {
    EXPECT_EQ(derive_key(bytes_of("master"), "x", size).size(), size);
  }
  const Bytes longest = derive_key(bytes_of("master"), "x", 255 * 32);
  const Bytes shorter = derive_key(bytes_of("master"), "x", 65);
  EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longest.begin()));
  EXPECT_THROW(derive_key(bytes_of("master"), "x", 255 * 32 + 1), std::length_error);
}

TEST(SameBytes, IsTrueForEqualTextsOnly) {  // checklist 60
  EXPECT_TRUE(same_bytes({}, {}));
  EXPECT_TRUE(same_bytes(bytes_of("abc"), bytes_of("abc")));
  EXPECT_FALSE(same_bytes(bytes_of("abc"), bytes_of("abd")));
  EXPECT_FALSE(same_bytes(bytes_of("abc"), bytes_of("xbc")));
  EXPECT_FALSE(same_bytes(bytes_of("abc"), bytes_of("ab")));
  EXPECT_FALSE(same_bytes(bytes_of("ab"), bytes_of("abc")));
  EXPECT_FALSE(same_bytes({}, bytes_of("a")));
}

}  // namespace
}  // namespace latchkey::crypto
