#pragma once

#include <gtest/gtest.h>

#include "dialects/oauth2/codec.h"

// What the tests of the authority's face share.

namespace latchkey::dialects::oauth2 {

inline constexpr Instant kNoon = from_epoch(1772366400);
inline constexpr const char* kIssuer = "https://id.example/x";

inline WireOptions wire_options() {
  return {.issuer = kIssuer, .scopes = {"openid", "profile"}, .signing_alg = "ES256"};
}

inline http::Request post(std::string_view path, const http::Pairs& form,
                          const http::Headers& more = {}) {
  http::Request request{.method = "POST", .target = {std::string(path), {}}, .headers = more};
  request.headers.add("Content-Type", std::string(kForm));
  request.body = http::write_form(form);
  return request;
}

inline http::Pairs with(http::Pairs pairs, const http::Pairs& more) {
  pairs.insert(pairs.end(), more.begin(), more.end());
  return pairs;
}

/// The answer to a request as a server gives it: `why` is the engine's refusal.
inline http::Response refused(const Codec& codec, const http::Request& request,
                              const Error& error) {
  const auto operation = codec.decode_request(request);
  if (!operation) return codec.encode_reply({request, nullptr, kNoon}, fail(operation.error()));
  return codec.encode_reply({request, &*operation, kNoon}, fail(error));
}

inline std::string header(const http::Response& response, std::string_view name) {
  const auto* found = response.headers.find(name);
  return found ? *found : "";
}

inline json::Object body_of(const http::Response& response) {
  const auto body = json::parse(response.body);
  EXPECT_TRUE(body && body->as_object()) << response.body;
  return body && body->as_object() ? *body->as_object() : json::Object{};
}

inline std::string member(const http::Response& response, std::string_view name) {
  return json::string_field(body_of(response), name).value_or("absent");
}

}  // namespace latchkey::dialects::oauth2
