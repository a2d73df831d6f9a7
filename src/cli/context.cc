#include "cli/context.h"

#include "broker/files.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

/// Twice: who mistypes a new passphrase has locked himself out.
Result<Secret> ask_new_passphrase() {
  const Secret first = TRY(ask_secret("New passphrase for the vault"));
  Secret second = TRY(ask_secret("The same passphrase again"));
  if (!(first == second)) return fail(Why::kPersonNeeded, "the two passphrases are not the same");
  return second;
}

}  // namespace

broker::AskPassphrase passphrase_of_person(const broker::Environment& environment, bool no_input) {
  const auto askpass = environment("LATCHKEY_ASKPASS");
  // Who has just chosen one twice is not asked a third time when the new vault opens.
  const auto chosen = std::make_shared<Secret>();
  return [no_input, askpass, chosen](bool is_new) -> Result<Secret> {
    if (askpass) return broker::secret_from_command({*askpass, "Passphrase of the vault"});
    if (no_input)
      return fail(
          Why::kPersonNeeded,
          "the vault's passphrase is needed, and nobody is there to ask; set LATCHKEY_ASKPASS");
    if (!is_new) return chosen->empty() ? ask_secret("Passphrase of the vault") : *chosen;
    *chosen = TRY(ask_new_passphrase());
    return *chosen;
  };
}

}  // namespace latchkey::cli
