#pragma once

#include <vector>

#include "store/sqlite/connection.h"

namespace latchkey::store {

/// The scripts in schema/, in order: number i brings a store of schema i to i + 1.
const std::vector<const char*>& migrations();
/// What each is about: "live access tokens".
const std::vector<const char*>& migration_names();

/// Marks the file as a store of ours: "LKEY" (PRAGMA application_id).
inline constexpr std::int64_t kApplicationId = 0x4c4b4559;

/// Reads whose file it is, and writes nothing. The number of its schema, 0 for
/// an empty file. kStore when it is not a database, not ours, or of a schema
/// newer than this program knows.
Result<int> schema_of(Connection& db);

/// Brings the store to the newest schema, each step in a transaction of its own.
/// Another process may be doing the same at the same time.
Result<> migrate(Connection& db);

}  // namespace latchkey::store
