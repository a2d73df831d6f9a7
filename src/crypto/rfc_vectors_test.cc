#include <gtest/gtest.h>

#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

std::string with_signature_bit_flipped(const std::string& jws, std::size_t bit) {
  const std::size_t dot = jws.rfind('.');
  const Bytes signature = parse_base64url(std::string_view(jws).substr(dot + 1)).value();
  return jws.substr(0, dot + 1) + to_base64url(with_bit_flipped(signature, bit));
}

void expect_valid_and_no_other(const Key& key, const std::string& jws) {
  EXPECT_TRUE(verify_compact(key, jws).has_value());
  for (std::size_t bit = 0; bit < 256; ++bit) {
    EXPECT_FALSE(verify_compact(key, with_signature_bit_flipped(jws, bit)).has_value()) << bit;
  }
  std::string other_payload = jws;
  char& last = other_payload[jws.rfind('.') - 2];
  last = last == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verify_compact(key, other_payload).has_value());
}

// A key of ours may not be made of it, and no key of ours accepts the token.
void expect_unsupported(const json::Object& example) {
  const json::Object* jwk = example.find("jwk")->as_object();
  for (const Alg alg : kEveryAlg) {
    EXPECT_FALSE(verify_compact(key_for(alg), text_in(example, "jws")).has_value());
    if (jwk == nullptr) continue;
    const auto key = Key::from_jwk(alg, *jwk);
    if (key) EXPECT_FALSE(verify_compact(*key, text_in(example, "jws")).has_value());
  }
}

int run_examples(const char* name) {
  const json::Object file = read_vectors(kVectors + name);
  int count = 0;
  for (const json::Value& value : array_in(file, "examples")) {
    const json::Object& example = object_in(value);
    SCOPED_TRACE(text_in(example, "name"));
    ++count;
    const auto alg = parse_alg(text_in(example, "alg"));
    EXPECT_EQ(alg.has_value(), text_in(example, "result") == "valid");
    if (!alg) {
      expect_unsupported(example);
      continue;
    }
    const auto key = Key::from_jwk(*alg, object_in(example, "jwk"));
    EXPECT_TRUE(key.has_value());
    if (key) expect_valid_and_no_other(*key, text_in(example, "jws"));
  }
  return count;
}

TEST(Rfc7515, ExamplesOfAppendixAAreJudgedRightly) {
  EXPECT_EQ(run_examples("jose/rfc7515.json"), 5);
}

TEST(Rfc7520, ExamplesOfSectionFourAreJudgedRightly) {
  EXPECT_EQ(run_examples("jose/rfc7520.json"), 4);
}

TEST(Rfc7515, SignaturesWithoutRandomnessComeOutTheSame) {
  const json::Object file = read_vectors(kVectors + "jose/rfc7515.json");
  for (const json::Value& value : array_in(file, "examples")) {
    const json::Object& example = object_in(value);
    const auto alg = parse_alg(text_in(example, "alg"));
    if (!alg || *alg == Alg::kEs256) continue;
    const Key key = Key::from_jwk(*alg, object_in(example, "jwk")).value();
    const std::string& jws = text_in(example, "jws");
    const std::vector<std::string> parts = split(jws, '.');
    const Bytes header = parse_base64url(parts[0]).value();
    const Bytes payload = parse_base64url(parts[1]).value();
    EXPECT_EQ(sign_compact(key, text_of(header), text_of(payload)).reveal(), jws);
  }
}

int run_keys(const char* name) {
  const json::Object file = read_vectors(kVectors + name);
  int count = 0;
  for (const json::Value& value : array_in(file, "keys")) {
    const json::Object& row = object_in(value);
    SCOPED_TRACE(text_in(row, "name"));
    ++count;
    const std::string& result = text_in(row, "result");
    const auto key = Key::from_jwk(parse_alg(text_in(row, "alg")).value(), object_in(row, "jwk"));
    EXPECT_EQ(key.has_value(), result != "unsupported");
    if (!key) {
      EXPECT_EQ(key.error().why, Why::kUnsupported);
      continue;
    }
    EXPECT_EQ(key->can_sign(), result == "private");
    if (key->can_sign()) EXPECT_TRUE(key->verify("x", key->sign("x")));
  }
  return count;
}

TEST(Rfc7517, KeysOfAppendixAAreJudgedRightly) { EXPECT_EQ(run_keys("jose/rfc7517.json"), 6); }

TEST(Rfc7520, KeysOfSectionThreeAreJudgedRightly) { EXPECT_EQ(run_keys("jose/rfc7520.json"), 6); }

TEST(Rfc7517, PrivateKeysOfAppendixABelongToThePublicOnes) {
  const json::Object file = read_vectors(kVectors + "jose/rfc7517.json");
  const json::Array& rows = array_in(file, "keys");
  for (const std::size_t at : {0, 1}) {
    // The elliptic key is for encryption, which we refuse; its numbers are sound.
    auto read = [&](std::size_t row) {
      const Alg alg = parse_alg(text_in(object_in(rows[row]), "alg")).value();
      json::Object jwk;
      for (const json::Member& member : object_in(object_in(rows[row]), "jwk")) {
        if (member.name != "use") jwk.add(member.name, member.value);
      }
      return Key::from_jwk(alg, jwk).value();
    };
    EXPECT_TRUE(read(at).verify("x", read(at + 2).sign("x")));
  }
}

}  // namespace
}  // namespace latchkey::crypto
