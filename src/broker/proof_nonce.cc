#include "broker/proof_nonce.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::broker {

std::string nonce_in(const http::Headers& headers) {
  const std::string* nonce = headers.find("DPoP-Nonce");
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (nonce == nullptr || nonce->size() > kMostNonceBytes || headers.count("DPoP-Nonce") != 1 ||
      !std::ranges::all_of(*nonce, visible))
    return {};
  return *nonce;
}

bool wants_nonce(const http::Response& response) {
  if (response.status != 401 || nonce_in(response.headers).empty()) return false;
  return std::ranges::any_of(response.headers, [](const auto& field) {
    return equals_ignoring_case(field.first, "WWW-Authenticate") &&
           to_lower(field.second).find("use_dpop_nonce") != std::string::npos;
  });
}

}  // namespace latchkey::broker
