#pragma once

#include "engine/store.h"

namespace latchkey::engine {

// A store may be put back to an older state: a backup, a snapshot of a disk, a lost
// write-ahead log. Then tokens that were revoked or spent in between would live again.
// The epoch tells: a number in the store that only rises, with a copy beside the store
// (server/epoch_file.h) that no restore brings back. A store whose epoch is behind its
// copy is older than what was acknowledged, and everything in it is ended.
// docs/decisions has why.

/// The store's epoch; 0 for a new store.
Result<std::int64_t> epoch_of(Store&);
/// One more; the new value. Durable when it returns.
Result<std::int64_t> raise_epoch(Store&);
/// For a store that is older than what was acknowledged: ends every family of every
/// realm, everything that waits for somebody to come back, and makes the epoch at least
/// `epoch`. In one transaction. How many families there were.
Result<int> begin_anew(Store&, std::int64_t epoch, Instant now);

}  // namespace latchkey::engine
