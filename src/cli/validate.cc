#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {

Run add_validate(CLI::App& parser, const dialect::Registry&) {
  auto name = std::make_shared<std::string>();
  parser.add_option("PROFILE", *name, "a profile of the configuration")->required();
  return [name](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(*name));
    auto* broker = TRY(context.broker());
    const auto validation = TRY(broker->validate(profile));
    if (context.common().json) {
      json::Object out{{"profile", *name}, {"valid", validation.valid}};
      if (!validation.valid) out.add("why_not", name_of(validation.why_not));
      if (validation.until) out.add("expires_at", epoch(*validation.until));
      if (!print_json(out)) return kTryLater;
    } else {
      say("the token of " + *name +
          (validation.valid
               ? " is alive until " + when(validation.until, context.now(), "further notice")
               : std::string(" is dead: ") + name_of(validation.why_not)));
    }
    return validation.valid ? kOk : kRejected;
  };
}

}  // namespace latchkey::cli
