#include "crypto/jws.h"

#include <array>
#include <cmath>

#include "crypto/sodium.h"
#include "crypto/thumbprint.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kMostTokenBytes = 64 * 1024;
constexpr json::Limits kHeaderLimits{.bytes = 8 * 1024, .depth = 8};
constexpr json::Limits kClaimsLimits{.bytes = 64 * 1024, .depth = 16};

constexpr Alg kEveryAlg[] = {Alg::kHs256, Alg::kRs256, Alg::kEs256};

using Parts = std::array<std::string_view, 3>;

std::optional<Parts> split_compact(std::string_view text) {
  if (text.size() > kMostTokenBytes) return std::nullopt;
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Parts parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
              text.substr(second + 1)};
  if (parts[2].contains('.')) return std::nullopt;
  return parts;
}

Result<json::Object> decode_object(std::string_view part, const json::Limits& limits) {
  const auto bytes = parse_base64url(part);
  if (!bytes) return fail(Why::kInvalidToken);
  const auto value = json::parse(text_of(*bytes), limits);
  if (!value || value->as_object() == nullptr) return fail(Why::kInvalidToken);
  return *value->as_object();
}

// The algorithm is settled before the key is used at all (RFC 8725 section 3.1).
// Extensions that we do not know must not be ignored (RFC 7515 section 4.1.11),
// and "b64" (RFC 7797) would change what was signed.
bool is_header_for(const Key& key, const json::Object& header) {
  const json::Value* alg = header.find("alg");
  return alg != nullptr && alg->as_string() != nullptr && *alg->as_string() == name_of(key.alg()) &&
         header.find("crit") == nullptr && header.find("b64") == nullptr;
}

}  // namespace

const char* name_of(Alg alg) {
  switch (alg) {
    case Alg::kHs256: return "HS256";
    case Alg::kRs256: return "RS256";
    case Alg::kEs256: return "ES256";
  }
  return "";
}

std::optional<Alg> parse_alg(std::string_view name) {
  for (const Alg alg : kEveryAlg) {
    if (name == name_of(alg)) return alg;
  }
  return std::nullopt;
}

Secret sign_compact(const Key& key, std::string_view header, std::string_view payload) {
  constexpr std::size_t kMostSignature = 512;  // of RSA, 4096 bits
  std::string text = to_base64url(bytes_of(header));
  text.reserve(text.size() + (payload.size() + kMostSignature + 4) * 4 / 3);
  text += '.';
  text += to_base64url(bytes_of(payload));
  const std::string signature = to_base64url(key.sign(text));
  text += '.';
  text += signature;
  return into_secret(std::move(text));
}

Result<Jws> verify_compact(const Key& key, std::string_view text) {
  const auto parts = split_compact(text);
  if (!parts) return fail(Why::kInvalidToken);
  json::Object header = TRY(decode_object((*parts)[0], kHeaderLimits));
  if (!is_header_for(key, header)) return fail(Why::kInvalidToken);
  const auto payload = parse_base64url((*parts)[1]);
  const auto signature = parse_base64url((*parts)[2]);
  if (!payload || !signature) return fail(Why::kInvalidToken);
  const std::string_view signed_text = text.substr(0, text.size() - (*parts)[2].size() - 1);
  if (!key.verify(signed_text, *signature)) return fail(Why::kInvalidToken);
  return Jws{std::move(header), std::string(text_of(*payload))};
}

Result<json::Object> peek_claims(std::string_view token) {
  const auto parts = split_compact(token);
  if (!parts || !parse_base64url((*parts)[2])) return fail(Why::kInvalidToken);
  TRY(decode_object((*parts)[0], kHeaderLimits));
  return decode_object((*parts)[1], kClaimsLimits);
}

Result<json::Object> peek_header(std::string_view token) {
  const auto parts = split_compact(token);
  if (!parts) return fail(Why::kInvalidToken);
  return decode_object((*parts)[0], kHeaderLimits);
}

std::optional<Instant> time_claim(const json::Object& claims, std::string_view name) {
  const json::Value* claim = claims.find(name);
  if (claim == nullptr) return std::nullopt;
  const auto latest = static_cast<double>(epoch(kEndOfTime));
  if (const double* seconds = claim->as_double()) {
    // Written so that NaN is refused too.
    if (!(*seconds >= 0 && *seconds <= latest)) return std::nullopt;
    return from_epoch(static_cast<long long>(std::floor(*seconds)));
  }
  const std::int64_t* seconds = claim->as_int();
  if (seconds == nullptr || *seconds < 0 || *seconds > epoch(kEndOfTime)) return std::nullopt;
  return from_epoch(*seconds);
}

}  // namespace latchkey::crypto
