#include "server/audit_verify.h"

#include <cstring>
#include <fstream>

#include "base/json.h"
#include "server/audit_log.h"

namespace latchkey::server {
namespace {

const Realm kOwn{"_authority"};
constexpr std::string_view kMark = "audit";

/// One file after the other, line by line.
class Follower {
 public:
  explicit Follower(const engine::Keys& keys) : keys_(keys) {}

  /// Why this line cannot follow those before it; "" if it does.
  std::string follow(const std::string& line) {
    const auto at = line.rfind(kChainMember);
    const auto value = json::parse(line);
    const auto* object = value && value->as_object() ? value->as_object() : nullptr;
    if (at == std::string::npos || object == nullptr) return "this is no line of an audit log";
    const auto seq = json::int_field(*object, "seq");
    const auto chain = json::string_field(*object, "chain");
    if (!seq || !chain || line.substr(at) != std::string(kChainMember) + *chain + "\"}")
      return "this is no line of an audit log";
    const bool begins = report.first == 0;
    if (begins) report.first = *seq;
    if (!begins && *seq != report.last + 1)
      return "line " + std::to_string(report.last + 1) + " should be here, not " +
             std::to_string(*seq);
    const bool known = !begins || *seq == 1;
    if (known && *chain != audit_chain(keys_, chain_, line.substr(0, at)))
      return "the chain is broken: this line, or one before it, is not as it was written";
    report.last = *seq;
    chain_ = *chain;
    return {};
  }

  AuditReport report;

 private:
  const engine::Keys& keys_;
  std::string chain_;
};

}  // namespace

Result<AuditReport> verify_audit(const std::vector<std::string>& files, const engine::Keys& keys) {
  Follower follower(keys);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(Why::kStore, "cannot read " + file + ": " + std::strerror(errno));
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      const std::string why = in.eof() ? "half a line" : follower.follow(line);
      if (why.empty()) continue;
      follower.report.broken = file + ":" + std::to_string(number) + ": " + why;
      return std::move(follower.report);
    }
  }
  return std::move(follower.report);
}

Result<> keep_audit_mark(engine::Store& store, std::int64_t last) {
  return store.transact([&](engine::Tx& tx) -> Result<> {
    TRY(tx.raise_mark(kOwn, kMark, last));
    return {};
  });
}

Result<bool> is_audit_cut(engine::Store& store, std::int64_t last) {
  const auto higher = store.transact([&](engine::Tx& tx) -> Result<bool> {
    const bool raised = TRY(tx.raise_mark(kOwn, kMark, last + 1));
    if (!raised) return true;
    return fail(Why::kConflict);  // undone: it was only asked
  });
  if (!higher && higher.error().why == Why::kConflict) return false;
  return higher;
}

}  // namespace latchkey::server
