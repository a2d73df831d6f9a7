#include "server/sandbox/verdict.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/time.h"

namespace latchkey::server {
namespace {

using json::Object;
using Name = std::pair<std::string, std::string>;  ///< of a token, family or account in a system

constexpr std::int64_t kSecond = 1'000'000;    ///< ledgers count microseconds
constexpr std::int64_t kSlack = kSecond / 20;  ///< two requests may come a little closer than sent
constexpr std::int64_t kKillWithin = kSecond;  ///< of a reuse (I6)
constexpr std::int64_t kClockMoved = 2 * kSecond;  ///< the authority's clock, beside the machine's
constexpr std::int64_t kLongestWait = 3600;        ///< seconds; beyond, Retry-After binds nobody

/// One line, read.
class Event {
  const Object& line_;  // first: what follows reads it

 public:
  explicit Event(const Object& line) : line_(line) {}

  std::string text(std::string_view name) const {
    const auto* value = line_.find(name);
    return value != nullptr && value->as_string() ? *value->as_string() : "";
  }
  std::int64_t number(std::string_view name) const {
    const auto* value = line_.find(name);
    return value != nullptr && value->as_int() ? *value->as_int() : 0;
  }
  bool flag(std::string_view name) const {
    const auto* value = line_.find(name);
    return value != nullptr && value->as_bool() && *value->as_bool();
  }

  const std::string op = text("op"), system = text("system"), result = text("result");
  const std::int64_t done = number("real");
  const std::int64_t began = number("began") != 0 ? number("began") : done;
  Name name(std::string_view of) const { return {system, text(of)}; }
  bool has(std::string_view of) const { return !text(of).empty(); }
  bool ok() const { return result == "ok"; }
  bool issues() const { return ok() && has("access") && has("family"); }
  Name account() const { return {system, has("user") ? text("user") : text("client")}; }
  /// The authority's clock in microseconds; 0 when it does not say.
  std::int64_t at() const {
    const auto time = parse_rfc3339(text("time"));
    return time ? epoch(*time) * kSecond : 0;
  }
};

/// A fault that keeps an answer from being understood; a delay does not.
bool loses(const std::string& fault) {
  static const std::set<std::string, std::less<>> kHarmless{"",      "delay",         "revoke",
                                                            "twice", "absurd-expiry", "wrong-type"};
  return !kHarmless.contains(fault);
}

struct Family {
  FamilyVerdict verdict;
  std::string head_access, head_refresh;  // the newest tokens
  bool head_lost = false;
  std::int64_t ended_at = 0, grace = 0;
};

class Judge {
 public:
  void hear(const Object& line);
  Verdict verdict();

 private:
  struct System {
    std::string rotation;
    std::int64_t interval = 0;
  };
  struct Pace {
    std::int64_t began = 0, at = 0;
    std::int64_t wait_from = 0, wait_done = 0, wait_at = 0, wait = 0;
    int hasty = 0;
  };

  Family* find(const Name& family);
  Family* family_of(const Event& event);
  Family& family_named(const Event& event);
  void hear_issue(const Event& event);
  void go_on(const Name& account);
  void hear_end(const Event& event);
  void hear_use(const Event& event);
  void hear_pace(const Event& event);

  std::map<std::string, System> systems_;
  std::map<Name, Family> families_;
  std::vector<Name> order_;
  std::map<Name, Name> issued_in_;  // token → family
  std::map<Name, std::string> successor_;
  std::map<Name, Pace> paces_;
  std::map<Name, std::vector<Name>> orphans_;  // account → families
};

Family* Judge::find(const Name& family) {
  const auto found = families_.find(family);
  return found == families_.end() ? nullptr : &found->second;
}

Family* Judge::family_of(const Event& event) {
  const auto token = issued_in_.find(event.name("token"));
  return find(token != issued_in_.end() ? token->second : event.name("family"));
}

Family& Judge::family_named(const Event& event) {
  const auto [found, is_new] = families_.try_emplace(event.name("family"));
  if (is_new) {
    order_.push_back(found->first);
    found->second.verdict = {
        .system = event.system, .family = event.text("family"), .account = event.account().second};
  }
  return found->second;
}

void Judge::hear(const Object& line) {
  const Event event(line);
  if (event.op == "open") {
    systems_[event.system] = {event.text("rotation"), event.number("interval")};
    return;
  }
  hear_pace(event);
  hear_use(event);
  if (event.issues()) hear_issue(event);
  hear_end(event);
}

void Judge::hear_issue(const Event& event) {
  Family& family = family_named(event);
  if (++family.verdict.issued == 1) go_on(event.account());
  for (const auto* kind : {"access", "refresh"})
    if (event.has(kind)) issued_in_[event.name(kind)] = event.name("family");
  if (event.op == "exchange") issued_in_[event.name("token")] = event.name("family");
  const bool single = event.op == "exchange" ||
                      (event.op == "refresh" && systems_[event.system].rotation == "single_use");
  const std::string made = event.has("refresh") ? event.text("refresh") : event.text("access");
  if (single && event.has("token")) {
    const auto [first, is_new] = successor_.try_emplace(event.name("token"), made);
    if (!is_new && first->second != made) family.verdict.spent_twice = true;
  }
  family.head_access = event.text("access");
  family.head_refresh = event.text("refresh");
  const bool lost = loses(event.text("fault"));
  if (lost) ++family.verdict.lost;
  // Of any other answer nothing was given up for it: the login can be had again.
  family.head_lost = lost && single && event.op == "refresh";
  if (family.head_lost) orphans_[event.account()].push_back(event.name("family"));
}

/// A new login: what the account had before is missed by nobody.
void Judge::go_on(const Name& account) {
  for (const Name& family : std::exchange(orphans_[account], {}))
    families_[family].head_lost = false;
}

/// Whatever presents the newest tokens has them: their answer arrived after all.
void Judge::hear_use(const Event& event) {
  Family* family = family_of(event);
  if (family == nullptr) return;
  const std::string token = event.text("token");
  if (!token.empty() && (token == family->head_access || token == family->head_refresh))
    family->head_lost = false;
  const bool late = family->ended_at != 0 && event.began > family->ended_at + family->grace;
  if (late && event.ok() && event.op != "revoke") family->verdict.risen = true;
}

void Judge::hear_end(const Event& event) {
  Family* family = family_of(event);
  if (family != nullptr && event.flag("replayed")) ++family->verdict.reused;
  // Of a delegated token the line names its own family, and not the one it came from.
  if (event.has("family")) family = find(event.name("family"));
  if (family == nullptr || !event.flag("ended")) return;
  family->verdict.ended = true;
  if (family->ended_at != 0) return;
  family->ended_at = event.done;
  family->grace = event.op == "revoke" ? 0 : kKillWithin;
}

void Judge::hear_pace(const Event& event) {
  static const std::set<std::string, std::less<>> kCounted{"login", "request_otp", "exchange",
                                                           "delegate", "refresh"};
  if (!kCounted.contains(event.op) || event.account().second.empty()) return;
  Pace& pace = paces_[event.account()];
  // Where somebody moved the authority's clock, its time counts.
  const auto apart = [&](std::int64_t real, std::int64_t at) {
    const std::int64_t by_clock = event.began - real, by_theirs = event.at() - at;
    return by_theirs - by_clock > kClockMoved ? by_theirs : by_clock;
  };
  const std::int64_t interval = systems_[event.system].interval * kSecond;
  const bool early =
      pace.began != 0 && interval > 0 && apart(pace.began, pace.at) < interval - kSlack;
  const bool told = pace.wait > 0 && event.began > pace.wait_done;
  const bool impatient = told && apart(pace.wait_from, pace.wait_at) < pace.wait * kSecond - kSlack;
  if (early || impatient) ++pace.hasty;
  if (told && !impatient) pace.wait = 0;
  pace.began = event.began;
  pace.at = event.at();
  const std::int64_t wait = event.number("retry_after");
  if (wait > 0 && wait <= kLongestWait) {
    pace.wait_from = event.began;
    pace.wait_done = event.done;
    pace.wait_at = event.at();
    pace.wait = wait;
  }
}

Verdict Judge::verdict() {
  Verdict all;
  for (const auto& name : order_) {
    Family& family = families_[name];
    family.verdict.orphaned = family.head_lost && !family.verdict.ended;
    all.families.push_back(family.verdict);
  }
  for (const auto& [name, pace] : paces_)
    if (pace.hasty > 0) all.hasty.push_back({name.first, name.second, pace.hasty});
  return all;
}

}  // namespace

bool Verdict::guilty() const {
  return !hasty.empty() || std::ranges::any_of(families, [](const FamilyVerdict& one) {
    return one.spent_twice || one.orphaned || one.risen;
  });
}

Verdict judge(const json::Array& events) {
  std::vector<std::pair<std::int64_t, std::size_t>> order;  // when it was done, and where it stands
  for (std::size_t i = 0; i < events.size(); ++i)
    if (const auto* line = events[i].as_object()) order.emplace_back(Event(*line).done, i);
  std::ranges::sort(order);
  Judge judge;
  for (const auto& [done, i] : order) judge.hear(*events[i].as_object());
  return judge.verdict();
}

Object to_json(const Verdict& verdict) {
  json::Array families, hasty;
  for (const auto& one : verdict.families)
    families.emplace_back(Object{{"system", one.system},
                                 {"family", one.family},
                                 {"account", one.account},
                                 {"issued", one.issued},
                                 {"reused", one.reused},
                                 {"lost", one.lost},
                                 {"ended", one.ended},
                                 {"spent_twice", one.spent_twice},
                                 {"orphaned", one.orphaned},
                                 {"risen", one.risen}});
  for (const auto& one : verdict.hasty)
    hasty.emplace_back(
        Object{{"system", one.system}, {"account", one.account}, {"times", one.times}});
  return {{"verdict", verdict.guilty() ? "guilty" : "clean"},
          {"families", std::move(families)},
          {"hasty", std::move(hasty)}};
}

}  // namespace latchkey::server
