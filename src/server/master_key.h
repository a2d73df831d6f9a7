#pragma once

#include "engine/keys.h"
#include "server/config.h"

namespace latchkey::server {

/// The master key, 32 bytes or more. A file and a credential hold it as text (see
/// `latchkeyd key create`); a passphrase that is prompted for is stretched with
/// argon2id and a salt kept in the state directory. kStore when the file is
/// unsafe, kUsage when the key is too short.
/// `credentials`: systemd's CREDENTIALS_DIRECTORY, if there is one.
Result<Secret> read_master_key(const MasterKeySource& source, const std::string& state_directory,
                               const std::optional<std::string>& credentials);

/// Where a passphrase's salt is kept.
std::string salt_path(const std::string& state_directory);

/// Makes sure that this master key is the one that the store was made with, and
/// marks a new store with it. kStore when it is another.
Result<> check_master_key(engine::Store& store, const engine::Keys& keys, Instant now);

}  // namespace latchkey::server
