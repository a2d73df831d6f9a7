#include "server/sandbox/fault_control.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/random.h"
#include "server/sandbox/control_wire.h"

namespace latchkey::server {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t kSeedBytes = 4;

/// For who names none: it is printed, so that the run can be had again.
std::uint64_t fresh_seed() {
  std::uint64_t seed = 0;
  for (const auto byte : crypto::random_bytes(kSeedBytes)) seed = seed << 8 | byte;
  return seed;
}

Object shown(const FaultPlan::State& state) {
  Object out{{"number", state.number}};
  for (const auto& [name, value] : to_json(state.rule)) out.add(name, value);
  return out.add("matched", state.matched).add("struck", state.struck);
}

}  // namespace

http::Response FaultControl::answer(const http::Request& request) {
  return control_response(dispatch(request));
}

Result<Value> FaultControl::dispatch(const http::Request& request) {
  TRY(is_from_here(request));
  const std::string& path = request.target.path;
  const bool posts = request.method == "POST";
  if (path == "/_sandbox/faults" && request.method == "GET") return states();
  if (path == "/_sandbox/fault/clear" && posts)
    return Value(Object{{"cleared", static_cast<std::int64_t>(plan_.clear())}});
  if (path != "/_sandbox/fault" || !posts)
    return fail(Why::kUnsupported, "there is no " + printable(request.method) + " " + path);
  const auto body = TRY(json::parse(request.body));
  if (!body.as_object()) return fail(Why::kMalformed, "the body must be an object");
  return add(*body.as_object());
}

Result<Value> FaultControl::add(const Object& body) {
  FaultRule rule = TRY(read_fault_rule(body));
  TRY(is_there(rule));
  if (rule.probability < 1 && body.find("seed") == nullptr) rule.seed = fresh_seed();
  const auto number = TRY(plan_.add(rule));
  return Value(shown({.number = number, .rule = std::move(rule)}));
}

Value FaultControl::states() const {
  json::Array all;
  for (const auto& state : plan_.states()) all.emplace_back(shown(state));
  return all;
}

/// A name that is wrong would strike nobody, and nobody would know.
Result<> FaultControl::is_there(const FaultRule& rule) const {
  bool system = rule.system.empty(), client = rule.client.empty();
  for (const auto& realm : realms_) {
    if (!rule.system.empty() && realm.realm.text != rule.system) continue;
    system = true;
    client |= std::ranges::any_of(
        realm.clients, [&](const auto& one) { return one.client.id.text == rule.client; });
    client |= std::ranges::any_of(
        realm.subjects, [&](const auto& one) { return one.subject.login.text == rule.client; });
  }
  if (!system) return fail(Why::kUnknownName, "there is no such system here");
  if (!client) return fail(Why::kUnknownName, "no such client or user");
  return {};
}

}  // namespace latchkey::server
