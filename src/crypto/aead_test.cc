#include "crypto/aead.h"

#include <gtest/gtest.h>

#include <numeric>

#include "crypto/random.h"
#include "crypto/vectors_test.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kOverhead = 24 + 16;

const Bytes kKey(32, 7);

TEST(Seal, IsUndoneByOpen) {
  for (const std::size_t size : {0, 1, 16, 1000}) {
    const Bytes plain = random_bytes(size);
    const Bytes sealed = seal(kKey, plain, "row 1");
    EXPECT_EQ(sealed.size(), size + kOverhead);
    const auto opened = open(kKey, sealed, "row 1");
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->reveal(), text_of(plain));
  }
}

TEST(Seal, NeverGivesTheSameTextTwice) {
  EXPECT_NE(seal(kKey, bytes_of("x"), ""), seal(kKey, bytes_of("x"), ""));
}

TEST(Seal, DoesNotAcceptAKeyOfAnotherSize) {
  for (const std::size_t size : {0, 16, 31, 33}) {
    EXPECT_THROW(seal(Bytes(size), bytes_of("x"), ""), std::invalid_argument);
  }
}

TEST(Open, ReadsThePublishedVector) {
  // draft-irtf-cfrg-xchacha-03 appendix A.3.1.
  Bytes key(32);
  std::iota(key.begin(), key.end(), std::uint8_t{0x80});
  Bytes nonce(24);
  std::iota(nonce.begin(), nonce.end(), std::uint8_t{0x40});
  const std::string context = "PQRS\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7";
  const auto sealed = parse_hex(
      to_hex(nonce) +
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda"
      "7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b23835"
      "65d3fff921f9664c97637da9768812f615c68b13b52e"
      "c0875924c1c7987947deafd8780acf49");
  const auto opened = open(key, sealed.value(), context);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->reveal(),
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
            "future, sunscreen would be it.");
}

void expect_refused(ByteView key, ByteView sealed, std::string_view context) {
  const auto opened = open(key, sealed, context);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error(), Error{Why::kStore});  // and no word about why (checklist 61)
}

TEST(Open, RefusesAnotherKey) {
  const Bytes sealed = seal(kKey, bytes_of("secret"), "row 1");
  for (std::size_t bit = 0; bit < 256; ++bit) {
    expect_refused(with_bit_flipped(kKey, bit), sealed, "row 1");
  }
  for (const std::size_t size : {0, 31, 33}) expect_refused(Bytes(size, 7), sealed, "row 1");
}

TEST(Open, RefusesAnotherContext) {
  const Bytes sealed = seal(kKey, bytes_of("secret"), "row 1");
  for (const char* context : {"", "row 2", "row 1 ", "row ", "Row 1"}) {
    expect_refused(kKey, sealed, context);
  }
  expect_refused(kKey, seal(kKey, bytes_of("secret"), ""), "row 1");
}

TEST(Open, RefusesEveryFlippedBit) {
  const Bytes sealed = seal(kKey, bytes_of("secret"), "row 1");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    expect_refused(kKey, with_bit_flipped(sealed, bit), "row 1");
  }
}

TEST(Open, RefusesEveryOtherLength) {
  Bytes sealed = seal(kKey, bytes_of("secret"), "row 1");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    expect_refused(kKey, ByteView(sealed).first(size), "row 1");
  }
  sealed.push_back(0);
  expect_refused(kKey, sealed, "row 1");
}

}  // namespace
}  // namespace latchkey::crypto
