#pragma once

#include "base/json.h"
#include "server/sandbox/demo.h"

namespace latchkey::server {

/// What `latchkeyd sandbox --json` prints, from which any test of any client can
/// configure itself: base_url, control, and per system its endpoints, users,
/// clients and keys. docs/latchkeyd.md has the members.
/// kUnavailable when the system needs a first signing key that could not be stored.
Result<json::Object> system_document(const DemoRealm& demo, const ServedRealm& realm, Instant now);
/// `ledger`: its file; empty for a plain sandbox, which has no faults either.
json::Object sandbox_document(const std::string& base_url, Instant now, const std::string& ledger,
                              json::Object systems);

/// The same for a person: a table of accounts and endpoints.
std::string sandbox_table(const json::Object& document);

}  // namespace latchkey::server
