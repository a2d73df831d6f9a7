#include "dialects/tconnect/envelope.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace latchkey::dialects::tconnect {
namespace {

Bytes counted(std::uint8_t from, std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), from);
  return bytes;
}

const Bytes kKey = counted(0, kKeySize);  // 000102…1e1f
const Bytes kIv = counted(16, kBlock);    // 101112…1e1f

// Computed with an independent implementation of AES-256-CBC.
constexpr const char* kRefreshPlain = R"({"refresh_token":"r"})";
constexpr const char* kRefreshHex =
    "101112131415161718191a1b1c1d1e1f4f081397d82ecd65a2ebeff20bb309331b65792da3ef31611fb8c1de52a64"
    "cc9";
constexpr const char* kLoginPlain =
    R"({"username":"demo@yourdomain.vn","password":"Password#123",)"
    R"("client_id":"fMLgZltRRtetnsOHXgxsHQ","client_secret":"hUFhGJIqz746zcxsYVtrwhkveDuEfcYd"})";
constexpr const char* kLoginHex =
    "101112131415161718191a1b1c1d1e1f0ed0f6178a460360d9e370fd5acd157b2beae5bd913b7a045eb99b358bb99"
    "355bb9e3e663b2f6139abbddc0dec76799ea2a9478fbe22519c14410d89bbe275b9804852d119672a7733f4f7ba97"
    "60a5386dcc4bc0c5f4f0127f1d710b2a95577ed13eaed8d3515b8b9cc5a8c7c1b7a9df4acaba2c8d650daa9d4bae7"
    "751dbcbc4339dae61120f89e2fb996355c507bfd0d4447a784b0aeac9138c6f552edd9e89";

std::string envelope(std::string_view hex) { return R"({"data":")" + std::string(hex) + R"("})"; }

TEST(TconnectEnvelope, IsTheIvAndTheCiphertextInHexadecimal) {
  EXPECT_EQ(seal_with_iv(kKey, kIv, kRefreshPlain), kRefreshHex);
  EXPECT_EQ(seal_with_iv(kKey, kIv, kLoginPlain), kLoginHex);
}

TEST(TconnectEnvelope, OpensInEitherCase) {
  std::string upper(kLoginHex);
  for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  for (const std::string& hex : {std::string(kLoginHex), upper}) {
    const auto opened = open(kKey, Iv::kPrepended, envelope(hex));
    ASSERT_TRUE(opened);
    EXPECT_EQ(json::write(*opened), kLoginPlain);
  }
}

TEST(TconnectEnvelope, OpensWhatWasSealedForEveryPlaceOfTheIv) {
  for (const Iv iv : {Iv::kPrepended, Iv::kZero, Iv::kKeyHead}) {
    const auto opened = open(kKey, iv, seal(kKey, iv, kRefreshPlain));
    ASSERT_TRUE(opened);
    EXPECT_EQ(json::write(*opened), kRefreshPlain);
  }
}

TEST(TconnectEnvelope, HasAFreshIvEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) seen.insert(seal(kKey, Iv::kPrepended, kRefreshPlain));
  EXPECT_EQ(seen.size(), 20u);
}

TEST(TconnectEnvelope, OpensTextWithEscapes) {
  const auto body = seal(kKey, Iv::kPrepended, R"({"a":"\u0110\u002B"})");
  const auto opened = open(kKey, Iv::kPrepended, body);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened->find("a")->as_string(), "Đ+");
}

TEST(TconnectEnvelope, IgnoresOtherMembersBesideData) {
  EXPECT_TRUE(open(kKey, Iv::kPrepended,
                   R"({"v":1,"data":")" + std::string(kRefreshHex) + R"(","x":null})"));
}

std::string sealed_hex(std::string_view plain) { return seal_with_iv(kKey, kIv, plain); }

std::string flipped_last(std::string hex) {
  hex[hex.size() - 33] = hex[hex.size() - 33] == '0' ? '1' : '0';  // the block before the last
  return hex;
}

struct Fault {
  const char* title;
  std::string body;
};

class TconnectFault : public ::testing::TestWithParam<Fault> {};

// checklist 61
TEST_P(TconnectFault, IsTheSameErrorWithoutAWord) {
  const auto opened = open(kKey, Iv::kPrepended, GetParam().body);
  ASSERT_FALSE(opened) << GetParam().title;
  EXPECT_EQ(opened.error(), Error{Why::kMalformed}) << GetParam().title;
}

INSTANTIATE_TEST_SUITE_P(
    , TconnectFault,
    ::testing::Values(Fault{"nothing", ""}, Fault{"not JSON", "data=00"}, Fault{"a list", "[]"},
                      Fault{"no data", "{}"}, Fault{"data is a number", R"({"data":1})"},
                      Fault{"data unquoted, as one sample has it",
                            std::string(R"({"data":)") + kRefreshHex + "}"},
                      Fault{"data twice", R"({"data":"00","data":"11"})"},
                      Fault{"empty data", envelope("")},
                      Fault{"an odd digit", envelope(std::string(kRefreshHex).substr(1))},
                      Fault{"a foreign digit", envelope("zz" + std::string(kRefreshHex).substr(2))},
                      Fault{"white space", envelope(" " + std::string(kRefreshHex))},
                      Fault{"the IV alone", envelope(std::string(kRefreshHex).substr(0, 32))},
                      Fault{"31 bytes", envelope(std::string(kRefreshHex).substr(0, 62))},
                      Fault{"a part of a block", envelope(std::string(kRefreshHex).substr(0, 94))},
                      Fault{"the last block cut off",
                            envelope(std::string(kRefreshHex).substr(0, 64))},
                      Fault{"wrong padding", envelope(flipped_last(kRefreshHex))},
                      Fault{"no JSON inside", envelope(sealed_hex("hello"))},
                      Fault{"nothing inside", envelope(sealed_hex(""))},
                      Fault{"a list inside", envelope(sealed_hex("[]"))},
                      Fault{"a name twice inside", envelope(sealed_hex(R"({"a":"1","a":"2"})"))},
                      Fault{"no UTF-8 inside", envelope(sealed_hex("{\"a\":\"\xff\"}"))},
                      Fault{"deep inside", envelope(sealed_hex(std::string(40, '[')))},
                      Fault{"too much", envelope(std::string(2 * kMostBody, '0'))}));

TEST(TconnectEnvelope, DoesNotOpenWithAnotherKey) {
  const auto opened = open(counted(1, kKeySize), Iv::kPrepended, envelope(kLoginHex));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), Error{Why::kMalformed});
}

TEST(TconnectKey, Is64HexadecimalDigits) {
  const std::string digits(64, 'a');
  EXPECT_TRUE(parse_key(Secret(digits)));
  EXPECT_TRUE(parse_key(Secret(std::string(64, 'A'))));
  for (const std::string& bad : {std::string(), digits.substr(1), digits.substr(2), digits + "aa",
                                 std::string(64, 'g'), " " + digits.substr(1)}) {
    const auto key = parse_key(Secret(bad));
    ASSERT_FALSE(key) << bad;
    EXPECT_EQ(key.error().why, Why::kUsage) << bad;
  }
}

}  // namespace
}  // namespace latchkey::dialects::tconnect
