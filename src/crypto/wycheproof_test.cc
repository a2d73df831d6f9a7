// Vectors of C2SP/wycheproof. They are not part of the product's folder; where they
// are absent these tests say so and are skipped.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "crypto/cbc.h"
#include "crypto/digest.h"
#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

bool is_valid(const json::Object& vector) { return text_in(vector, "result") == "valid"; }

using Judge = std::function<void(const json::Object& group, const json::Object& vector)>;

// Shows every vector of a file to `judge`, and proves that none was left out.
void run(const std::string& path, const Judge& judge) {
  const json::Object file = read_vectors(path);
  std::int64_t count = 0;
  for (const json::Value& group : array_in(file, "testGroups")) {
    for (const json::Value& vector : array_in(object_in(group), "tests")) {
      SCOPED_TRACE("tcId " + std::to_string(number_in(object_in(vector), "tcId")) + ": " +
                   text_in(object_in(vector), "comment"));
      judge(object_in(group), object_in(vector));
      ++count;
    }
  }
  EXPECT_EQ(count, number_in(file, "numberOfTests"));
  EXPECT_GT(count, 0);
}

#define SKIP_IF_ABSENT(path) \
  if (!is_there(path)) GTEST_SKIP() << "skipped: there is no " << (path)

TEST(Wycheproof, HmacSha256) {
  const std::string path = kWycheproof + "hmac_sha256.json";
  SKIP_IF_ABSENT(path);
  run(path, [](const json::Object& group, const json::Object& vector) {
    const Sha256 whole = hmac_sha256(hex_in(vector, "key"), hex_in(vector, "msg"));
    const auto size = static_cast<std::size_t>(number_in(group, "tagSize")) / 8;
    const ByteView tag = ByteView(whole).first(size);
    const Bytes given = hex_in(vector, "tag");
    EXPECT_EQ(same_bytes(tag, given), is_valid(vector));
    if (is_valid(vector)) EXPECT_FALSE(same_bytes(tag, with_bit_flipped(given, 0)));
  });
}

TEST(Wycheproof, AesCbcWithPadding) {
  const std::string path = kWycheproof + "aes_cbc_pkcs5.json";
  SKIP_IF_ABSENT(path);
  run(path, [](const json::Object& group, const json::Object& vector) {
    const Bytes key = hex_in(vector, "key");
    const Bytes iv = hex_in(vector, "iv");
    const Bytes cipher = hex_in(vector, "ct");
    const bool supported = number_in(group, "keySize") == 256;
    const auto plain = decrypt_cbc(key, iv, cipher);
    EXPECT_EQ(plain.has_value(), supported && is_valid(vector));
    if (!plain) {
      EXPECT_EQ(plain.error(), Error{Why::kMalformed});
      return;
    }
    EXPECT_EQ(plain->reveal(), text_of(hex_in(vector, "msg")));
    EXPECT_EQ(encrypt_cbc(key, iv, hex_in(vector, "msg")), cipher);
    const auto wrong = decrypt_cbc(key, iv, with_bit_flipped(cipher, 0));
    if (wrong) EXPECT_FALSE(*wrong == *plain);
  });
}

json::Object jwk_of_point(const json::Object& public_key) {
  const Bytes point = hex_in(public_key, "uncompressed");
  const ByteView view(point);
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"x", to_base64url(view.subspan(1, 32))},
          {"y", to_base64url(view.subspan(33))}};
}

TEST(Wycheproof, EcdsaP256) {  // checklist 47
  const std::string path = kWycheproof + "ecdsa_secp256r1_sha256_p1363.json";
  SKIP_IF_ABSENT(path);
  run(path, [](const json::Object& group, const json::Object& vector) {
    const auto key = Key::from_jwk(Alg::kEs256, jwk_of_point(object_in(group, "publicKey")));
    ASSERT_TRUE(key.has_value());
    const Bytes message = hex_in(vector, "msg");
    const Bytes signature = hex_in(vector, "sig");
    EXPECT_EQ(key->verify(text_of(message), signature), is_valid(vector));
    if (is_valid(vector)) {
      EXPECT_FALSE(key->verify(text_of(message), with_bit_flipped(signature, 5)));
    }
  });
}

const json::Object& jwk_in(const json::Object& group) {
  const json::Value* half = group.find("public");
  return half != nullptr ? *half->as_object() : object_in(group, "private");
}

// Where the file itself is wrong. 367 and 370 lost the padding that they are about
// and are byte for byte the valid 357 (github.com/C2SP/wycheproof/issues/236). 372
// and 373, which it calls valid, have a '?' inside their base64url (checklist 50).
const std::set<std::int64_t> kMisjudged = {367, 370, 372, 373};

bool should_be_accepted(const json::Object& jwk, const json::Object& vector) {
  // A key that names no algorithm is there to be refused for its use.
  const json::Value* named = jwk.find("alg");
  if (named == nullptr || !parse_alg(*named->as_string())) return false;
  return is_valid(vector) != kMisjudged.contains(number_in(vector, "tcId"));
}

bool is_accepted(const json::Object& jwk, const std::string& jws) {
  return std::ranges::any_of(kEveryAlg, [&](Alg alg) {
    const auto key = Key::from_jwk(alg, jwk);
    return key && verify_compact(*key, jws).has_value();
  });
}

TEST(Wycheproof, JsonWebSignature) {  // checklist 43
  const std::string path = kWycheproof + "json_web_signature.json";
  SKIP_IF_ABSENT(path);
  int accepted = 0;
  run(path, [&accepted](const json::Object& group, const json::Object& vector) {
    const json::Object& jwk = jwk_in(group);
    const std::string& jws = text_in(vector, "jws");
    EXPECT_EQ(is_accepted(jwk, jws), should_be_accepted(jwk, vector));
    if (!should_be_accepted(jwk, vector)) return;
    ++accepted;
    std::string wrong = jws;
    char& spoilt = wrong[jws.rfind('.') + 1];
    spoilt = spoilt == 'A' ? 'B' : 'A';
    EXPECT_FALSE(is_accepted(jwk, wrong));
  });
  EXPECT_EQ(accepted, 20);
}

TEST(Wycheproof, KeysOfUnsupportedAlgorithmsAreRefused) {
  const std::string path = kWycheproof + "json_web_signature.json";
  SKIP_IF_ABSENT(path);
  const json::Object file = read_vectors(path);
  int refused = 0;
  for (const json::Value& group : array_in(file, "testGroups")) {
    const json::Object& jwk = jwk_in(object_in(group));
    const json::Value* named = jwk.find("alg");
    if (named != nullptr && parse_alg(*named->as_string())) continue;
    ++refused;
    for (const Alg alg : kEveryAlg) {
      const auto key = Key::from_jwk(alg, jwk);
      ASSERT_FALSE(key.has_value()) << json::write(jwk);
      EXPECT_EQ(key.error().why, Why::kUnsupported);
    }
  }
  EXPECT_EQ(refused, 13);
}

}  // namespace
}  // namespace latchkey::crypto
