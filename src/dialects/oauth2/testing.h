#pragma once

// For the tests of this folder: keys, made once, and what is signed with them.

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"
#include "crypto/jws.h"

namespace latchkey::dialects::oauth2 {

inline const crypto::Key& test_key(crypto::Alg alg) {
  static const crypto::Key hs256 = crypto::Key::generate(crypto::Alg::kHs256);
  static const crypto::Key rs256 = crypto::Key::generate(crypto::Alg::kRs256);
  static const crypto::Key es256 = crypto::Key::generate(crypto::Alg::kEs256);
  return alg == crypto::Alg::kHs256 ? hs256 : alg == crypto::Alg::kRs256 ? rs256 : es256;
}

/// `object` with that member set to `value`; without it when `value` is nullopt.
inline json::Object changed(const json::Object& object, std::string_view name,
                            const std::optional<json::Value>& value) {
  json::Object out;
  for (const json::Member& member : object) {
    if (member.name != name) out.add(member.name, member.value);
  }
  if (value) out.add(std::string(name), *value);
  return out;
}

inline Secret signed_text(const crypto::Key& key, const json::Object& header,
                          const json::Object& claims) {
  return crypto::sign_compact(key, json::write(header), json::write(claims));
}

inline json::Object object_from(std::string_view text) {
  const auto value = json::parse(text);
  EXPECT_TRUE(value && value->as_object()) << text;
  return value && value->as_object() ? *value->as_object() : json::Object{};
}

}  // namespace latchkey::dialects::oauth2
