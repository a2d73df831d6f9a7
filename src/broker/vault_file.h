#pragma once

#include <sys/types.h>

#include <memory>

#include "broker/descriptor.h"
#include "broker/vault_key.h"

namespace latchkey::broker {

// The vault as a file. Only the vault includes this.

/// The vault's file, as this process has it open. SQLite's locks are POSIX locks: a
/// process loses all that it holds on a file when it closes any descriptor of it. So
/// there is one for all threads, and it is to outlive every connection that was made
/// while it was held.
struct OpenFile {
  OpenFile(int fd, dev_t on, ino_t n) : descriptor(fd), device(on), number(n) {}
  const Descriptor descriptor;
  const dev_t device;
  const ino_t number;  ///< not given to another file while this one is open
};
using VaultFile = std::shared_ptr<const OpenFile>;

/// Says whether there is a vault at `path` that is safe to open: a private file
/// with private companions that begins as a vault of this version does. kNotFound
/// when there is none; kStore otherwise. Reads only, and leaves SQLite out: opening
/// a strange database with it might already write to it.
Result<VaultFile> check_vault_file(const std::string& path);
/// Whether `path` still leads to that file.
bool is_there(const std::string& path, const OpenFile& file);

/// Makes a vault with a new key, if there is still none. It gets its name when it
/// is complete: no crash and no second process meets half a vault.
Result<> make_vault_file(const KeyChain& chain);

}  // namespace latchkey::broker
