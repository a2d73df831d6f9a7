// latchkey credential-helper get: the credential helper protocol of EngFlow, which Bazel
// and others speak. {"uri": "https://…"} on standard input;
// {"headers": {"Name": ["value"]}, "expires": "…Z"} on standard output.

#include <unistd.h>

#include <cerrno>

#include "broker/hosts.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;

Result<std::string> read_input() {
  std::string text;
  char piece[4096];
  for (;;) {
    const auto got = ::read(STDIN_FILENO, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(piece, static_cast<std::size_t>(got));
    if (text.size() > kMostBytes) return fail(Why::kUsage, "the request is too long");
  }
}

/// Members that the protocol may yet get are none of our business.
Result<std::string> uri_in(const std::string& text) {
  const auto value = json::parse(text, {.bytes = kMostBytes});
  const auto* object = value ? value->as_object() : nullptr;
  const auto* uri = object == nullptr ? nullptr : object->find("uri");
  if (uri == nullptr || uri->as_string() == nullptr)
    return fail(Why::kUsage, R"(the request on standard input is not {"uri": "https://…"})");
  return *uri->as_string();
}

Result<int> get(Context& context) {
  const auto text = TRY(read_input());
  const auto uri = TRY(uri_in(text));
  const auto* config = TRY(context.config());
  const auto profile = TRY(broker::profile_for(*config, uri));
  auto* broker = TRY(context.broker());
  const auto handed = TRY(broker->token(profile, profile.live_for));
  if (!handed.warning.empty()) say(handed.warning);
  const auto lines = TRY(broker->headers_of(profile, handed.token));
  json::Object headers;
  for (const auto& [name, value] : lines) headers.add(name, json::Array{value});
  json::Object out{{"headers", std::move(headers)}};
  if (handed.until) out.add("expires", to_rfc3339(*handed.until));
  return print_json(out) ? kOk : kTryLater;
}

}  // namespace

Run add_credential_helper(CLI::App& parser, const dialect::Registry&) {
  auto verb = std::make_shared<std::string>();
  parser.add_option("VERB", *verb, "get: reads {\"uri\": …}, prints the headers for it")
      ->required();
  return [verb](Context& context) -> Result<int> {
    if (*verb != "get") return fail(Why::kUsage, "the only verb is get");
    return get(context);
  };
}

}  // namespace latchkey::cli
