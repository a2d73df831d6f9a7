#include "cli/agent_answer.h"

#include <algorithm>
#include <string_view>

#include "base/time.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "client/agent_client.h"
#include "http/message.h"

namespace latchkey::cli {
namespace {

/// What the provider said or did not say: asking it again from here would only be a
/// second time. Everything else may be otherwise in this process than in the agent.
bool is_final(std::string_view error) {
  constexpr Why kFinal[] = {Why::kBadCredentials, Why::kOtpWrong,     Why::kDeclined,
                            Why::kForbidden,      Why::kInvalidToken, Why::kExpired,
                            Why::kRevoked,        Why::kReplayed,     Why::kTooMany,
                            Why::kUnavailable,    Why::kNoAnswer,     Why::kLostRotation,
                            Why::kBadResponse};
  return std::ranges::any_of(kFinal, [&](Why why) { return error == name_of(why); });
}

std::optional<int> refusal(const json::Object& told) {
  const auto error = json::string_field(told, "error");
  const auto message = json::string_field(told, "message");
  const auto code = json::int_field(told, "exit_code");
  if (!error || !message || !code || !is_final(*error) || *code <= 0 || *code > kNotUnderstood)
    return std::nullopt;
  say(*message);
  return static_cast<int>(*code);
}

std::optional<int> print_token(const json::Object& told, bool as_json) {
  const auto token = json::string_field(told, "token");
  const json::Value* until = told.find("expires_at");
  const auto warning = json::optional_string_field(told, "warning");
  if (!token || token->empty() || until == nullptr || !warning) return std::nullopt;
  if (*warning) say(**warning);
  if (!as_json) return print_line(*token) ? kOk : kTryLater;
  return print_json(json::Object{{"access_token", *token}, {"expires_at", *until}}) ? kOk
                                                                                    : kTryLater;
}

std::optional<int> print_headers(const json::Object& told, bool as_json) {
  std::string lines;
  for (const auto& [name, value] : told) {
    if (value.as_string() == nullptr) return std::nullopt;
    lines += name + ": " + *value.as_string() + "\n";
  }
  if (lines.empty()) return std::nullopt;
  return (as_json ? print_json(told) : print(lines)) ? kOk : kTryLater;
}

}  // namespace

std::optional<int> answer_of_agent(const std::string& socket, const Wanted& wanted) {
  client::AgentRequest request;
  request.view = client::view_of(wanted.config);
  if (socket.empty() || request.view.empty()) return std::nullopt;
  request.target =
      (wanted.headers ? "/v1/header/" : "/v1/token/") + http::percent_encode(wanted.profile);
  if (!wanted.live_for.empty()) {
    if (!parse_duration(wanted.live_for)) return std::nullopt;
    request.target += "?need=" + wanted.live_for;
  }
  const auto reply = client::ask_agent(socket, request);
  if (!reply) return std::nullopt;
  const auto told = json::parse(reply->body, {.bytes = client::kMostAnswerBytes});
  if (!told || told->as_object() == nullptr) return std::nullopt;
  if (reply->status != 200) return refusal(*told->as_object());
  return wanted.headers ? print_headers(*told->as_object(), wanted.json)
                        : print_token(*told->as_object(), wanted.json);
}

std::optional<int> fast_path(int argc, char** argv) {
  if (argc < 3) return std::nullopt;
  const std::string_view command = argv[1];
  if (command != "token" && command != "header") return std::nullopt;
  Wanted wanted;
  wanted.headers = command == "header";
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") wanted.json = true;
    else if (word == "--live-for" && i + 1 < argc) wanted.live_for = argv[++i];
    else if (word.starts_with("--live-for=")) wanted.live_for = word.substr(11);
    else if (word == "--no-input") continue;
    else if (word.empty() || word.starts_with('-') || !wanted.profile.empty()) return std::nullopt;
    else wanted.profile = word;
  }
  if (wanted.profile.empty()) return std::nullopt;
  return answer_of_agent(client::agent_socket(), wanted);
}

}  // namespace latchkey::cli
