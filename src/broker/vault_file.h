#pragma once

#include "broker/vault_key.h"

namespace latchkey::broker {

// The vault as a file. Only the vault includes this.

/// Says whether there is a vault at `path` that is safe to open: a private file
/// with private companions that begins as a vault of this version does. kNotFound
/// when there is none; kStore otherwise. Reads only, and leaves SQLite out: opening
/// a strange database with it might already write to it.
Result<> check_vault_file(const std::string& path);

/// Makes a vault with a new key, if there is still none. It gets its name when it
/// is complete: no crash and no second process meets half a vault.
Result<> make_vault_file(const KeyChain& chain);

}  // namespace latchkey::broker
