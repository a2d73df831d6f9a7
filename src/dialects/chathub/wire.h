#pragma once

#include "base/json.h"
#include "base/time.h"
#include "http/message.h"

namespace latchkey::dialects::chathub {

// What every call of this wire is made of.

inline constexpr std::string_view kCompanyTokenPath = "/api/company/get-token";
inline constexpr std::string_view kOperatorTokenPath = "/api/operator/get-token";
inline constexpr std::string_view kValidatePath = "/api/operator/validate-token";
inline constexpr std::string_view kOrganizationsPath = "/api/company/organization";
inline constexpr std::string_view kOperatorsPath = "/api/operator";
inline constexpr std::string_view kSynchronizePath = "/api/operator/synchronize";
inline constexpr std::string_view kStatusPath = "/api/operator/status";

/// What an authority may make a broker read, and a list may be long.
inline constexpr json::Limits kReplyLimits{.bytes = 1024 * 1024, .depth = 8};
inline constexpr std::size_t kMostTokenBytes = 8 * 1024;
inline constexpr std::size_t kMostTextBytes = 256;  ///< a login, a password, a name

// The broker's face.
http::Request get(std::string_view path, const Secret& bearer);
http::Request post(std::string_view path, const json::Value& body);
http::Request post(std::string_view path, const json::Value& body, const Secret& bearer);

// The authority's face.

/// The token of either header. kInvalidToken when there is none; kMalformed when
/// one header comes twice or both come and disagree.
Result<Secret> bearer_of(const http::Request& request);
/// The JSON body; kMalformed unless it is said to be JSON, and is.
Result<json::Value> body_of(const http::Request& request);
Result<json::Object> object_of(const http::Request& request);

// Members as ASP.NET binds them: names without regard to case, numbers also as
// text. kMalformed naming the member when it is missing or of another type.
Result<std::string> text_member(const json::Object& object, std::string_view name,
                                std::size_t most = kMostTextBytes);
Result<std::int64_t> number_member(const json::Object& object, std::string_view name);

/// RFC 3339, and as ISO 8601 is often written: without an offset it is UTC.
std::optional<Instant> parse_iso8601(std::string_view text);

/// Characters that a header can carry as a token (RFC 9110 section 11.2), and no
/// more than kMostTokenBytes.
bool is_token(std::string_view text);

}  // namespace latchkey::dialects::chathub
