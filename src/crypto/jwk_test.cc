#include <gtest/gtest.h>

#include <stdexcept>

#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kText = "what is signed";

json::Object with(const json::Object& jwk, std::string_view name, json::Value value) {
  json::Object changed;
  bool found = false;
  for (const json::Member& member : jwk) {
    changed.add(member.name, member.name == name ? value : member.value);
    found |= member.name == name;
  }
  if (!found) changed.add(std::string(name), value);
  return changed;
}

json::Object without(const json::Object& jwk, std::string_view name) {
  json::Object changed;
  for (const json::Member& member : jwk) {
    if (member.name != name) changed.add(member.name, member.value);
  }
  return changed;
}

// "A.3" of RFC 7515 is a private P-256 key, "A.2" a private RSA key of 2048 bits.
json::Object rfc7515_jwk(std::string_view name) {
  const json::Object file = read_vectors(kVectors + "jose/rfc7515.json");
  for (const json::Value& example : array_in(file, "examples")) {
    if (text_in(object_in(example), "name") == name) return object_in(object_in(example), "jwk");
  }
  ADD_FAILURE() << name;
  return {};
}

std::optional<Why> refusal_of(Alg alg, const json::Object& jwk) {
  const auto key = Key::from_jwk(alg, jwk);
  if (key) return std::nullopt;
  return key.error().why;
}

TEST(PublicJwk, HoldsThePublicHalfAndNothingElse) {  // checklist 52
  const std::vector<std::string> rsa = {"kty", "kid", "use", "alg", "n", "e"};
  const std::vector<std::string> ec = {"kty", "kid", "use", "alg", "crv", "x", "y"};
  for (const Alg alg : {Alg::kRs256, Alg::kEs256}) {
    const Key& key = key_for(alg);
    const json::Object jwk = key.public_jwk("k1").value();
    std::vector<std::string> names;
    for (const json::Member& member : jwk) names.push_back(member.name);
    EXPECT_EQ(names, alg == Alg::kRs256 ? rsa : ec);
    EXPECT_EQ(text_in(jwk, "kid"), "k1");
    EXPECT_EQ(text_in(jwk, "use"), "sig");
    EXPECT_EQ(text_in(jwk, "alg"), name_of(alg));

    const Key half = Key::from_jwk(alg, jwk).value();
    EXPECT_FALSE(half.can_sign());
    EXPECT_TRUE(half.verify(kText, key.sign(kText)));
    EXPECT_EQ(half.public_jwk("k1").value(), jwk);
    EXPECT_THROW(half.sign(kText), std::logic_error);
    EXPECT_THROW(half.export_private(), std::logic_error);
  }
}

TEST(PublicJwk, KeepsTheLeadingZerosOfACoordinate) {
  for (int i = 0; i < 600; ++i) {
    const json::Object jwk = Key::generate(Alg::kEs256).public_jwk("").value();
    ASSERT_EQ(text_in(jwk, "x").size(), 43u);
    ASSERT_EQ(text_in(jwk, "y").size(), 43u);
    ASSERT_EQ(refusal_of(Alg::kEs256, jwk), std::nullopt);
  }
}

TEST(PublicJwk, IsNotThereForAnHmacKey) {  // checklist 52
  const auto jwk = Key::generate(Alg::kHs256).public_jwk("k1");
  ASSERT_FALSE(jwk.has_value());
  EXPECT_EQ(jwk.error().why, Why::kUnsupported);
}

TEST(FromJwk, ReadsAPrivateKeyWhichSigns) {
  const std::pair<Alg, const char*> rows[] = {
      {Alg::kHs256, "A.1"}, {Alg::kRs256, "A.2"}, {Alg::kEs256, "A.3"}};
  for (const auto& [alg, name] : rows) {
    const auto key = Key::from_jwk(alg, rfc7515_jwk(name));
    ASSERT_TRUE(key.has_value()) << name;
    EXPECT_TRUE(key->can_sign());
    EXPECT_TRUE(key->verify(kText, key->sign(kText)));
    EXPECT_TRUE(Key::import_private(alg, key->export_private()).has_value());
  }
}

TEST(FromJwk, RefusesKeysForAnythingElse) {
  const json::Object ec = rfc7515_jwk("A.3");
  const json::Array verify{json::Value("verify")};
  const json::Array encrypt{json::Value("encrypt"), json::Value("decrypt")};
  EXPECT_EQ(refusal_of(Alg::kEs256, with(ec, "use", "sig")), std::nullopt);
  EXPECT_EQ(refusal_of(Alg::kEs256, with(ec, "alg", "ES256")), std::nullopt);
  EXPECT_EQ(refusal_of(Alg::kEs256, with(ec, "key_ops", verify)), std::nullopt);
  const json::Object rows[] = {with(ec, "use", "enc"),
                               with(ec, "use", "SIG"),
                               with(ec, "use", nullptr),
                               with(ec, "key_ops", encrypt),
                               with(ec, "key_ops", "sign"),
                               with(ec, "alg", "ES384"),
                               with(ec, "alg", "es256"),
                               with(ec, "alg", "RS256"),
                               with(ec, "alg", 256),
                               with(ec, "kty", "RSA"),
                               with(ec, "kty", "OKP"),
                               with(ec, "kty", "oct"),
                               with(ec, "crv", "P-384"),
                               with(ec, "crv", "secp256k1"),
                               with(ec, "crv", "prime256v1"),
                               with(ec, "kty", "ec"),
                               with(ec, "key_ops", json::Array{})};
  for (const json::Object& row : rows) {
    EXPECT_EQ(refusal_of(Alg::kEs256, row), Why::kUnsupported) << json::write(row);
  }
  EXPECT_EQ(refusal_of(Alg::kRs256, ec), Why::kUnsupported);
  EXPECT_EQ(refusal_of(Alg::kHs256, ec), Why::kUnsupported);
}

TEST(FromJwk, RefusesNumbersThatAreNoP256Key) {
  const json::Object ec = rfc7515_jwk("A.3");
  const std::string zero = to_base64url(Bytes(32));
  const std::string one = to_base64url(with_bit_flipped(Bytes(32), 31 * 8));
  const std::string order =
      to_base64url(*parse_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"));
  const std::string prime =
      to_base64url(*parse_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"));
  const json::Object rows[] = {without(ec, "kty"),
                               without(ec, "crv"),
                               without(ec, "x"),
                               without(ec, "y"),
                               with(ec, "x", ""),
                               with(ec, "x", 5),
                               with(ec, "x", text_in(ec, "x") + "="),
                               with(ec, "x", to_base64url(Bytes(31, 1))),
                               with(ec, "x", to_base64url(Bytes(33, 1))),
                               with(ec, "x", text_in(ec, "y")),
                               with(ec, "y", text_in(ec, "x")),
                               with(ec, "y", prime),
                               with(with(ec, "x", zero), "y", zero),
                               with(ec, "d", zero),
                               with(ec, "d", one),
                               with(ec, "d", order),
                               with(ec, "d", nullptr),
                               with(ec, "d", ""),
                               with(ec, "d", to_base64url(Bytes(31, 1)))};
  for (const json::Object& row : rows) {
    EXPECT_EQ(refusal_of(Alg::kEs256, row), Why::kMalformed) << json::write(row);
  }
}

TEST(FromJwk, RefusesNumbersThatAreNoRsaKey) {
  const json::Object rsa = rfc7515_jwk("A.2");
  const std::string three = to_base64url(Bytes{3});
  std::vector<json::Object> rows;
  for (const char* name : {"n", "e", "d", "p", "q", "dp", "dq", "qi"}) {
    // Without "d" it is a public key, and a good one.
    if (std::string_view(name) != "d") rows.push_back(without(rsa, name));
    rows.push_back(with(rsa, name, ""));
    rows.push_back(with(rsa, name, 65537));
    rows.push_back(with(rsa, name, "AQAB="));
    rows.push_back(with(rsa, name, to_base64url(Bytes(1026, 1))));
  }
  rows.push_back(with(rsa, "n", text_in(rfc7515_jwk("A.1"), "k")));
  rows.push_back(with(with(rsa, "d", three), "p", three));
  rows.push_back(with(with(rsa, "d", three), "qi", three));
  rows.push_back(with(with(rsa, "d", three), "q", to_base64url(Bytes{0})));
  for (const json::Object& row : rows) {
    EXPECT_EQ(refusal_of(Alg::kRs256, row), Why::kMalformed) << json::write(row);
  }
  EXPECT_EQ(refusal_of(Alg::kRs256, without(rsa, "d")), std::nullopt);
  EXPECT_EQ(refusal_of(Alg::kRs256, with(rsa, "oth", json::Array{})), Why::kUnsupported);
}

json::Object rsa_public(const Bytes& n, const Bytes& e) {
  return {{"kty", "RSA"}, {"n", to_base64url(n)}, {"e", to_base64url(e)}};
}

Bytes odd_number(std::size_t bits) {
  Bytes bytes((bits + 7) / 8, 0xff);
  bytes.front() = static_cast<std::uint8_t>(0xff >> (bytes.size() * 8 - bits));
  return bytes;
}

TEST(FromJwk, BoundsTheSizeOfRsaKeys) {  // checklist 52
  const Bytes f4{1, 0, 1};
  const struct {
    std::size_t bits;
    std::optional<Why> refusal;
  } rows[] = {{512, Why::kMalformed},  {1024, Why::kMalformed}, {2047, Why::kMalformed},
              {2048, std::nullopt},    {4096, std::nullopt},    {8192, std::nullopt},
              {8193, Why::kMalformed}, {16384, Why::kMalformed}};
  for (const auto& row : rows) {
    EXPECT_EQ(refusal_of(Alg::kRs256, rsa_public(odd_number(row.bits), f4)), row.refusal)
        << row.bits;
  }
}

TEST(FromJwk, BoundsTheExponentOfRsaKeys) {
  const Bytes n = odd_number(2048);
  const struct {
    Bytes e;
    std::optional<Why> refusal;
  } rows[] = {{{0}, Why::kMalformed},           {{1}, Why::kMalformed},
              {{3}, Why::kMalformed},           {{0xff, 0xff}, Why::kMalformed},
              {{1, 0, 0}, Why::kMalformed},     {{1, 0, 1}, std::nullopt},
              {{0, 1, 0, 1}, std::nullopt},     {Bytes(8, 0xff), std::nullopt},
              {Bytes(9, 0xff), Why::kMalformed}};
  for (const auto& row : rows) {
    EXPECT_EQ(refusal_of(Alg::kRs256, rsa_public(n, row.e)), row.refusal) << to_hex(row.e);
  }
  Bytes even = n;
  even.back() = 0xfe;
  EXPECT_EQ(refusal_of(Alg::kRs256, rsa_public(even, {1, 0, 1})), Why::kMalformed);
}

TEST(FromJwk, RefusesShortAndEmptyHmacKeys) {  // checklist 52
  auto oct = [](const std::string& k) { return json::Object{{"kty", "oct"}, {"k", k}}; };
  EXPECT_EQ(refusal_of(Alg::kHs256, oct(to_base64url(Bytes(32)))), std::nullopt);
  EXPECT_EQ(refusal_of(Alg::kHs256, oct(to_base64url(Bytes(31)))), Why::kMalformed);
  EXPECT_EQ(refusal_of(Alg::kHs256, oct("")), Why::kMalformed);
  EXPECT_EQ(refusal_of(Alg::kHs256, json::Object{{"kty", "oct"}}), Why::kMalformed);
  EXPECT_EQ(refusal_of(Alg::kHs256, json::Object{}), Why::kMalformed);
}

}  // namespace
}  // namespace latchkey::crypto
