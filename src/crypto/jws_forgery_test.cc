// Tokens that somebody else made to look like ours.

#include <gtest/gtest.h>

#include "crypto/digest.h"
#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

struct PublicBytes {
  const char* name;
  Bytes bytes;
};

std::string pem_of(const Bytes& der) {
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  const std::string text = to_base64(der);
  for (std::size_t i = 0; i < text.size(); i += 64) pem += text.substr(i, 64) + "\n";
  return pem + "-----END PUBLIC KEY-----\n";
}

// Every form in which an attacker might know the public key.
std::vector<PublicBytes> public_forms(const Key& key) {
  const json::Object jwk = key.public_jwk("k1").value();
  auto number = [&](const char* name) { return parse_base64url(text_in(jwk, name)).value(); };
  std::vector<PublicBytes> forms;
  Bytes der;
  if (key.alg() == Alg::kEs256) {
    const Bytes x = number("x");
    const Bytes y = number("y");
    der = joined({*parse_hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), x, y});
    forms = {{"x", x}, {"x and y", joined({x, y})}, {"point", joined({Bytes{4}, x, y})}};
  } else {
    der = joined({*parse_hex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100"),
                  number("n"), *parse_hex("0203010001")});
    forms = {{"n", number("n")}, {"n as text", copy_of(text_in(jwk, "n"))}};
  }
  const std::string pem = pem_of(der);
  forms.push_back({"DER", der});
  forms.push_back({"PEM", copy_of(pem)});
  forms.push_back({"PEM without the last line feed", copy_of(pem.substr(0, pem.size() - 1))});
  forms.push_back({"JWK", copy_of(json::write(jwk))});
  forms.push_back({"nothing", {}});
  return forms;
}

TEST(Compact, IsNotVerifiedByAPublicKeyTakenForAnHmacKey) {  // checklist 44
  for (const Alg alg : {Alg::kRs256, Alg::kEs256}) {
    const Key& key = key_for(alg);
    for (const PublicBytes& form : public_forms(key)) {
      for (const char* named : {"HS256", name_of(alg)}) {
        const std::string input =
            base64url(R"({"alg":")" + std::string(named) + R"("})") + "." + base64url("{}");
        const Sha256 hmac = hmac_sha256(form.bytes, bytes_of(input));
        const Bytes tag(hmac.begin(), hmac.end());
        expect_refused(key, input + "." + to_base64url(tag));
        expect_refused(key, input + "." + to_base64url(joined({tag, tag})));
      }
    }
  }
}

TEST(Compact, IsNotVerifiedByAKeyThatItBrings) {  // checklist 45
  const Key attacker = Key::generate(Alg::kEs256);
  const std::string jwk = json::write(attacker.public_jwk("k1").value());
  for (const std::string& more :
       {R"(,"jwk":)" + jwk, std::string(R"(,"jku":"http://127.0.0.1:1/jwks.json")"),
        std::string(R"(,"x5u":"http://127.0.0.1:1/chain.pem")"), std::string(R"(,"x5c":["MIIB"])"),
        R"(,"kid":"k1","jwk":)" + jwk}) {
    expect_refused(key_for(Alg::kEs256), signed_with(attacker, header_for(Alg::kEs256, more)));
    // Nor do such headers spoil a token that the right key has signed.
    const Key& key = key_for(Alg::kEs256);
    EXPECT_TRUE(verify_compact(key, signed_with(key, header_for(Alg::kEs256, more))).has_value());
  }
}

TEST(Compact, GivesItsKidAsItIs) {  // checklist 45
  const Key& key = key_for(Alg::kHs256);
  for (const char* kid : {"", "../../../../dev/null", "' OR 1=1 --", "k1\\u0000x"}) {
    const std::string header = header_for(Alg::kHs256, R"(,"kid":")" + std::string(kid) + "\"");
    const auto jws = verify_compact(key, signed_with(key, header));
    ASSERT_TRUE(jws.has_value()) << kid;
    EXPECT_EQ(json::write(jws->header), header);
  }
}

constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

Bytes der_of(const Bytes& p1363) {
  Bytes numbers;
  for (const std::size_t at : {0, 32}) {
    Bytes number(p1363.begin() + static_cast<std::ptrdiff_t>(at),
                 p1363.begin() + static_cast<std::ptrdiff_t>(at) + 32);
    while (number.size() > 1 && number[0] == 0 && number[1] < 0x80) number.erase(number.begin());
    if (number[0] >= 0x80) number.insert(number.begin(), 0);
    numbers.push_back(2);
    numbers.push_back(static_cast<std::uint8_t>(number.size()));
    numbers.insert(numbers.end(), number.begin(), number.end());
  }
  return joined({Bytes{0x30, static_cast<std::uint8_t>(numbers.size())}, numbers});
}

// A token whose signature has the last digit of the alphabet in it.
std::string token_with_last_digit(Alg alg) {
  for (int n = 0;; ++n) {
    const std::string payload = R"({"n":)" + std::to_string(n) + "}";
    std::string token = signed_with(key_for(alg), header_for(alg), payload);
    if (token.find('_', token.rfind('.')) != std::string::npos) return token;
  }
}

TEST(Compact, HasNoSecondSpellingOfItsSignature) {  // checklist 50
  for (const Alg alg : kEveryAlg) {
    std::string token = token_with_last_digit(alg);
    ASSERT_TRUE(verify_compact(key_for(alg), token));
    char& digit = token[token.rfind('_')];
    for (int byte = 0x80; byte <= 0xff; ++byte) {
      digit = static_cast<char>(byte);
      expect_refused(key_for(alg), token);
    }
  }
}

TEST(Es256, TakesNothingButSixtyFourBytesInRange) {  // checklist 47
  const Key& key = key_for(Alg::kEs256);
  const std::string input = base64url(header_for(Alg::kEs256)) + "." + base64url("{}");
  const Bytes right = key.sign(input);
  const Bytes r(right.begin(), right.begin() + 32);
  const Bytes s(right.begin() + 32, right.end());
  const Bytes zero(32);
  const Bytes order = parse_hex(kOrder).value();
  const Bytes order_plus_one = with_bit_flipped(with_bit_flipped(order, 31 * 8), 31 * 8 + 1);
  const Bytes most(32, 0xff);
  const Bytes pad{0};
  const Bytes rows[] = {{},
                        der_of(right),
                        joined({r}),
                        joined({zero, zero}),
                        joined({zero, s}),
                        joined({r, zero}),
                        joined({order, s}),
                        joined({r, order}),
                        joined({order_plus_one, s}),
                        joined({r, order_plus_one}),
                        joined({most, s}),
                        joined({r, most}),
                        joined({most, most}),
                        joined({pad, r, pad, s}),
                        joined({pad, r, s}),
                        joined({r, s, pad}),
                        joined({r, pad, s}),
                        joined({s, r}),
                        joined({right, right}),
                        joined({r, ByteView(s).first(31)}),
                        joined({ByteView(r).last(31), s})};
  ASSERT_TRUE(verify_compact(key, input + "." + to_base64url(right)).has_value());
  for (const Bytes& wrong : rows) {
    EXPECT_FALSE(key.verify(input, wrong)) << to_hex(wrong);
    expect_refused(key, input + "." + to_base64url(wrong));
  }
}

}  // namespace
}  // namespace latchkey::crypto
