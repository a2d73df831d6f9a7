#pragma once

struct sqlite3;

namespace latchkey::store {

/// The name of an SQLite file system that writes a write-ahead log in large pieces: what a
/// transaction appends to it is gathered and goes to the file when that is synced. Everything
/// else is the default file system's. Made at the first call; thread-safe. Null when SQLite
/// cannot have it: then the default will do.
///
/// For a connection with synchronous=FULL only: SQLite syncs the log then before anybody else may
/// read a commit in it. Until that sync SQLite counts on nothing that it wrote (atomiccommit.html),
/// so that a crash loses no more with it than without.
const char* log_gathering_files();

/// To be called when a transaction of that connection was rolled back: what it appended, and is
/// not in the file yet, must never come there, for by then another process may have written on.
void forget_gathered(sqlite3* db);

}  // namespace latchkey::store
