#include "broker/token_cache.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace latchkey::broker {
namespace {

constexpr std::string_view kMembers[] = {"accessToken", "tokenType", "expiresAt", "refreshToken",
                                         "refreshExpiresAt"};
constexpr std::int64_t kMilliseconds = 10'000'000'000;  // beyond it, seconds would be the year 2286

std::unexpected<Error> no_cache(const std::string& what) {
  return fail(Why::kMalformed, "that is no token cache: " + what);
}

/// Printable ASCII without spaces: it will stand in a header.
bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

Result<Secret> token_in(const json::Object& object, std::string_view name) {
  std::string text = TRY(json::string_field(object, name));
  const Secret token(text);
  wipe(text.data(), text.size());
  if (!is_token(token.reveal())) return no_cache(std::string(name) + " is no token");
  return token;
}

Result<Instant> time_in(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  std::optional<std::int64_t> number;
  if (value != nullptr && value->as_int() != nullptr) number = *value->as_int();
  if (value != nullptr && value->as_string() != nullptr) number = parse_int(*value->as_string());
  if (value != nullptr && value->as_double() != nullptr && std::isfinite(*value->as_double()) &&
      std::abs(*value->as_double()) < 1e15)
    number = static_cast<std::int64_t>(*value->as_double());
  if (!number || *number <= 0) return no_cache(std::string(name) + " is no time");
  if (*number >= kMilliseconds) *number /= 1000;
  return std::min(from_epoch(*number), kEndOfTime);
}

}  // namespace

Result<Secret> write_token_cache(const Entry& entry) {
  if (entry.access_token.empty() || entry.refresh_token.empty())
    return fail(Why::kUnsupported, "a token cache holds an access token and a refresh token");
  if (!entry.access_until || !entry.refresh_until)
    return fail(Why::kUnsupported, "a token cache cannot say that a token has no stated end");
  std::string text =
      json::write_pretty(json::Object{{"accessToken", entry.access_token.reveal()},
                                      {"tokenType", "Bearer"},
                                      {"expiresAt", epoch(*entry.access_until)},
                                      {"refreshToken", entry.refresh_token.reveal()},
                                      {"refreshExpiresAt", epoch(*entry.refresh_until)}});
  Secret secret(text);
  wipe(text.data(), text.size());
  return secret;
}

Result<Entry> read_token_cache(const Secret& text) {
  const auto value = json::parse(text.reveal(), {.bytes = kMostTokenCacheBytes, .depth = 2});
  if (!value) return no_cache(value.error().say);
  const auto* object = value->as_object();
  if (object == nullptr) return no_cache("not an object");
  for (const auto& member : *object)
    if (std::ranges::find(kMembers, member.name) == std::end(kMembers))
      return no_cache("it has a member \"" + printable(member.name, 40) + "\"");
  const auto type = TRY(json::string_field(*object, "tokenType"));
  if (!equals_ignoring_case(type, "Bearer")) return no_cache("tokenType is not Bearer");
  Entry entry;
  entry.access_token = TRY(token_in(*object, "accessToken"));
  entry.access_until = TRY(time_in(*object, "expiresAt"));
  entry.refresh_token = TRY(token_in(*object, "refreshToken"));
  entry.refresh_until = TRY(time_in(*object, "refreshExpiresAt"));
  return entry;
}

}  // namespace latchkey::broker
