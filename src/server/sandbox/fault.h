#pragma once

#include <array>

#include "base/json.h"
#include "base/time.h"

namespace latchkey::server {

/// What the sandbox does to an answer.
enum class FaultKind {
  kDrop,          ///< the connection is closed without a byte
  kReset,         ///< the same, by a TCP reset
  kCut,           ///< the head with its length, then half of the body
  kDelay,         ///< late, by `after`
  kFail,          ///< a refusal with `status` and Retry-After
  kRevoke,        ///< the family is ended before its tokens arrive
  kHtml,          ///< 200 with a page of a proxy
  kEmpty,         ///< 200 without a body
  kTruncated,     ///< half of the body, under the length of that half
  kTwice,         ///< every member a second time, with another value
  kAbsurdExpiry,  ///< `value` where the wire says when a token ends
  kCrlfToken,     ///< CR and LF in every token
  kWrongType,     ///< the body as application/octet-stream
  kHuge,          ///< `bytes` of spaces behind the body
  kEndless,       ///< chunks until the peer leaves
};
inline constexpr std::array kEveryFaultKind{
    FaultKind::kDrop,      FaultKind::kReset,  FaultKind::kCut,          FaultKind::kDelay,
    FaultKind::kFail,      FaultKind::kRevoke, FaultKind::kHtml,         FaultKind::kEmpty,
    FaultKind::kTruncated, FaultKind::kTwice,  FaultKind::kAbsurdExpiry, FaultKind::kCrlfToken,
    FaultKind::kWrongType, FaultKind::kHuge,   FaultKind::kEndless};

/// "drop", "absurd-expiry", …
const char* name_of(FaultKind kind);

/// One fault. By default it strikes when the authority has committed what was asked.
struct Fault {
  FaultKind kind = FaultKind::kDrop;
  /// The authority does not do what was asked. A kDelay: it does, but late.
  bool before = false;
  Seconds after{0};                 ///< how late the answer is; with any kind
  int status = 500;                 ///< of kFail
  std::string retry_after = {};     ///< of kFail, any text; empty: no such header
  std::uint64_t bytes = 64u << 20;  ///< of kHuge
  std::string value = {};           ///< of kAbsurdExpiry, any JSON number; empty: kAbsurdEnd
  friend bool operator==(const Fault&, const Fault&) = default;
};
inline constexpr const char* kAbsurdEnd = "9223372036854775807";

/// Which requests a fault strikes. An empty name matches any.
struct FaultRule {
  std::string system = {};
  std::string operation = {};
  std::string client = {};  ///< a client's id or a user's login
  Fault fault = {};
  std::int64_t skip = 0;                   ///< so many matching requests go by first
  std::optional<std::int64_t> count = {};  ///< it strikes so often, then no more
  double probability = 1;                  ///< of each matching request, 0 < p ≤ 1
  std::uint64_t seed = 0;                  ///< which ones, if probability < 1
  friend bool operator==(const FaultRule&, const FaultRule&) = default;
};

/// As POST /_sandbox/fault has it: "system", "operation", "client", "fault",
/// "after_commit" (true), "after" ("2s"), "status", "retry_after", "bytes", "value",
/// "skip", "count", "probability", "seed". A rule with neither count nor
/// probability strikes once. kMalformed for anything that makes no sense,
/// kUnknownName for an operation or fault that there is not.
Result<FaultRule> read_fault_rule(const json::Object& body);
json::Object to_json(const FaultRule& rule);

/// The names of all operations, as the ledger and faults have them.
std::vector<std::string> operation_names();

}  // namespace latchkey::server
