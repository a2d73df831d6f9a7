#include "broker/entry.h"

#include <algorithm>

#include "base/netstring.h"
#include "base/text.h"

// The text is a row of pairs of netstrings: "10:generation,1:7,12:access_token,…,".

namespace latchkey::broker {
namespace {

constexpr std::string_view kKept = "kept.";

struct SecretField {
  std::string_view name;
  Secret Entry::* member;
};
constexpr SecretField kSecrets[] = {{"access_token", &Entry::access_token},
                                    {"refresh_token", &Entry::refresh_token},
                                    {"parent_token", &Entry::parent_token},
                                    {"proof_key", &Entry::proof_key}};

/// Of the boot that Entry::spending_uptime belongs to, and its seconds.
constexpr std::string_view kSpendingBoot = "spending_boot";
constexpr std::string_view kSpendingUptime = "spending_uptime";

// Not there unless they are set, so that programs which know neither can read the
// entries of all providers that need neither.
constexpr std::string_view kDescription = "description";
constexpr std::string_view kDescribed = "described";
constexpr std::string_view kRefreshStays = "refresh_stays";

struct TextField {
  std::string_view name;
  std::string Entry::* member;
};
constexpr TextField kTexts[] = {{"scope", &Entry::scope},
                                {"session", &Entry::session},
                                {"credentials_mark", &Entry::credentials_mark}};

struct OptionalTime {
  std::string_view name;
  std::optional<Instant> Entry::* member;
};
constexpr OptionalTime kOptionalTimes[] = {{"access_until", &Entry::access_until},
                                           {"refresh_until", &Entry::refresh_until},
                                           {"parent_until", &Entry::parent_until},
                                           {"spending_since", &Entry::spending_since},
                                           {"credentials_since", &Entry::credentials_since}};

struct Time {
  std::string_view name;
  Instant Entry::* member;
};
constexpr Time kTimes[] = {{"logged_in", &Entry::logged_in}, {"renewed", &Entry::renewed}};

void add_pair(WipedText& to, std::string_view name, std::string_view value) {
  add_netstring(to, name);
  add_netstring(to, value);
}

template <class Fields>
auto find(const Fields& fields, std::string_view name) {
  return std::ranges::find_if(fields, [&](const auto& field) { return field.name == name; });
}

/// False for a name that is not known or a value that does not fit it.
bool set(Entry& entry, std::string_view name, std::string_view value) {
  if (const auto* secret = find(kSecrets, name); secret != std::end(kSecrets)) {
    entry.*secret->member = Secret(value);
    return true;
  }
  if (const auto* text = find(kTexts, name); text != std::end(kTexts)) {
    entry.*text->member = value;
    return true;
  }
  if (name == kSpendingBoot) {
    entry.spending_uptime.boot = value;
    return true;
  }
  if (name == kDescription) {
    entry.description = value;
    return true;
  }
  if (name.starts_with(kKept)) return entry.kept.emplace(name.substr(kKept.size()), value).second;
  const auto number = parse_int(value);
  if (!number) return false;
  if (name == "generation") {
    entry.generation = *number;
    return *number > 0;
  }
  if (name == kSpendingUptime) {
    entry.spending_uptime.seconds = Seconds{*number};
    return true;
  }
  if (name == kDescribed) {
    entry.described = from_epoch(*number);
    return true;
  }
  if (name == kRefreshStays) {
    entry.refresh_stays = *number == 1;
    return *number == 1;
  }
  if (const auto* time = find(kOptionalTimes, name); time != std::end(kOptionalTimes)) {
    entry.*time->member = from_epoch(*number);
    return true;
  }
  const auto* time = find(kTimes, name);
  if (time == std::end(kTimes)) return false;
  entry.*time->member = from_epoch(*number);
  return true;
}

}  // namespace

Secret write_entry(const Entry& entry) {
  WipedText out;
  add_pair(out, "generation", std::to_string(entry.generation));
  for (const auto& [name, member] : kSecrets)
    if (!(entry.*member).empty()) add_pair(out, name, (entry.*member).reveal());
  for (const auto& [name, member] : kTexts) add_pair(out, name, entry.*member);
  for (const auto& [name, member] : kOptionalTimes)
    if (entry.*member) add_pair(out, name, std::to_string(epoch(*(entry.*member))));
  for (const auto& [name, member] : kTimes)
    add_pair(out, name, std::to_string(epoch(entry.*member)));
  if (entry.spending_uptime != Uptime{}) {
    add_pair(out, kSpendingBoot, entry.spending_uptime.boot);
    add_pair(out, kSpendingUptime, std::to_string(entry.spending_uptime.seconds.count()));
  }
  if (!entry.description.empty()) add_pair(out, kDescription, entry.description);
  if (entry.described != Instant{})
    add_pair(out, kDescribed, std::to_string(epoch(entry.described)));
  if (entry.refresh_stays) add_pair(out, kRefreshStays, "1");
  for (const auto& [name, secret] : entry.kept)
    add_pair(out, std::string(kKept) + name, secret.reveal());
  return Secret(std::string_view(out.data(), out.size()));
}

Result<Entry> read_entry(const Secret& text) {
  const auto bad = [] { return fail(Why::kStore, "the vault holds an entry that cannot be read"); };
  Entry entry;
  std::vector<std::string_view> seen;
  for (std::string_view rest = text.reveal(); !rest.empty();) {
    const auto name = take_netstring(rest);
    const auto value = name ? take_netstring(rest) : std::nullopt;
    if (!value || std::ranges::find(seen, *name) != seen.end()) return bad();
    seen.push_back(*name);
    if (!set(entry, *name, *value)) return bad();
  }
  if (entry.generation < 1) return bad();
  return entry;
}

}  // namespace latchkey::broker
