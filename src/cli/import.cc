// latchkey import: tokens from the file that another program kept them in.

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "broker/files.h"
#include "broker/token_cache.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

struct Options {
  std::string profile;
  std::string file;
  bool move = false;
  bool force = false;
};

Result<broker::Entry> tokens_in(const std::string& file) {
  const auto text = broker::read_private_file(file);
  if (!text) return fail(Why::kUsage, text.error().say);
  auto entry = broker::read_token_cache(*text);
  if (!entry) return fail(Why::kUsage, file + ": " + entry.error().say);
  return entry;
}

std::string warning(const broker::Profile& profile, const Options& options) {
  const std::string begin =
      (options.move ? "moved " : "copied ") + options.file + " into " + profile.name.text;
  const bool once =
      profile.dialect->traits_under(profile.settings).rotation == engine::Rotation::kSingleUse;
  if (options.move || !once) return begin;
  return begin +
         "; its refresh token is in two places now and can be used once: whoever renews "
         "second loses the session. Remove " +
         options.file + " (--move does) before anybody renews with it";
}

Result<int> import_tokens(Context& context, const Options& options) {
  const auto profile = TRY(context.profile(options.profile));
  const auto& traits = profile.dialect->traits();
  if (traits.rotation == engine::Rotation::kNone)
    return fail(Why::kUnsupported, std::string(traits.title) + " has no refresh tokens; run: " +
                                       broker::login_command(profile));
  auto entry = TRY(tokens_in(options.file));
  const Instant now = context.now();
  if (!broker::alive(entry.refresh_token, entry.refresh_until, now) &&
      !broker::alive(entry.access_token, entry.access_until, now))
    return fail(Why::kExpired,
                options.file + ": its tokens are over; run: " + broker::login_command(profile));
  auto* broker = TRY(context.broker());
  TRY(broker->adopt(profile, std::move(entry), options.force));
  if (options.move && ::unlink(options.file.c_str()) != 0)
    return fail(Why::kUsage,
                "imported, but cannot remove " + options.file + ": " + std::strerror(errno));
  if (options.move) TRY(broker::sync_directory_of(options.file));
  say(warning(profile, options));
  return kOk;
}

}  // namespace

Run add_import(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  parser.add_option("PROFILE", options->profile, "a profile of the configuration")->required();
  parser.add_option("FILE", options->file, "a token_cache.json: yours, no link, closed to others")
      ->required();
  parser.add_flag("--move", options->move, "remove FILE once its tokens are safe here");
  parser.add_flag("--force", options->force, "even if the profile is logged in here");
  return [options](Context& context) { return import_tokens(context, *options); };
}

}  // namespace latchkey::cli
