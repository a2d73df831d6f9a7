#include "dialects/oauth2/actor.h"

#include "base/json.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr json::Limits kActLimits{.bytes = 4 * 1024, .depth = kMostActors + 1};

// How many actors the claim has; nullopt when it is none.
std::optional<std::size_t> length_of(const json::Object* act) {
  std::size_t length = 0;
  while (act != nullptr) {
    const json::Value* sub = act->find("sub");
    if (sub == nullptr || sub->as_string() == nullptr) return std::nullopt;
    ++length;
    const json::Value* inner = act->find("act");
    if (inner != nullptr && inner->as_object() == nullptr) return std::nullopt;
    act = inner == nullptr ? nullptr : inner->as_object();
  }
  return length;
}

}  // namespace

// {"sub":"payroll","act":{"sub":"portal"}}      payroll acts, portal acted before
Result<std::string> act_claim(std::string_view actor, std::string_view before) {
  json::Object claim{{"sub", actor}};
  if (before.empty()) return json::write(std::move(claim));
  auto inner = json::parse(before, kActLimits);
  const auto length = inner ? length_of(inner->as_object()) : std::nullopt;
  if (!length || *length == 0) return fail(Why::kBug, "", "an act claim that is none");
  if (*length >= kMostActors) return fail(Why::kForbidden, "too many act for one another");
  claim.add("act", *std::move(inner));
  return json::write(std::move(claim));
}

std::string current_actor(std::string_view act) {
  if (act.empty()) return {};
  const auto claim = json::parse(act, kActLimits);
  const json::Value* sub =
      claim && claim->as_object() != nullptr ? claim->as_object()->find("sub") : nullptr;
  return sub != nullptr && sub->as_string() != nullptr ? *sub->as_string() : std::string();
}

}  // namespace latchkey::dialects::oauth2
