#include "broker/proof_nonce.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::broker {
namespace {

bool refuses_with(const http::Response& response, std::string_view error) {
  return response.status == 401 && std::ranges::any_of(response.headers, [&](const auto& field) {
           return equals_ignoring_case(field.first, "WWW-Authenticate") &&
                  to_lower(field.second).find(error) != std::string::npos;
         });
}

}  // namespace

std::string nonce_in(const http::Headers& headers) {
  const std::string* nonce = headers.find("DPoP-Nonce");
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (nonce == nullptr || nonce->size() > kMostNonceBytes || headers.count("DPoP-Nonce") != 1 ||
      !std::ranges::all_of(*nonce, visible))
    return {};
  return *nonce;
}

bool wants_nonce(const http::Response& response) {
  return refuses_with(response, "use_dpop_nonce") && !nonce_in(response.headers).empty();
}

bool blames_proof(const http::Response& response) {
  return refuses_with(response, "use_dpop_nonce") || refuses_with(response, "invalid_dpop_proof");
}

}  // namespace latchkey::broker
