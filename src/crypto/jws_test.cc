#include "crypto/jws.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/tokens_test.h"

namespace latchkey::crypto {
namespace {

TEST(Compact, IsVerifiedByTheKeyThatSignedIt) {
  for (const Alg alg : kEveryAlg) {
    const std::string header = header_for(alg, R"(,"typ":"JWT","kid":"1")");
    const std::string token = signed_with(key_for(alg), header, R"({"sub":"ü"})");
    const auto jws = verify_compact(key_for(alg), token);
    ASSERT_TRUE(jws.has_value()) << token;
    EXPECT_EQ(json::write(jws->header), header);
    EXPECT_EQ(jws->payload, R"({"sub":"ü"})");
  }
}

TEST(Compact, CarriesAnyPayload) {
  const std::string payloads[] = {"", "x", std::string(3, '\0'), std::string(10'000, 'x')};
  for (const std::string& payload : payloads) {
    const Key& key = key_for(Alg::kEs256);
    const auto jws = verify_compact(key, signed_with(key, header_for(Alg::kEs256), payload));
    ASSERT_TRUE(jws.has_value());
    EXPECT_EQ(jws->payload, payload);
  }
}

TEST(Compact, WithAnyCharacterChangedIsRefused) {
  for (const Alg alg : kEveryAlg) {
    const std::string token = signed_with(key_for(alg), header_for(alg));
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string wrong = token;
      wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
      expect_refused(key_for(alg), wrong);
    }
  }
}

TEST(Compact, OfAnotherKeyIsRefused) {
  for (const Alg alg : kEveryAlg) {
    expect_refused(Key::generate(alg), signed_with(key_for(alg), header_for(alg)));
  }
}

TEST(Compact, MustNameTheAlgorithmOfTheKey) {  // checklist 43
  for (const Alg alg : kEveryAlg) {
    const Key& key = key_for(alg);
    for (const char* name : {"none", "None", "NONE", "nOnE", "noNe", "", "HS256", "RS256", "ES256",
                             "HS384", "HS512", "PS256", "ES512", "EdDSA", "rs256", "ES256 "}) {
      if (std::string_view(name) == name_of(alg)) continue;
      const std::string header = R"({"alg":")" + std::string(name) + R"("})";
      expect_refused(key, signed_with(key, header));
      expect_refused(key, base64url(header) + "." + base64url("{}") + ".");
      expect_refused(key, base64url(header) + "." + base64url("{}"));
    }
    for (const char* header : {"{}", R"({"alg":null})", R"({"alg":256})", R"({"ALG":"HS256"})",
                               R"({"alg":["HS256","RS256","ES256"]})", R"({"alg":{}})"}) {
      expect_refused(key, signed_with(key, header));
    }
  }
}

TEST(Compact, WithExtensionsIsRefused) {  // checklist 46
  for (const Alg alg : kEveryAlg) {
    for (const char* more :
         {R"(,"crit":["exp"],"exp":1)", R"(,"crit":["b64"],"b64":false)", R"(,"crit":[])",
          R"(,"crit":null)", R"(,"crit":"b64")", R"(,"b64":false)", R"(,"b64":true)",
          R"(,"crit":["http://example.com/UNDEFINED"],"http://example.com/UNDEFINED":true)"}) {
      expect_refused(key_for(alg), signed_with(key_for(alg), header_for(alg, more)));
    }
  }
}

TEST(Compact, DoesNotMeanTheJsonSerialisations) {  // checklist 46
  const Key& key = key_for(Alg::kEs256);
  const std::vector<std::string> parts = split(signed_with(key, header_for(Alg::kEs256)), '.');
  const std::string one = R"("protected":")" + parts[0] + R"(","signature":")" + parts[2] + "\"";
  expect_refused(key, R"({"payload":")" + parts[1] + "\"," + one + "}");
  expect_refused(key, R"({"payload":")" + parts[1] + R"(","signatures":[{)" + one + "}]}");
  expect_refused(key,
                 R"({"payload":")" + parts[1] + R"(","signatures":[{)" + one + "},{" + one + "}]}");
}

TEST(Compact, HasExactlyThreeParts) {
  const Key& key = key_for(Alg::kHs256);
  const std::string token = signed_with(key, header_for(Alg::kHs256));
  const std::vector<std::string> parts = split(token, '.');
  for (const std::string& wrong :
       {std::string(), std::string("."), std::string(".."), std::string("..."), parts[0],
        parts[0] + "." + parts[1], token + ".", token + "." + parts[2], "." + token,
        parts[0] + ".." + parts[2], "." + parts[1] + "." + parts[2],
        parts[0] + "." + parts[1] + ".", token + "." + parts[1] + "." + parts[2]}) {
    expect_refused(key, wrong);
  }
}

TEST(Compact, GivesItsTypToTheLetter) {  // checklist 49: judging it is the caller's
  const Key& key = key_for(Alg::kHs256);
  for (const char* typ : {"JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT", ""}) {
    const std::string more = R"(,"typ":")" + std::string(typ) + "\"";
    const auto jws = verify_compact(key, signed_with(key, header_for(Alg::kHs256, more)));
    ASSERT_TRUE(jws.has_value());
    EXPECT_EQ(text_in(jws->header, "typ"), typ);
  }
}

// Whole tokens, put together from parts that are already encoded.
std::string signed_parts(const Key& key, const std::string& header, const std::string& payload) {
  const std::string input = header + "." + payload;
  return input + "." + to_base64url(key.sign(input));
}

TEST(Compact, IsReadAsStrictBase64url) {  // checklist 50
  const Key& key = key_for(Alg::kHs256);
  // Neither is a multiple of three bytes: the last digit of each has bits left over.
  const std::string header = base64url(header_for(Alg::kHs256, " "));
  const std::string payload = base64url("~~~>>>~~~ab");
  ASSERT_TRUE(verify_compact(key, signed_parts(key, header, payload)).has_value());
  ASSERT_NE(payload.find_first_of("-_"), std::string::npos);
  auto spoilt = [](const std::string& part) {
    std::string other_alphabet = part;
    std::ranges::replace(other_alphabet, '-', '+');
    std::ranges::replace(other_alphabet, '_', '/');
    std::string left_over = part;
    ++left_over.back();
    return std::vector<std::string>{part + "=",
                                    part + "==",
                                    part + " ",
                                    " " + part,
                                    part + "\n",
                                    part + "AA",
                                    part + "?",
                                    "\r\n" + part,
                                    part.substr(0, 4) + " " + part.substr(4),
                                    left_over,
                                    part + std::string(1, '\0'),
                                    other_alphabet};
  };
  for (const std::string& wrong : spoilt(header)) {
    if (wrong != header) expect_refused(key, signed_parts(key, wrong, payload));
  }
  for (const std::string& wrong : spoilt(payload)) {
    expect_refused(key, signed_parts(key, header, wrong));
  }
  const std::string input = header + "." + payload;
  const std::string signature = to_base64url(key.sign(input));
  for (const std::string& wrong : spoilt(signature)) {
    if (wrong != signature) expect_refused(key, input + "." + wrong);
  }
}

TEST(Compact, HasAHeaderThatIsOneJsonObject) {  // checklist 50
  const Key& key = key_for(Alg::kHs256);
  for (const char* header :
       {"", "null", "[]", "\"HS256\"", R"(["alg","HS256"])", R"({"alg":"HS256")",
        R"({"alg":"HS256"}})", R"({"alg":"HS256"}{})", R"({"alg":"HS256",})", "{'alg':'HS256'}",
        R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"none","alg":"HS256"})",
        R"({"alg":"HS256","alg":"none"})", R"({"alg":"HS256","\u0061lg":"HS256"})",
        R"({"alg":"HS256","x":{"a":1,"a":2}})", "\xef\xbb\xbf{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"x\":\"\xff\"}"}) {
    expect_refused(key, signed_with(key, header));
  }
}

TEST(Compact, IsBoundedInDepthAndSize) {  // checklist 50
  const Key& key = key_for(Alg::kHs256);
  auto deep = [](int depth) {
    return R"(,"x":)" + std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  auto long_header = [&](std::size_t size) {
    return header_for(Alg::kHs256, R"(,"x":")" + std::string(size, 'x') + "\"");
  };
  EXPECT_TRUE(verify_compact(key, signed_with(key, header_for(Alg::kHs256, deep(6)))).has_value());
  expect_refused(key, signed_with(key, header_for(Alg::kHs256, deep(9))));
  expect_refused(key, signed_with(key, header_for(Alg::kHs256, deep(3000))));
  EXPECT_TRUE(verify_compact(key, signed_with(key, long_header(8000))).has_value());
  expect_refused(key, signed_with(key, long_header(8192)));
  const std::string header = header_for(Alg::kHs256);
  EXPECT_TRUE(verify_compact(key, signed_with(key, header, std::string(49'000, 'x'))).has_value());
  expect_refused(key, signed_with(key, header, std::string(49'152, 'x')));
}

}  // namespace
}  // namespace latchkey::crypto
