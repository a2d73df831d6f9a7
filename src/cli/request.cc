#include <unistd.h>

#include "broker/files.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

struct Options {
  std::string profile;
  std::string method;
  std::string path;
  std::string data;
  std::vector<std::string> headers;
  bool validate = false;
  bool include = false;
};

constexpr std::size_t kMostBodyBytes = 16u << 20;
constexpr std::size_t kMostHeaderBytes = 64u << 10;

/// "@file", "@-" for standard input, or the text itself: as curl's --data-binary.
Result<std::string> body_of(const std::string& data) {
  if (!data.starts_with('@')) return data;
  const std::string path = data.substr(1);
  FILE* from = path == "-" ? stdin : std::fopen(path.c_str(), "re");
  if (from == nullptr) return fail(Why::kUsage, "cannot read " + path);
  std::string body;
  char piece[8192];
  std::size_t got = 0;
  while ((got = std::fread(piece, 1, sizeof piece, from)) > 0 && body.size() <= kMostBodyBytes)
    body.append(piece, got);
  if (from != stdin) std::fclose(from);
  if (body.size() > kMostBodyBytes) return fail(Why::kUsage, path + " is too long for a request");
  return body;
}

Result<http::Request> request_of(const Options& options) {
  if (!options.path.starts_with('/'))
    return fail(
        Why::kUsage,
        "PATH begins with a slash, and names no host: a token goes to its own provider only");
  http::Request request;
  request.method = options.method;
  for (auto& c : request.method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  auto target = http::parse_target(options.path);
  if (!target) return fail(Why::kUsage, target.error().say);
  request.target = std::move(*target);
  request.body = TRY(body_of(options.data));
  if (!request.body.empty()) request.headers.add("Content-Type", "application/json");
  for (const auto& header : options.headers) {
    const auto colon = header.find(':');
    if (colon == std::string::npos || colon == 0 ||
        header.find_first_of("\r\n") != std::string::npos)
      return fail(Why::kUsage, "a header looks like \"Name: value\"");
    request.headers.set(header.substr(0, colon),
                        std::string(trim(std::string_view(header).substr(colon + 1))));
  }
  return request;
}

/// The body as a document if it is one, else as a text.
json::Value described(const http::Response& response) {
  json::Object headers;
  for (const auto& [name, value] : response.headers)
    if (headers.find(name) == nullptr) headers.add(name, printable(value, kMostHeaderBytes));
  auto body = json::parse(response.body, {.bytes = kMostBodyBytes});
  return json::Object{{"status", response.status},
                      {"headers", std::move(headers)},
                      {"body", body ? std::move(*body) : json::Value(response.body)}};
}

int code_of(int status) {
  if (status < 400) return kOk;
  return status == 429 || status >= 500 ? kTryLater : kRejected;
}

}  // namespace

Run add_request(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  parser.add_option("PROFILE", options->profile, "a profile of the configuration")->required();
  parser.add_option("METHOD", options->method, "GET, POST, …")->required();
  parser.add_option("PATH", options->path, "path and query below the provider's API host")
      ->required();
  parser.add_option("-d,--data", options->data, "body; @FILE reads it, @- from standard input");
  parser.add_option("-H,--header", options->headers, "one more header")->type_name("LINE");
  parser.add_flag("--validate", options->validate,
                  "ask the provider first whether the token is alive");
  parser.add_flag("-i,--include", options->include, "print the status line and the headers too");
  return [options](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(options->profile));
    const auto request = TRY(request_of(*options));
    auto* broker = TRY(context.broker());
    const auto response =
        TRY(broker->request(profile, request, options->validate || profile.validate_first));
    if (context.common().json)
      return print_json(described(response)) ? code_of(response.status) : kTryLater;
    const std::string status =
        "HTTP " + std::to_string(response.status) + " " + http::reason_phrase(response.status);
    bool printed = true;
    if (options->include) {
      std::string head = status + "\n";
      for (const auto& [name, value] : response.headers) head += name + ": " + value + "\n";
      printed = print(head + "\n");
    } else if (response.status >= 400) {
      say(status);
    }
    printed = printed && print(response.body);
    if (!response.body.ends_with('\n') && isatty(STDOUT_FILENO) == 1) print_line("");
    return printed ? code_of(response.status) : kTryLater;
  };
}

}  // namespace latchkey::cli
