// latchkey token, header, refresh: handing tokens out.

#include "cli/agent_answer.h"
#include "cli/agent_process.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

struct Options {
  std::string profile;
  std::string live_for;
};

Result<Seconds> need_of(const Options& options, const broker::Profile& profile) {
  if (options.live_for.empty()) return profile.live_for;
  const auto need = parse_duration(options.live_for);
  if (!need) return fail(Why::kUsage, "--live-for takes a duration such as 60s or 1h");
  return *need;
}

Result<int> hand_over(Context& context, const broker::Handed& handed) {
  if (!handed.warning.empty()) say(handed.warning);
  if (!context.common().json) return print_line(handed.token) ? kOk : kTryLater;
  json::Object out{{"access_token", handed.token.reveal()}};
  out.add("expires_at", handed.until ? json::Value(epoch(*handed.until)) : json::Value());
  return print_json(out) ? kOk : kTryLater;
}

/// An agent in a place of the configuration's choosing is not found by fast_path().
std::optional<int> ask_configured_agent(Context& context, const Options& options, bool headers) {
  const auto config = context.config();
  if (!config || (*config)->agent.socket.empty()) return std::nullopt;
  return answer_of_agent(
      agent_socket_of(context),
      {options.profile, headers, options.live_for, context.common().json, context.common().config});
}

void add_profile(CLI::App& parser, Options& options, bool with_need) {
  parser.add_option("PROFILE", options.profile, "a profile of the configuration")->required();
  if (with_need)
    parser.add_option("--live-for", options.live_for, "the token must live this long (60s)")
        ->type_name("DURATION");
}

}  // namespace

Run add_token(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  add_profile(parser, *options, true);
  return [options](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(options->profile));
    const Seconds need = TRY(need_of(*options, profile));
    if (const auto done = ask_configured_agent(context, *options, false)) return *done;
    auto* broker = TRY(context.broker());
    const auto handed = broker->token(profile, need);
    start_agent_if_wanted(context);
    if (!handed) return fail(handed.error());
    return hand_over(context, *handed);
  };
}

Run add_header(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  add_profile(parser, *options, true);
  return [options](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(options->profile));
    const Seconds need = TRY(need_of(*options, profile));
    if (const auto done = ask_configured_agent(context, *options, true)) return *done;
    auto* broker = TRY(context.broker());
    const auto headers = broker->headers(profile, need);
    start_agent_if_wanted(context);
    if (!headers) return fail(headers.error());
    if (context.common().json) {
      json::Object out;
      for (const auto& [name, value] : *headers) out.add(name, value);
      return print_json(out) ? kOk : kTryLater;
    }
    std::string lines;
    for (const auto& [name, value] : *headers) lines += name + ": " + value + "\n";
    return print(lines) ? kOk : kTryLater;
  };
}

Run add_refresh(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  add_profile(parser, *options, false);
  return [options](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(options->profile));
    auto* broker = TRY(context.broker());
    const auto handed = TRY(broker->refresh(profile));
    if (context.common().json) {
      json::Object out{{"profile", options->profile}};
      out.add("expires_at", handed.until ? json::Value(epoch(*handed.until)) : json::Value());
      return print_json(out) ? kOk : kTryLater;
    }
    say("renewed " + options->profile + "; " + life_of_token(handed.until, context.now()));
    return kOk;
  };
}

}  // namespace latchkey::cli
