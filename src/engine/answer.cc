#include "engine/answer.h"

#include <array>

#include "base/netstring.h"
#include "base/text.h"

namespace latchkey::engine {
namespace {

// Nine netstrings; an empty time is one that nobody stated. The last two came later:
// an answer that was kept before an upgrade has seven.
constexpr std::size_t kFields = 9;
constexpr std::size_t kFieldsAtFirst = 7;

std::string text_of(const std::optional<Instant>& at) {
  return at ? std::to_string(epoch(*at)) : std::string();
}

/// False when it is neither empty nor a time.
bool read_time(std::string_view text, std::optional<Instant>& at) {
  if (text.empty()) return true;
  const auto seconds = parse_int(text);
  if (!seconds) return false;
  at = from_epoch(*seconds);
  return true;
}

}  // namespace

Secret write_answer(const TokenSet& tokens, Instant given) {
  const std::string access_until = text_of(tokens.access_until);
  const std::string refresh_until = text_of(tokens.refresh_until);
  const std::string at = text_of(given);
  const std::array<std::string_view, kFields> fields{tokens.access_token.reveal(),
                                                     access_until,
                                                     tokens.refresh_token.reveal(),
                                                     refresh_until,
                                                     tokens.scope,
                                                     tokens.session,
                                                     at,
                                                     tokens.id_token.reveal(),
                                                     tokens.thumbprint};
  WipedText text;
  for (const auto field : fields) add_netstring(text, field);
  return Secret(std::string_view(text.data(), text.size()));
}

Result<TokenSet> read_answer(const Secret& text) {
  std::string_view rest = text.reveal();
  std::array<std::string_view, kFields> fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    if (i == kFieldsAtFirst && rest.empty()) break;
    const auto taken = take_netstring(rest);
    if (!taken) return fail(Why::kStore, "", "a kept answer that is none");
    fields[i] = *taken;
  }
  TokenSet tokens{.access_token = Secret(fields[0]),
                  .refresh_token = Secret(fields[2]),
                  .scope = std::string(fields[4]),
                  .session = std::string(fields[5]),
                  .id_token = Secret(fields[7]),
                  .thumbprint = std::string(fields[8])};
  const bool times = read_time(fields[1], tokens.access_until) &&
                     read_time(fields[3], tokens.refresh_until) &&
                     read_time(fields[6], tokens.first_given);
  if (!times || !tokens.first_given || !rest.empty())
    return fail(Why::kStore, "", "a kept answer that is none");
  return tokens;
}

}  // namespace latchkey::engine
