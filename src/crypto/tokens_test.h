#pragma once

// For the tests of this folder: keys, and tokens signed with them.

#include <gtest/gtest.h>

#include "crypto/jws.h"
#include "crypto/vectors_test.h"

namespace latchkey::crypto {

inline constexpr Alg kEveryAlg[] = {Alg::kHs256, Alg::kRs256, Alg::kEs256};

// Made once: an RSA key takes a tenth of a second.
inline const Key& key_for(Alg alg) {
  static const Key hs256 = Key::generate(Alg::kHs256);
  static const Key rs256 = Key::generate(Alg::kRs256);
  static const Key es256 = Key::generate(Alg::kEs256);
  return alg == Alg::kHs256 ? hs256 : alg == Alg::kRs256 ? rs256 : es256;
}

inline std::string header_for(Alg alg, std::string_view more = "") {
  return R"({"alg":")" + std::string(name_of(alg)) + "\"" + std::string(more) + "}";
}

inline std::string signed_with(const Key& key, std::string_view header,
                               std::string_view payload = "{}") {
  return std::string(sign_compact(key, header, payload).reveal());
}

inline std::string base64url(std::string_view text) { return to_base64url(bytes_of(text)); }

inline void expect_refused(const Key& key, std::string_view token) {
  const auto jws = verify_compact(key, token);
  ASSERT_FALSE(jws.has_value()) << token;
  EXPECT_EQ(jws.error(), Error{Why::kInvalidToken}) << token;
}

inline Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace latchkey::crypto
