#pragma once

#include "engine/keys.h"

namespace latchkey::server {

/// What the lines of an audit log prove.
struct AuditReport {
  std::int64_t first = 0, last = 0;  ///< the numbers of its lines; 0: there is none
  /// "x.jsonl:7: …": the first place where the chain does not hold; "": it does.
  std::string broken = {};
};

/// Follows the chain through the files, the oldest first. The first line of all is
/// believed as to what was before it, unless it says that it is the first one.
/// kStore when a file cannot be read.
Result<AuditReport> verify_audit(const std::vector<std::string>& files, const engine::Keys& keys);

/// The number of the last line is kept in the store too, so that lines missing at the
/// end are seen. Raises it; never lowers it.
Result<> keep_audit_mark(engine::Store& store, std::int64_t last);
/// Whether the store has seen a line with a higher number.
Result<bool> is_audit_cut(engine::Store& store, std::int64_t last);

}  // namespace latchkey::server
