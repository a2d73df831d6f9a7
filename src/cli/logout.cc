// latchkey revoke, logout: the end of a session.

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {

Run add_revoke(CLI::App& parser, const dialect::Registry&) {
  auto name = std::make_shared<std::string>();
  parser.add_option("PROFILE", *name, "a profile of the configuration")->required();
  return [name](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(*name));
    auto* broker = TRY(context.broker());
    TRY(broker->revoke(profile));
    TRY(broker->forget(profile));
    if (context.common().json)
      return print_json(json::Object{{"profile", *name}, {"revoked", true}}) ? kOk : kTryLater;
    say("revoked " + *name);
    return kOk;
  };
}

Run add_logout(CLI::App& parser, const dialect::Registry&) {
  struct Options {
    std::string profile;
    bool local = false;
  };
  auto options = std::make_shared<Options>();
  parser.add_option("PROFILE", options->profile, "a profile of the configuration")->required();
  parser.add_flag("--forget", options->local, "only forget it here; do not ask the provider");
  return [options](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(options->profile));
    auto* broker = TRY(context.broker());
    std::string lives_on;
    bool ended = false;
    if (!options->local) {
      auto revoked = broker->revoke(profile);
      ended = revoked.has_value();
      if (!revoked && revoked.error().why == Why::kUnsupported)
        lives_on = "; its provider has no way to end a token early";
      else if (!revoked && revoked.error().why != Why::kPersonNeeded)
        say("not ended at the provider: " + revoked.error().say);
    }
    const bool there = TRY(broker->forget(profile));
    if (context.common().json) {
      const json::Object out{
          {"profile", options->profile}, {"forgotten", there}, {"revoked", ended}};
      return print_json(out) ? kOk : kTryLater;
    }
    say(there ? "forgot the tokens of " + options->profile + lives_on
              : options->profile + " was not logged in");
    return kOk;
  };
}

}  // namespace latchkey::cli
