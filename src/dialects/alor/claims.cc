#include "dialects/alor/claims.h"

#include <algorithm>

#include "base/json.h"
#include "crypto/digest.h"

namespace latchkey::dialects::alor {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// The agreements of which at least one portfolio is left.
std::string agreements_of(const engine::JwtFacts& facts) {
  const auto all = split(engine::attribute(facts.subject.attributes, "portfolios"), ' ');
  const auto kept = split(engine::attribute(facts.attributes, "portfolios"), ' ');
  const auto agreements = split(engine::attribute(facts.subject.attributes, "agreements"), ' ');
  std::vector<std::string> left;
  for (std::size_t i = 0; i < agreements.size(); ++i) {
    for (std::size_t k = 0; k < kPortfoliosPerAgreement; ++k) {
      const std::size_t at = i * kPortfoliosPerAgreement + k;
      if (at < all.size() && std::ranges::find(kept, all[at]) != kept.end()) {
        left.push_back(agreements[i]);
        break;
      }
    }
  }
  return join(left);
}

/// What the account says of itself, or its number with leading zeros.
std::string number_claim(const engine::Subject& subject, std::string_view name,
                         std::size_t digits) {
  const std::string said = engine::attribute(subject.attributes, name);
  if (!said.empty()) return said;
  std::string number = std::to_string(subject.number);
  if (number.size() < digits) number.insert(0, digits - number.size(), '0');
  return number;
}

/// The authorised party is 20 hexadecimal digits on this wire.
std::string azp_of(const ClientId& client) {
  return to_hex(crypto::sha256(bytes_of(client.text))).substr(0, 20);
}

}  // namespace

std::string jwt_header() { return R"({"alg":"ES256","typ":"JWT","cty":"JWT"})"; }

std::string jwt_payload(const engine::JwtFacts& facts) {
  return json::write(
      json::Object{{"sub", facts.subject.login.text},
                   {"ent", "client"},
                   {"ein", number_claim(facts.subject, "ein", 5)},
                   {"clientid", number_claim(facts.subject, "clientid", 7)},
                   {"azp", azp_of(facts.grant.client)},
                   {"agreements", agreements_of(facts)},
                   {"portfolios", engine::attribute(facts.attributes, "portfolios")},
                   {"scope", facts.grant.scope},
                   {"exp", epoch(facts.until)},
                   {"iat", epoch(facts.issued)},
                   {"iss", "Alor.Identity"},
                   {"aud",
                    "Client WARP WarpATConnector subscriptionsApi CommandApi InstrumentApi "
                    "TradingViewPlatform"}});
}

}  // namespace latchkey::dialects::alor
