#pragma once

#include <functional>

#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "broker/places.h"
#include "broker/profile.h"

namespace latchkey::broker {

/// Asks the user for the vault's passphrase; kPersonNeeded when nobody is there.
using AskPassphrase = std::function<Result<Secret>(bool is_new)>;

/// How one vault's key is protected. It is stored beside the entries, in clear:
/// it names the kind and holds the key wrapped by a key that is elsewhere.
struct Protection {
  VaultChoice::Key kind = VaultChoice::Key::kFile;
  Bytes salt = {};  ///< of the passphrase
  unsigned passes = 0;
  std::size_t memory_bytes = 0;
  Bytes wrapped = {};  ///< the vault's key, sealed
};

std::string write_protection(const Protection& protection);
/// kStore when it is not one, or asks for an absurd effort.
Result<Protection> read_protection(std::string_view text);
/// "the key file /…/vault.key: whoever can read your files can open it"
std::string describe(VaultChoice::Key kind, const std::string& key_file);

/// Where the wrapping keys come from.
struct KeyChain {
  VaultChoice choice;
  Environment environment;
  AskPassphrase ask;
};

/// A new random vault key, protected as the choice says; kAuto takes the first of
/// systemd credential, Secret Service (a keyring that keeps secrets), askpass program,
/// key file that is there.
struct NewKey {
  Secret key;
  Protection protection;
};
Result<NewKey> make_vault_key(const KeyChain& chain);

/// Unwraps. kStore for a wrong passphrase, a missing key file or a wrong key:
/// nothing is written, and the message says which it was and what to do.
Result<Secret> open_vault_key(const KeyChain& chain, const Protection& protection);

}  // namespace latchkey::broker
