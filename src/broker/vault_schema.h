#pragma once

#include "broker/database.h"

namespace latchkey::broker {

// What is in a vault's database. Only the vault includes this.

inline constexpr std::uint32_t kSchemaVersion = 2;

/// Fills an empty database with everything but the key record.
Result<> make_schema(const Database& database);

/// Brings an older vault up to kSchemaVersion, one numbered step after the other, all
/// in one transaction; of many processes that open it, one does it. kStore when it was
/// written by a newer program: nothing is changed.
Result<> upgrade_schema(const Database& database, const std::string& path);

/// The header of every SQLite 3 file.
inline constexpr std::size_t kHeadSize = 100;
/// What the first bytes of the file (fewer if it has fewer) say before SQLite reads any: kStore
/// unless they are a vault's of a version that is known here, with all its pages.
Result<> check_head(ByteView head, const std::string& path);

}  // namespace latchkey::broker
