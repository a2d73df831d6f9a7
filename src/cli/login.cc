#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "broker/files.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

struct Options {
  std::string profile;
  bool no_otp = false;
  bool paste = false;
  std::map<std::string, std::string> files;  ///< answer → path, or "-"
};

/// The first line of a stream.
Result<Secret> read_line(int fd, const std::string& name) {
  std::vector<char, WipingAllocator<char>> text;
  char c = 0;
  while (::read(fd, &c, 1) == 1 && text.size() < broker::kMostSecretFileBytes) {
    if (c == '\n') break;
    text.push_back(c);
  }
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return fail(Why::kUsage, "nothing came on " + name);
  return Secret(std::string_view(text.data(), text.size()));
}

/// What a shell makes of <(command): a pipe that is already open in this process.
bool is_open_pipe(const std::string& path) {
  struct stat info{};
  return path.starts_with("/dev/fd/") && stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
}

/// A secret from a file, from a shell's <(command), or from standard input for "-".
Result<Secret> read_answer(const std::string& path) {
  if (path == "-") return read_line(STDIN_FILENO, "standard input");
  if (is_open_pipe(path)) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    auto secret = read_line(fd, path);
    if (fd >= 0) ::close(fd);
    return secret;
  }
  auto secret = broker::read_secret_file(path);
  // Not the vault's trouble, but that of the command line.
  if (!secret) return fail(Why::kUsage, secret.error().say);
  return secret;
}

/// --api-secret-file for each question of each dialect, and for what is not a
/// question: the OTP and a pasted refresh token. There is no --api-secret: a flag
/// can be read by everybody on the machine.
void add_files(CLI::App& parser, Options& options, const dialect::Registry& registry) {
  // Some stand for more than one dialect's question.
  std::map<std::string, std::string> names = {{"otp", "One-time password"},
                                              {"refresh_token", "Refresh token"},
                                              {"password", "Password"},
                                              {"client_id", "Client id"},
                                              {"client_secret", "Client secret"}};
  for (const auto* dialect : registry.all()) {
    for (const auto& question : dialect->questions())
      names.emplace(std::string(question.name), std::string(question.label));
  }
  for (const auto& [name, label] : names) {
    std::string flag = "--" + name + "-file";
    for (auto& c : flag) c = c == '_' ? '-' : c;
    parser.add_option(flag, options.files[name], label)
        ->type_name("PATH")
        ->group("Answers, each from a file (- is standard input)");
  }
}

Result<dialect::Answers> read_answers(const Options& options) {
  dialect::Answers answers;
  if (std::ranges::count(options.files, "-", [](const auto& file) { return file.second; }) > 1)
    return fail(Why::kUsage, "only one answer can come from standard input");
  for (const auto& [name, path] : options.files) {
    if (path.empty()) continue;
    auto answer = TRY(read_answer(path));
    answers.emplace(name, std::move(answer));
  }
  return answers;
}

/// What the profile's provider never asks for is a mistake of the caller's.
Result<> check_answers(const broker::Profile& profile, const Options& options) {
  for (const auto& [name, path] : options.files) {
    if (path.empty()) continue;
    const auto& questions = profile.dialect->questions();
    const bool asked =
        std::ranges::any_of(questions, [&](const auto& q) { return q.name == name; });
    const bool otp = name == "otp" && profile.dialect->traits().presence == dialect::Presence::kOtp;
    if (!asked && !otp)
      return fail(Why::kUsage,
                  std::string(profile.dialect->traits().title) + " asks for no " + name);
    if (otp && options.no_otp)
      return fail(Why::kUsage, "--no-otp and a one-time password exclude each other");
  }
  return {};
}

/// A refusal, with who refused: the provider's words alone may not say that.
Result<broker::Handed> told(const broker::Profile& profile, Result<broker::Handed> handed) {
  if (handed || exit_code(handed.error().why) != kRejected) return handed;
  Error error = std::move(handed).error();
  const auto& traits = profile.dialect->traits();
  std::string why = error.say.empty() ? name_of(error.why) : error.say;
  const std::string already = std::string(traits.name) + ": ";
  if (why.starts_with(already)) why.erase(0, already.size());
  error.say = std::string(traits.title) + " refused the login of " + profile.name.text + ": " + why;
  return fail(std::move(error));
}

}  // namespace

Run add_login(CLI::App& parser, const dialect::Registry& registry) {
  auto options = std::make_shared<Options>();
  parser.add_option("PROFILE", options->profile, "a profile of the configuration")->required();
  parser.add_flag("--no-otp", options->no_otp,
                  "log in without a second factor; the token may reach less");
  parser.add_flag("--paste", options->paste, "a browser on another machine: paste what it shows");
  add_files(parser, *options, registry);
  return [options](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(options->profile));
    TRY(check_answers(profile, *options));
    const auto answers = TRY(read_answers(*options));
    auto* broker = TRY(context.broker());
    Terminal terminal(context, options->profile, options->paste);
    const auto factor = options->no_otp ? broker::SecondFactor::kNone : broker::SecondFactor::kAsk;
    const auto handed = TRY(told(profile, broker->login(profile, answers, factor, terminal)));
    if (context.common().json) {
      json::Object out{{"profile", options->profile}};
      out.add("expires_at", handed.until ? json::Value(epoch(*handed.until)) : json::Value());
      return print_json(out) ? kOk : kTryLater;
    }
    say("logged in to " + std::string(profile.dialect->traits().title) + " as " + options->profile +
        "; " + life_of_token(handed.until, context.now()));
    return kOk;
  };
}

}  // namespace latchkey::cli
