#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "dialects/sinopac/codec.h"

namespace latchkey::dialects::sinopac {

// What the tests of this wire share.

using engine::Authorize;
using engine::Exchange;
using engine::Refresh;
using engine::Use;
using namespace std::chrono_literals;

inline constexpr Instant kNoon = from_epoch(1772366400);
inline const Codec kCodec{WireOptions{}};

inline const Authorize kAuthorize{ClientId("oauthtestclient"), "http://127.0.0.1:8000/cb",
                                  "abcd1234"};
inline const Exchange kExchange{
    {ClientId("oauthtestclient"), Secret("abcd")}, Secret("c0de"), "http://127.0.0.1:8000/cb"};
inline const Refresh kRefresh{.refresh_token = Secret("c106731f869b05dced9972c6274f9890e1c49dd0"),
                              .client = {ClientId("oauthtestclient"), Secret("abcd")}};
inline const Use kUse{.bearer = Secret("b9b8944cf349372d595f8a8152914fddcdfb84da"),
                      .resource = std::string(kTestToken)};

inline http::Request login_request(http::Pairs query) {
  return {.method = "GET", .target = {std::string(kLoginPath), std::move(query)}};
}

inline http::Pairs good_query() { return kCodec.encode_request(kAuthorize)->target.query; }

inline http::Pairs query_with(std::string_view name, std::string_view value) {
  auto query = good_query();
  std::erase_if(query, [&](const auto& pair) { return pair.first == name; });
  if (!value.empty()) query.emplace_back(name, value);
  return query;
}

inline http::Request token_request(http::Pairs form) {
  return {.method = "POST",
          .target = {std::string(kTokenPath), {}},
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
          .body = http::write_form(form)};
}

/// The answer to a request as a server gives it: `why` is the engine's refusal.
inline http::Response refused(const http::Request& request, Why why) {
  auto operation = kCodec.decode_request(request);
  if (!operation) return kCodec.encode_reply({request, nullptr, kNoon}, fail(operation.error()));
  return kCodec.encode_reply({request, &*operation, kNoon}, fail(why));
}

inline std::string member(const http::Response& response, std::string_view name) {
  const auto body = json::parse(response.body);
  if (!body || !body->as_object()) return "not an object";
  return json::string_field(*body->as_object(), name).value_or("absent");
}

}  // namespace latchkey::dialects::sinopac
