#include "server/sandbox/fault.h"

#include <algorithm>
#include <initializer_list>

#include "base/text.h"
#include "engine/operations.h"
#include "net/delivery.h"

namespace latchkey::server {
namespace {

using json::Object;

constexpr std::int64_t kMostCount = 1'000'000'000;
constexpr std::int64_t kMostSeed = std::int64_t{1} << 53;  // exact in every JSON reader
constexpr std::size_t kLongestText = 1000;

bool has_name(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// The members of a body, taken one by one; what nobody took is an error.
class Members {
 public:
  explicit Members(const Object& body) : body_(body) {}

  Result<std::string> text(std::string_view name) {
    const auto found = TRY(json::optional_string_field(body_, name));
    if (found && found->size() > kLongestText)
      return fail(Why::kMalformed, std::string(name) + " is too long");
    return found.value_or("");
  }
  Result<std::optional<std::int64_t>> number(std::string_view name, std::int64_t least,
                                             std::int64_t most) {
    const auto* value = body_.find(name);
    if (value == nullptr || value->is_null()) return std::optional<std::int64_t>{};
    const auto* number = value->as_int();
    if (number == nullptr || *number < least || *number > most)
      return fail(Why::kMalformed, std::string(name) + " is a number from " +
                                       std::to_string(least) + " to " + std::to_string(most));
    return std::optional(*number);
  }
  Result<bool> flag(std::string_view name, bool otherwise) {
    const auto* value = body_.find(name);
    if (value == nullptr || value->is_null()) return otherwise;
    if (value->as_bool() == nullptr)
      return fail(Why::kMalformed, std::string(name) + " is true or false");
    return *value->as_bool();
  }
  Result<std::optional<double>> probability() {
    const auto* value = body_.find("probability");
    if (value == nullptr || value->is_null()) return std::optional<double>{};
    const double p = value->as_double() ? *value->as_double()
                     : value->as_int()  ? static_cast<double>(*value->as_int())
                                        : -1;
    if (!(p > 0 && p <= 1))
      return fail(Why::kMalformed, "probability is a number above 0 and at most 1");
    return std::optional(p);
  }
  Result<> nothing_else() const {
    for (const auto& [name, value] : body_)
      if (!has_name({"system", "operation", "client", "fault", "after_commit", "after", "status",
                     "retry_after", "bytes", "value", "skip", "count", "probability", "seed"},
                    name))
        return fail(Why::kMalformed, "there is no member " + printable(name));
    return {};
  }

 private:
  const Object& body_;
};

/// Whether there is anything to it without an answer of the authority's.
bool may_come_before(FaultKind kind) {
  switch (kind) {
    case FaultKind::kDrop:
    case FaultKind::kReset:
    case FaultKind::kDelay:
    case FaultKind::kFail:
    case FaultKind::kHtml:
    case FaultKind::kEmpty:
    case FaultKind::kHuge:
    case FaultKind::kEndless: return true;
    case FaultKind::kCut:
    case FaultKind::kRevoke:
    case FaultKind::kTruncated:
    case FaultKind::kTwice:
    case FaultKind::kAbsurdExpiry:
    case FaultKind::kCrlfToken:
    case FaultKind::kWrongType: return false;
  }
  return false;
}

Result<FaultKind> kind_of(const std::string& name) {
  for (const FaultKind kind : kEveryFaultKind)
    if (name == name_of(kind)) return kind;
  std::string known;
  for (const FaultKind kind : kEveryFaultKind) known += std::string(" ") + name_of(kind);
  return fail(Why::kUnknownName, "there is no fault " + printable(name) + "; there are" + known);
}

Result<std::string> read_value(Members& in) {
  auto text = TRY(in.text("value"));
  const auto value = json::parse(text.empty() ? "0" : text);
  if (!value || (value->as_int() == nullptr && value->as_double() == nullptr))
    return fail(Why::kMalformed, "value is a JSON number");
  return text;
}

Result<Fault> read_fault(Members& in) {
  const auto name = TRY(in.text("fault"));
  Fault fault;
  fault.kind = TRY(kind_of(name));
  const bool after_commit = TRY(in.flag("after_commit", true));
  fault.before = !after_commit;
  if (fault.before && !may_come_before(fault.kind))
    return fail(Why::kMalformed, name + " needs the answer of what was done");
  const auto after = TRY(in.text("after"));
  const auto late = parse_duration(after.empty() ? "0s" : after);
  if (!late || *late < Seconds{0} || *late > net::kMostDelay)
    return fail(Why::kMalformed, "after is a duration such as 2s, at most 10m");
  fault.after = *late;
  if (fault.kind == FaultKind::kDelay && fault.after == Seconds{0})
    return fail(Why::kMalformed, "a delay says how long: after");
  const auto status = TRY(in.number("status", 400, 599));
  const auto bytes = TRY(in.number("bytes", 1, net::kMostPadding));
  fault.status = static_cast<int>(status.value_or(fault.status));
  fault.bytes = static_cast<std::uint64_t>(bytes.value_or(fault.bytes));
  fault.retry_after = TRY(in.text("retry_after"));
  fault.value = TRY(read_value(in));
  return fault;
}

template <std::size_t... kIndex>
std::vector<std::string> names_of(std::index_sequence<kIndex...>) {
  return {engine::name_of(engine::Operation(std::in_place_index<kIndex>))...};
}

}  // namespace

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kDrop: return "drop";
    case FaultKind::kReset: return "reset";
    case FaultKind::kCut: return "cut";
    case FaultKind::kDelay: return "delay";
    case FaultKind::kFail: return "fail";
    case FaultKind::kRevoke: return "revoke";
    case FaultKind::kHtml: return "html";
    case FaultKind::kEmpty: return "empty";
    case FaultKind::kTruncated: return "truncated";
    case FaultKind::kTwice: return "twice";
    case FaultKind::kAbsurdExpiry: return "absurd-expiry";
    case FaultKind::kCrlfToken: return "crlf-token";
    case FaultKind::kWrongType: return "wrong-type";
    case FaultKind::kHuge: return "huge";
    case FaultKind::kEndless: return "endless";
  }
  return "";
}

std::vector<std::string> operation_names() {
  return names_of(std::make_index_sequence<std::variant_size_v<engine::Operation>>());
}

Result<FaultRule> read_fault_rule(const Object& body) {
  Members in(body);
  TRY(in.nothing_else());
  FaultRule rule;
  rule.system = TRY(in.text("system"));
  rule.operation = TRY(in.text("operation"));
  rule.client = TRY(in.text("client"));
  if (const auto known = operation_names();
      !rule.operation.empty() && std::ranges::find(known, rule.operation) == known.end())
    return fail(Why::kUnknownName, "there is no operation " + printable(rule.operation));
  rule.fault = TRY(read_fault(in));
  const auto skip = TRY(in.number("skip", 0, kMostCount));
  const auto seed = TRY(in.number("seed", 0, kMostSeed));
  const auto probability = TRY(in.probability());
  rule.skip = skip.value_or(0);
  rule.seed = static_cast<std::uint64_t>(seed.value_or(0));
  rule.probability = probability.value_or(1);
  rule.count = TRY(in.number("count", 1, kMostCount));
  if (!rule.count && !probability) rule.count = 1;
  return rule;
}

Object to_json(const FaultRule& rule) {
  const Fault& fault = rule.fault;
  Object out;
  const auto add = [&out](const char* name, const std::string& text) {
    if (!text.empty()) out.add(name, text);
  };
  add("system", rule.system);
  add("operation", rule.operation);
  add("client", rule.client);
  out.add("fault", name_of(fault.kind)).add("after_commit", !fault.before);
  if (fault.after > Seconds{0}) out.add("after", std::to_string(fault.after.count()) + "s");
  if (fault.kind == FaultKind::kFail) out.add("status", fault.status);
  add("retry_after", fault.retry_after);
  if (fault.kind == FaultKind::kHuge) out.add("bytes", static_cast<std::int64_t>(fault.bytes));
  add("value", fault.value);
  if (rule.skip > 0) out.add("skip", rule.skip);
  if (rule.count) out.add("count", *rule.count);
  if (rule.probability < 1)
    out.add("probability", rule.probability).add("seed", static_cast<std::int64_t>(rule.seed));
  return out;
}

}  // namespace latchkey::server
