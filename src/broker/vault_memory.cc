// What the vault knows beside the tokens: whose turn it is, and what failed.

#include <algorithm>

#include "broker/vault_impl.h"

namespace latchkey::broker {
namespace {

/// A turn further ahead than this was written by a clock that has been set back.
constexpr Seconds kFurthestTurn{600};

/// nullopt: no such reason in this program.
std::optional<Why> why_named(std::string_view name) {
  for (const Why why : kEveryWhy)
    if (name == name_of(why)) return why;
  return std::nullopt;
}

Result<std::optional<Instant>> free_of(const Database& database, const std::string& name) {
  const Statement query = TRY(database.prepare("SELECT free FROM turns WHERE name=?1"));
  bind_text(query, 1, name);
  const bool row = TRY(database.step(query));
  if (!row) return std::optional<Instant>();
  return std::optional(from_epoch(column_number(query, 0)));
}

Result<> set_free(const Database& database, const std::string& name, Instant free) {
  const Statement write = TRY(
      database.prepare("INSERT INTO turns VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET free=?2"));
  bind_text(write, 1, name);
  bind_number(write, 2, epoch(free));
  TRY(database.step(write));
  return {};
}

}  // namespace

Result<Seconds> Vault::take_turn(const std::string& name, Seconds interval, Instant now,
                                 Seconds patience) {
  const Database& database = impl_->database;
  return impl_->atomically([&]() -> Result<Seconds> {
    const auto known = TRY(free_of(database, name));
    const Instant free = known.value_or(now);
    const Instant turn = free > now + kFurthestTurn ? now : std::max(free, now);
    if (turn - now > patience)
      return fail({Why::kTooMany, "too many programs wait for a call to " + name, {}, turn - now});
    // Whole seconds: two calls may each be up to one away from what their clock says.
    TRY(set_free(database, name, turn + interval + Seconds{1}));
    return turn - now;
  });
}

Result<Seconds> Vault::draw(const std::string& name, int most, Seconds each, Instant now) {
  const Database& database = impl_->database;
  return impl_->atomically([&]() -> Result<Seconds> {
    const auto known = TRY(free_of(database, name));
    const Seconds whole = each * most;
    // GCRA: `free` is when the whole budget will be there again.
    const bool moved = known && *known > now + whole;  // by a clock that was set back
    const Instant from = known && !moved ? std::max(*known, now) : now;
    const Instant next = from + each;
    if (next - now > whole) return next - now - whole;
    TRY(set_free(database, name, next));
    return Seconds{0};
  });
}

Result<std::optional<Failure>> Vault::failure(const std::string& name) {
  const Statement query = TRY(impl_->database.prepare(
      "SELECT serial, count, why, say, noted, until FROM failures WHERE name=?1"));
  bind_text(query, 1, name);
  const bool row = TRY(impl_->database.step(query));
  const auto why = row ? why_named(column_text(query, 2)) : std::nullopt;
  if (!why) return std::optional<Failure>();
  return std::optional(Failure{.serial = column_number(query, 0),
                               .count = static_cast<int>(column_number(query, 1)),
                               .why = *why,
                               .say = std::string(column_text(query, 3)),
                               .noted = from_epoch(column_number(query, 4)),
                               .until = from_epoch(column_number(query, 5))});
}

Result<> Vault::note(const std::string& name, const Failure& failure) {
  const Statement write = TRY(impl_->database.prepare(
      "INSERT INTO failures(name, serial, count, why, say, noted, until)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(name) DO UPDATE SET"
      " serial=max(serial+1, ?2), count=?3, why=?4, say=?5, noted=?6, until=?7"));
  bind_text(write, 1, name);
  bind_number(write, 2, failure.serial);
  bind_number(write, 3, failure.count);
  bind_text(write, 4, name_of(failure.why));
  bind_text(write, 5, failure.say);
  bind_number(write, 6, epoch(failure.noted));
  bind_number(write, 7, epoch(failure.until));
  TRY(impl_->database.step(write));
  return {};
}

Result<> Vault::absolve(const std::string& name) {
  const Statement write =
      TRY(impl_->database.prepare("UPDATE failures SET count=0 WHERE name=?1 AND count>0"));
  bind_text(write, 1, name);
  TRY(impl_->database.step(write));
  return {};
}

Result<Vault::Glimpse> Vault::glimpse(const ProfileName& profile, const std::string& failures) {
  const Statement query =
      TRY(impl_->database.prepare("SELECT (SELECT generation FROM entries WHERE profile=?1),"
                                  " (SELECT serial FROM failures WHERE name=?2)"));
  bind_text(query, 1, profile.text);
  bind_text(query, 2, failures);
  TRY(impl_->database.step(query));
  return Glimpse{column_number(query, 0), column_number(query, 1)};  // NULL reads as 0
}

}  // namespace latchkey::broker
