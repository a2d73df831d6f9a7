#pragma once

#include "server/admin/verb.h"
#include "server/audit_log.h"

namespace latchkey::server {

/// Does what an operator asked for, whichever way it came: checks `members` against the
/// verb's parameters, acts, and writes the audit log's line, which is on disk when this
/// returns. `who` is "uid 1000", or who showed a certificate or a token. `audit` may be
/// null. What a verb throws becomes kBug.
Result<json::Value> carry_out(const Verb& verb, const json::Object& members, const Desk& desk,
                              AuditLog* audit, std::string_view who);

}  // namespace latchkey::server
