// latchkey exec: a command with a token in a variable, or in a file that is kept fresh.

#include "cli/exec.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "cli/command.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr const char* kUsualVariable = "LATCHKEY_TOKEN";

struct Options {
  std::vector<std::string> profiles;
  std::vector<std::string> token;  ///< NAME, or PROFILE=NAME
  std::vector<std::string> token_file;
  std::vector<std::string> headers_file;
  std::string live_for;
};

bool is_variable(std::string_view name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(name, fits);
}

/// "LATCHKEY_TOKEN", and "LATCHKEY_TOKEN_DESK_2" where there are several profiles.
std::string usual_variable(const std::string& profile, bool alone) {
  if (alone) return kUsualVariable;
  std::string name = std::string(kUsualVariable) + "_";
  for (const unsigned char c : profile)
    name += std::isalnum(c) != 0 ? static_cast<char>(std::toupper(c)) : '_';
  return name;
}

/// Gives each NAME or PROFILE=NAME to its profile.
Result<> assign(std::vector<Handover>& handovers, const std::vector<std::string>& given,
                std::string Handover::* member, const char* flag) {
  for (const auto& one : given) {
    const auto equals = one.find('=');
    const std::string name = equals == std::string::npos ? one : one.substr(equals + 1);
    const std::string profile = equals == std::string::npos ? "" : one.substr(0, equals);
    if (!is_variable(name))
      return fail(Why::kUsage, std::string(flag) + " takes the name of a variable");
    if (profile.empty() && handovers.size() > 1)
      return fail(Why::kUsage, std::string(flag) + " takes PROFILE=NAME for several profiles");
    const auto found =
        std::ranges::find_if(handovers, [&](const Handover& h) { return h.profile == profile; });
    if (!profile.empty() && found == handovers.end())
      return fail(Why::kUsage, std::string(flag) + " names another profile than the command line");
    auto& wanted = (profile.empty() ? handovers.front() : *found).*member;
    if (!wanted.empty()) return fail(Why::kUsage, std::string(flag) + " names two variables");
    wanted = name;
  }
  return {};
}

Result<std::vector<Handover>> handovers_of(Context& context, const Options& options) {
  std::vector<Handover> handovers;
  for (const auto& name : options.profiles) {
    TRY(context.profile(name));
    Handover handover;
    handover.profile = name;
    handovers.push_back(std::move(handover));
  }
  TRY(assign(handovers, options.token, &Handover::token_variable, "--env"));
  TRY(assign(handovers, options.token_file, &Handover::token_file, "--file-env"));
  TRY(assign(handovers, options.headers_file, &Handover::headers_file, "--headers-env"));
  std::set<std::string> names;
  for (auto& handover : handovers) {
    if (handover.token_variable.empty() && handover.token_file.empty() &&
        handover.headers_file.empty())
      handover.token_variable = usual_variable(handover.profile, handovers.size() == 1);
    for (const auto* name :
         {&handover.token_variable, &handover.token_file, &handover.headers_file})
      if (!name->empty() && !names.insert(*name).second)
        return fail(Why::kUsage, "the variable " + *name + " is wanted twice");
  }
  return handovers;
}

bool wants_files(const Handover& handover) {
  return !handover.token_file.empty() || !handover.headers_file.empty();
}

/// Variables alone need nobody beside the command.
Result<int> hand_over_and_become(Context& context, const std::vector<Handover>& handovers,
                                 const std::optional<Seconds>& need) {
  std::vector<Variable> variables;
  for (const auto& handover : handovers) {
    const auto profile = TRY(context.profile(handover.profile));
    auto* broker = TRY(context.broker());
    auto handed = TRY(broker->token(profile, need.value_or(profile.live_for)));
    if (!handed.warning.empty()) say(handed.warning);
    variables.push_back({handover.token_variable, std::move(handed.token)});
  }
  return become(context.common().words, variables);
}

}  // namespace

Run add_exec(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  const auto list = [&](const char* flag, std::vector<std::string>& into, const char* help) {
    parser.add_option(flag, into, help)->type_name("NAME")->allow_extra_args(false);
  };
  parser.add_option("PROFILE", options->profiles, "one profile or more; then -- and the command")
      ->required();
  list("--env", options->token, "the token in this variable (LATCHKEY_TOKEN)");
  list("--file-env", options->token_file,
       "the path of a file with the token in this variable; it is kept fresh");
  list("--headers-env", options->headers_file,
       "the same with the header lines that carry it, as curl -H @FILE takes them");
  parser.add_option("--live-for", options->live_for, "the token must live this long (60s)")
      ->type_name("DURATION");
  parser.footer(
      "Several profiles: --env PROFILE=NAME for each. The command's exit code is passed on.");
  return [options](Context& context) -> Result<int> {
    if (context.common().words.empty())
      return fail(Why::kUsage, "which command; run: latchkey exec PROFILE -- COMMAND ARGUMENT...");
    const auto need = parse_duration(options->live_for);
    if (!options->live_for.empty() && !need)
      return fail(Why::kUsage, "--live-for takes a duration such as 60s or 1h");
    auto handovers = TRY(handovers_of(context, *options));
    if (std::ranges::none_of(handovers, wants_files))
      return hand_over_and_become(context, handovers, need);
    auto keeper = TRY(Keeper::start(context, std::move(handovers), need.value_or(Seconds{0})));
    return run_and_wait(context.common().words, keeper);
  };
}

}  // namespace latchkey::cli
