// latchkey export: a profile's tokens as the file that other programs keep them in.

#include "broker/files.h"
#include "broker/lease.h"
#include "broker/token_cache.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{45'000};

struct Options {
  std::string profile;
  std::string file;
  std::string format = "token-cache";
  bool move = false;
  bool force = false;
};

Result<broker::Entry> exportable(broker::Vault& vault, const broker::Profile& profile) {
  const auto kept = TRY(vault.load(profile.name));
  if (!kept || kept->refresh_token.empty())
    return fail(Why::kPersonNeeded, profile.name.text + " has no refresh token here; run: " +
                                        broker::login_command(profile));
  if (!kept->proof_key.empty()) return fail(broker::bound_to_key(profile));
  if (kept->spending_since)
    return fail(Why::kUnavailable, "the refresh token of " + profile.name.text +
                                       " may just have been spent; run: latchkey token " +
                                       profile.name.text);
  return *kept;
}

/// Only what is a token cache is written over.
Result<> check_target(const Options& options) {
  const auto there = broker::check_private_file(options.file);
  if (!there && there.error().why == Why::kNotFound) return {};
  if (!there) return fail(Why::kUsage, there.error().say);
  if (options.force) return {};
  const auto text = broker::read_private_file(options.file);
  if (text && broker::read_token_cache(*text)) return {};
  return fail(Why::kUsage, options.file + " is there and is no token cache; --force replaces it");
}

std::string warning(const broker::Profile& profile, const Options& options) {
  const std::string name = profile.name.text;
  if (options.move)
    return "moved " + name + " into " + options.file +
           "; it is no longer kept here: latchkey import " + name + " brings it back";
  std::string text = "copied " + name + " into " + options.file + ", where it is not sealed";
  if (profile.dialect->traits_under(profile.settings).rotation == engine::Rotation::kSingleUse)
    text +=
        "; its refresh token is in two places now and can be used once: whoever renews second "
        "loses the session. --move leaves it in one place; latchkey token " +
        name + " needs no copy";
  return text;
}

Result<int> export_tokens(Context& context, const Options& options) {
  const auto profile = TRY(context.profile(options.profile));
  if (options.format != "token-cache") return fail(Why::kUsage, "the only format is token-cache");
  auto vault = context.vault(false);
  if (!vault && vault.error().why == Why::kNotFound)
    return fail(Why::kPersonNeeded,
                profile.name.text + " is not logged in; run: " + broker::login_command(profile));
  if (!vault) return fail(std::move(vault).error());
  TRY(check_target(options));
  // Nobody renews between reading and forgetting.
  const auto lease =
      TRY(broker::Lease::take(broker::directory_of((*vault)->path()), profile.name, kPatience));
  const auto entry = TRY(exportable(**vault, profile));
  const auto text = TRY(broker::write_token_cache(entry));
  auto written = broker::replace_secret_file(options.file, text);
  if (!written) return fail(Why::kUsage, written.error().say);
  if (options.move) TRY((*vault)->remove(profile.name));
  say(warning(profile, options));
  return kOk;
}

}  // namespace

Run add_export(CLI::App& parser, const dialect::Registry&) {
  auto options = std::make_shared<Options>();
  parser.add_option("PROFILE", options->profile, "a profile of the configuration")->required();
  parser.add_option("FILE", options->file, "written whole or not at all, for you alone (0600)")
      ->required();
  parser.add_option("--format", options->format, "token-cache: the token_cache.json of the SDKs")
      ->type_name("NAME");
  parser.add_flag("--move", options->move, "forget it here, so that it is in one place only");
  parser.add_flag("--force", options->force, "replace a FILE that is no token cache");
  return [options](Context& context) { return export_tokens(context, *options); };
}

}  // namespace latchkey::cli
