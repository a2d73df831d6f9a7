#include "shell/completion.h"
#include "server/commands/command.h"
#include "server/commands/output.h"

namespace latchkey::server {

void add_completion(CLI::App& app, Chosen& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "completions for bash, zsh and fish");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  command->callback([&app, &chosen, shell] {
    chosen.run = [&app, shell](const Edges&) -> Result<> {
      const std::string text = shell::completion(*shell, shell::describe(app));
      if (text.empty())
        return fail(Why::kUsage,
                    "which shell: bash, zsh or fish; run: latchkeyd completion --help");
      return print_line(std::string_view(text).substr(0, text.size() - 1));
    };
  });
}

}  // namespace latchkey::server
