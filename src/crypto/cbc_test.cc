#include "crypto/cbc.h"

#include <gtest/gtest.h>

#include <numeric>

#include "crypto/random.h"
#include "crypto/vectors_test.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kBlock = 16;

const Bytes kKey(32, 7);
const Bytes kIv(kBlock, 9);

void expect_refused(ByteView key, ByteView iv, ByteView cipher) {
  const auto plain = decrypt_cbc(key, iv, cipher);
  ASSERT_FALSE(plain.has_value());
  EXPECT_EQ(plain.error(), Error{Why::kMalformed});  // one answer for every fault: checklist 61
}

// Decrypts to exactly `block`, padding and all: P = D(C) xor IV, so the IV chooses
// the plaintext of a single block.
Result<Secret> decrypt_block(const Bytes& block) {
  const Bytes cipher = encrypt_cbc(kKey, kIv, {});  // of a block of sixteen 0x10
  Bytes iv = kIv;
  for (std::size_t i = 0; i < kBlock; ++i) {
    iv[i] = static_cast<std::uint8_t>(iv[i] ^ 0x10 ^ block[i]);
  }
  return decrypt_cbc(kKey, iv, cipher);
}

TEST(Tconnect, VectorsAreReadAndWritten) {
  const json::Object file = read_vectors(kVectors + "tconnect.json");
  const Bytes key = hex_in(file, "key");
  ASSERT_EQ(array_in(file, "vectors").size(), 2u);
  for (const json::Value& row : array_in(file, "vectors")) {
    const Bytes message = hex_in(object_in(row), "message");
    const std::string& plain = text_in(object_in(row), "plain");
    const ByteView iv = ByteView(message).first(kBlock);
    const ByteView cipher = ByteView(message).subspan(kBlock);

    EXPECT_EQ(encrypt_cbc(key, iv, bytes_of(plain)), Bytes(cipher.begin(), cipher.end()));
    const auto read = decrypt_cbc(key, iv, cipher);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->reveal(), plain);
  }
}

TEST(Tconnect, VectorsWithAnyBitFlippedAreNotWhatWasSent) {
  const json::Object file = read_vectors(kVectors + "tconnect.json");
  const Bytes key = hex_in(file, "key");
  for (const json::Value& row : array_in(file, "vectors")) {
    const Bytes message = hex_in(object_in(row), "message");
    for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
      const Bytes wrong = with_bit_flipped(message, bit);
      const auto read =
          decrypt_cbc(key, ByteView(wrong).first(kBlock), ByteView(wrong).subspan(kBlock));
      if (read) EXPECT_NE(read->reveal(), text_in(object_in(row), "plain"));
    }
    // The low bit of the last byte of the last block but one is the low bit of the
    // padding length: that one is always noticed.
    const Bytes wrong = with_bit_flipped(message, (message.size() - kBlock - 1) * 8);
    expect_refused(key, ByteView(wrong).first(kBlock), ByteView(wrong).subspan(kBlock));
  }
}

TEST(Cbc, IsUndoneForEveryLengthOfPadding) {
  for (std::size_t size = 0; size <= 3 * kBlock; ++size) {
    const Bytes plain = random_bytes(size);
    const Bytes cipher = encrypt_cbc(kKey, kIv, plain);
    EXPECT_EQ(cipher.size(), (size / kBlock + 1) * kBlock);
    const auto read = decrypt_cbc(kKey, kIv, cipher);
    ASSERT_TRUE(read.has_value()) << size;
    EXPECT_EQ(read->reveal(), text_of(plain));
  }
}

TEST(Cbc, ReadsEveryRightPaddingAndNoOtherLastByte) {
  for (unsigned last = 0; last < 256; ++last) {
    const auto read = decrypt_block(Bytes(kBlock, static_cast<std::uint8_t>(last)));
    if (last >= 1 && last <= kBlock) {
      ASSERT_TRUE(read.has_value()) << last;
      EXPECT_EQ(read->size(), kBlock - last);
    } else {
      ASSERT_FALSE(read.has_value()) << last;
      EXPECT_EQ(read.error(), Error{Why::kMalformed});
    }
  }
}

TEST(Cbc, RefusesEveryWrongByteInsideThePadding) {
  for (std::size_t length = 2; length <= kBlock; ++length) {
    for (std::size_t at = kBlock - length; at < kBlock - 1; ++at) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        const Bytes right(kBlock, static_cast<std::uint8_t>(length));
        const auto read = decrypt_block(with_bit_flipped(right, at * 8 + bit));
        ASSERT_FALSE(read.has_value()) << length << " " << at << " " << bit;
        EXPECT_EQ(read.error(), Error{Why::kMalformed});
      }
    }
  }
}

TEST(Cbc, LeavesTheBytesBeforeThePaddingAlone) {
  Bytes block(kBlock, 3);
  for (std::size_t i = 0; i < kBlock - 3; ++i) block[i] = static_cast<std::uint8_t>(200 + i);
  const auto read = decrypt_block(block);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->reveal(), text_of(ByteView(block).first(kBlock - 3)));
}

TEST(Cbc, RefusesWhatIsNotWholeBlocks) {
  const Bytes cipher = encrypt_cbc(kKey, kIv, Bytes(40));
  for (std::size_t size = 0; size < cipher.size(); ++size) {
    if (size % kBlock != 0 || size == 0) expect_refused(kKey, kIv, ByteView(cipher).first(size));
  }
}

TEST(Cbc, RefusesKeysAndIvsOfAnotherSize) {
  const Bytes cipher = encrypt_cbc(kKey, kIv, bytes_of("x"));
  for (const std::size_t size : {0, 16, 24, 31, 33}) {
    expect_refused(Bytes(size, 7), kIv, cipher);
    EXPECT_THROW(encrypt_cbc(Bytes(size, 7), kIv, {}), std::invalid_argument);
  }
  for (const std::size_t size : {0, 12, 15, 17}) {
    expect_refused(kKey, Bytes(size, 9), cipher);
    EXPECT_THROW(encrypt_cbc(kKey, Bytes(size, 9), {}), std::invalid_argument);
  }
}

TEST(Cbc, RefusesMoreThanAnyBodyHolds) {
  expect_refused(kKey, kIv, Bytes((std::size_t{16} << 20) + kBlock));
}

}  // namespace
}  // namespace latchkey::crypto
