#include "engine/pushed_form.h"

#include <array>

#include "base/netstring.h"
#include "base/text.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kFields = 9;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> words_of(std::string_view text) {
  auto words = split(text, ' ');
  std::erase(words, "");
  return words;
}

}  // namespace

std::string write_pushed(const Authorize& request) {
  const std::string resources = joined(request.resources);  // URIs: no spaces in them
  const std::string prompt = joined(request.prompt);
  const std::string max_age =
      request.max_age ? std::to_string(request.max_age->count()) : std::string();
  const std::array<std::string_view, kFields> fields{
      request.redirect_uri, request.state, request.scope, request.challenge,
      request.nonce,        resources,     prompt,        max_age,
      request.thumbprint};
  std::string text;
  for (const auto field : fields) add_netstring(text, field);
  return text;
}

Result<Authorize> read_pushed(std::string_view text) {
  std::array<std::string, kFields> fields;
  for (auto& field : fields) {
    const auto taken = take_netstring(text);
    if (!taken) return fail(Why::kStore, "", "a pushed request that is none");
    field = *taken;
  }
  const auto max_age = parse_int(fields[7]);
  if (!text.empty() || (!fields[7].empty() && !max_age)) {
    return fail(Why::kStore, "", "a pushed request that is none");
  }
  Authorize request{.redirect_uri = fields[0],
                    .state = fields[1],
                    .scope = fields[2],
                    .challenge = fields[3],
                    .nonce = fields[4],
                    .resources = words_of(fields[5]),
                    .prompt = words_of(fields[6]),
                    .thumbprint = fields[8]};
  if (max_age) request.max_age = Seconds{*max_age};
  return request;
}

}  // namespace latchkey::engine
