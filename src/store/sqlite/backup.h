#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace latchkey::store {

/// What a store's file says of itself.
struct StoreFile {
  int schema = 0;
  int newest = 0;                            ///< that this program knows
  std::vector<std::string> steps;            ///< what would bring it there, in words
  std::map<std::string, std::string> facts;  ///< of a backup: what was written with it
};

/// Reads it, and whether it is whole; changes no row. kNotFound when there is none; kStore
/// when it is unsafe, damaged, of another program, or of a newer schema.
Result<StoreFile> look_at_store(const std::string& path);

/// Copies a store into a new file (0600), on disk when this returns, as it was at one
/// moment, while others may write to it. `facts` are written into the copy. kConflict
/// when `to` is there; kUnavailable when it cannot be written.
Result<> back_up_store(const std::string& from, const std::string& to,
                       const std::map<std::string, std::string>& facts);

/// Takes the facts out of a backup: then it is a store as any other.
Result<> unpack_store(const std::string& path);

}  // namespace latchkey::store
