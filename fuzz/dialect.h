#pragma once

#include <optional>

#include "apps/dialects.h"
#include "base/json.h"
#include "fuzz.h"
#include "http_text.h"
#include "operations.h"

namespace latchkey::fuzz {

/// Everybody's key: one partner, known to this program.
class OneKey final : public dialect::Keyring {
 public:
  Result<std::optional<Secret>> shared_key(std::string_view partner) const override {
    if (partner != "P") return std::nullopt;
    return Secret("6c617463686b65792d64656d6f2d74636f6e6e6563742d6165732d6b65792d31");
  }
  Result<std::optional<std::string>> client_keys(const ClientId&) const override {
    return R"({"keys":[{"kty":"EC","crv":"P-256",)"
           R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
           R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
  }
};

/// The dialect that this program was compiled for (LATCHKEY_DIALECT).
inline const dialect::Dialect& the_dialect() {
  static const dialect::Registry registry = apps::all_dialects();
  return *registry.find(LATCHKEY_DIALECT);
}

/// So that no decoder is out of reach.
inline std::map<std::string, std::string> all_switched_on() {
  if (std::string_view(LATCHKEY_DIALECT) != "oauth2") return {};
  return {{"issuer", "https://as.example"}, {"registration", "open"}, {"token_exchange", "true"}};
}

inline const dialect::Codec& the_codec() {
  static const OneKey keyring;
  static const auto codec = the_dialect().codec(
      *dialect::Settings::make(the_dialect().settings(), all_switched_on()), &keyring);
  return *codec;
}

/// An answer that a server may send: a status, fields that begin no others, and
/// JSON where JSON is said to be.
inline void check_response(const http::Response& response) {
  must(response.status >= 200 && response.status < 600, "a status is one");
  for (const auto& [name, value] : response.headers)
    must(!has_control(name) && !has_control(value), "a header field is one line");
  if (http::media_type(response.headers) == "application/json")
    must(json::parse(response.body, {.bytes = 1 << 24, .depth = 64}).has_value(),
         "what is said to be JSON is JSON");
}

}  // namespace latchkey::fuzz
