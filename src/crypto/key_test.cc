#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kText = "what is signed";

TEST(Alg, NamesAreReadBackAndNoOtherIs) {  // checklist 43
  for (const Alg alg : kEveryAlg) EXPECT_EQ(parse_alg(name_of(alg)), alg);
  for (const char* name : {"", "none", "None", "NONE", "nOnE", "hs256", "HS256 ", "HS384", "HS512",
                           "RS384", "RS512", "PS256", "ES384", "ES512", "ES256K", "EdDSA"}) {
    EXPECT_EQ(parse_alg(name), std::nullopt) << name;
  }
}

TEST(GeneratedKey, SignsAndVerifiesAndSurvivesExport) {
  for (const Alg alg : kEveryAlg) {
    const Key key = Key::generate(alg);
    EXPECT_EQ(key.alg(), alg);
    EXPECT_TRUE(key.can_sign());
    const auto again = Key::import_private(alg, key.export_private());
    ASSERT_TRUE(again.has_value()) << name_of(alg);
    EXPECT_TRUE(again->verify(kText, key.sign(kText)));
    EXPECT_TRUE(key.verify(kText, again->sign(kText)));
    EXPECT_TRUE(again->export_private() == key.export_private());
    EXPECT_FALSE(key_for(alg).verify(kText, key.sign(kText)));
  }
}

TEST(GeneratedKey, SignsWithTheSizeThatItsAlgorithmHas) {
  EXPECT_EQ(key_for(Alg::kHs256).sign(kText).size(), 32u);
  EXPECT_EQ(key_for(Alg::kRs256).sign(kText).size(), 256u);
  const Key key = Key::generate(Alg::kEs256);
  // r or s begins with a zero byte in one of 128 signatures; the size stays.
  for (int i = 0; i < 600; ++i) {
    const std::string text = std::to_string(i);
    const Bytes signature = key.sign(text);
    ASSERT_EQ(signature.size(), 64u);
    ASSERT_TRUE(key.verify(text, signature));
  }
}

TEST(GeneratedKey, VerifiesNothingWithABitFlipped) {
  for (const Alg alg : kEveryAlg) {
    const Key& key = key_for(alg);
    const Bytes signature = key.sign(kText);
    for (std::size_t bit = 0; bit < signature.size() * 8; bit += 7) {
      EXPECT_FALSE(key.verify(kText, with_bit_flipped(signature, bit))) << name_of(alg) << bit;
    }
    EXPECT_FALSE(key.verify("what is signee", signature));
    EXPECT_FALSE(key.verify("", signature));
    EXPECT_FALSE(key.verify(kText, {}));
    EXPECT_FALSE(key.verify(kText, ByteView(signature).first(signature.size() - 1)));
  }
}

TEST(Key, ServesManyThreadsAtOnce) {
  for (const Alg alg : kEveryAlg) {
    const Key& key = key_for(alg);
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&key, &wrong, i] {
        const std::string text = "thread " + std::to_string(i);
        for (int turn = 0; turn < 50; ++turn) {
          if (!key.verify(text, key.sign(text))) ++wrong;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0) << name_of(alg);
  }
}

TEST(ImportPrivate, ReadsItsOwnExportsAndNothingElse) {
  const json::Object file = read_vectors(kVectors + "jose/private_keys.json");
  EXPECT_EQ(array_in(file, "keys").size(), 22u);
  for (const json::Value& value : array_in(file, "keys")) {
    const json::Object& row = object_in(value);
    const auto key =
        Key::import_private(parse_alg(text_in(row, "alg")).value(), Secret(text_in(row, "pem")));
    EXPECT_EQ(key.has_value(), text_in(row, "result") == "usable") << text_in(row, "name");
    if (!key) {
      EXPECT_EQ(key.error().why, Why::kMalformed) << text_in(row, "name");
      continue;
    }
    EXPECT_EQ(key->export_private().reveal(), text_in(row, "pem"));
    EXPECT_TRUE(key->verify(kText, key->sign(kText)));
  }
}

TEST(ImportPrivate, RefusesShortAndMisspeltHmacKeys) {  // checklist 52
  for (const std::size_t size : {0, 1, 16, 31}) {
    const auto key = Key::import_private(Alg::kHs256, Secret(to_base64url(Bytes(size, 1))));
    ASSERT_FALSE(key.has_value()) << size;
    EXPECT_EQ(key.error().why, Why::kMalformed);
  }
  for (const std::size_t size : {32, 33, 64, 200}) {
    EXPECT_TRUE(Key::import_private(Alg::kHs256, Secret(to_base64url(Bytes(size, 1)))).has_value());
  }
  const std::string right = to_base64url(Bytes(32, 1));
  for (const std::string& wrong :
       {right + "=", right + "\n", " " + right, right + "AA", right.substr(0, 42) + "F"}) {
    EXPECT_FALSE(Key::import_private(Alg::kHs256, Secret(wrong)).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace latchkey::crypto
