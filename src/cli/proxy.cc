// latchkey proxy: what the token can do, for programs that shall not have the token.

#include "proxy/proxy.h"

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {

Run add_proxy(CLI::App& parser, const dialect::Registry&) {
  struct Options {
    std::string profile;
    proxy::Options door;
  };
  auto options = std::make_shared<Options>();
  parser.add_option("PROFILE", options->profile, "a profile of the configuration")->required();
  parser
      .add_option("--listen", options->door.listen,
                  "unix:PATH, 127.0.0.1:PORT or [::1]:PORT; port 0 is any free one")
      ->type_name("ADDRESS")
      ->required();
  parser
      .add_option("--key-file,--require-key-file", options->door.key_file,
                  "callers must show this key in X-Latchkey-Key; made if there is none")
      ->type_name("FILE");
  parser.add_flag("--open-to-this-machine", options->door.open_to_this_machine,
                  "a port without a key: every user of this machine may use the token");
  parser.footer(
      "Prints the address once it listens, logs a line for each request, and ends at SIGTERM.");
  return [options](Context& context) -> Result<int> {
    const auto profile = TRY(context.profile(options->profile));
    const auto ready = [&](const std::string& address) {
      if (options->door.open_to_this_machine)
        say("every user of this machine may now use the token of " + options->profile);
      print_line(address);
    };
    options->door.user_agent = std::string("latchkey/") + LATCHKEY_VERSION;
    TRY(proxy::run(context, profile, options->door, ready));
    return kOk;
  };
}

}  // namespace latchkey::cli
