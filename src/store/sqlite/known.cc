#include "store/sqlite/known.h"

#include <algorithm>

namespace latchkey::store {

using namespace engine;

namespace {

// Of the header, in words of 32 bits: how many commits there were, and how many frames are valid.
constexpr std::size_t kChanges = 2;
constexpr std::size_t kFrames = 4;

std::uint64_t changes_of(std::uint64_t log) { return log >> 32; }

/// Realms and logins hold no line ends.
std::string key_of(const Realm& realm, std::string_view name, std::int64_t number = 0) {
  std::string key;
  key.reserve(realm.text.size() + name.size() + 24);
  key += realm.text;
  key += '\n';
  key += name;
  if (number != 0) {
    key += '\n';
    key += std::to_string(number);
  }
  return key;
}

/// What stood on a shelf, if something did.
template <class Row>
Shared<Row> row_of(const std::optional<Shared<Row>>& kept) {
  return kept.value_or(Shared<Row>());
}

}  // namespace

// --- the newest commit -----------------------------------------------------------

Known::Known(const volatile void* log_index)
    : index_(static_cast<const volatile std::uint32_t*>(log_index)), families_(kSlots) {
  log_ = log();
}

std::uint64_t Known::log() const {
  if (index_ == nullptr) return 0;
  return std::uint64_t{index_[kChanges]} << 32 | index_[kFrames];
}

// A mark that is not the last commit's is that of our own commit which is just being made, or of
// another process's.
bool Known::is_newest() {
  if (index_ == nullptr) return false;
  if (log() == log_.load()) return true;
  const std::unique_lock quiet(writing_, std::try_to_lock);
  if (!quiet) return false;
  const std::uint64_t now = log();
  forget_all();
  log_ = now;
  return false;
}

void Known::forget_all() {
  const std::lock_guard lock(mutex_);
  ++rows_forgotten_;
  ++all_forgotten_;
  holdings_.clear();
  clients_.clear();
  subjects_.clear();
  operators_.clear();
}

void Known::began() {
  if (index_ == nullptr) return;
  writing_.lock();
  began_ = log();
  if (began_ != log_.load()) forget_all();
}

// Its own commit counts one; where there are more than that, another process was as quick.
void Known::committed(std::span<Changed> changed, bool made) {
  if (index_ == nullptr) return;
  const std::uint64_t now = log();
  const std::uint64_t commits = (changes_of(now) - changes_of(began_)) & 0xffff'ffff;
  if (std::ranges::any_of(changed, &Changed::anything) || commits > (made ? 1u : 0u)) forget_all();
  else follow(changed, made);
  log_ = now;
  writing_.unlock();
}

// One after the other: what one of them wrote, a later one may have changed.
void Known::follow(std::span<Changed> changed, bool made) {
  const std::lock_guard lock(mutex_);
  for (Changed& one : changed) {
    if (!one.families.empty()) ++rows_forgotten_;
    for (const GrantId& id : one.families) ++slot_of(id);
    for (const Hash& hash : one.over) holdings_.take(hash);
    if (!made) continue;
    for (const Shared<Holding>& held : one.fresh)
      holdings_.put(held->token.hash, {held, slot_of(held->grant.id)});
  }
}

std::uint32_t& Known::slot_of(const GrantId& id) {
  return families_[std::hash<std::string>()(id.text) % kSlots];
}

// --- rows -------------------------------------------------------------------------

Shared<Holding> Known::holding(const Realm& realm, const Hash& hash) {
  if (!is_newest()) return {};
  const std::lock_guard lock(mutex_);
  const auto found = holdings_.find(hash);
  if (!found || found->row->grant.realm != realm) return {};
  if (found->family != slot_of(found->row->grant.id)) return {};
  return found->row;
}

Shared<Client> Known::client(const Realm& realm, const ClientId& id) {
  if (!is_newest()) return {};
  const std::string key = key_of(realm, id.text);
  const std::lock_guard lock(mutex_);
  return row_of(clients_.find(key));
}

Shared<Subject> Known::subject(const Realm& realm, const SubjectId& login) {
  if (!is_newest()) return {};
  const std::string key = key_of(realm, login.text);
  const std::lock_guard lock(mutex_);
  return row_of(subjects_.find(key));
}

Shared<Operator> Known::operator_of(const Realm& realm, const SubjectId& owner, std::int64_t id) {
  if (!is_newest()) return {};
  const std::string key = key_of(realm, owner.text, id);
  const std::lock_guard lock(mutex_);
  return row_of(operators_.find(key));
}

void Known::keep(Mark mark, const Shared<Holding>& held) {
  if (index_ == nullptr || held->token.kind != TokenKind::kAccess) return;
  const std::lock_guard lock(mutex_);
  if (mark.rows == rows_forgotten_.load())
    holdings_.put(held->token.hash, {held, slot_of(held->grant.id)});
}

void Known::keep(Mark mark, const Shared<Client>& client) {
  if (index_ == nullptr) return;
  const std::string key = key_of(client->realm, client->id.text);
  const std::lock_guard lock(mutex_);
  if (mark.rows == rows_forgotten_.load()) clients_.put(key, client);
}

void Known::keep(Mark mark, const Shared<Subject>& subject) {
  if (index_ == nullptr) return;
  const std::string key = key_of(subject->realm, subject->login.text);
  const std::lock_guard lock(mutex_);
  if (mark.rows == rows_forgotten_.load()) subjects_.put(key, subject);
}

void Known::keep(Mark mark, const Realm& realm, const SubjectId& owner,
                 const Shared<Operator>& one) {
  if (index_ == nullptr) return;
  const std::string key = key_of(realm, owner.text, one->id);
  const std::lock_guard lock(mutex_);
  if (mark.rows == rows_forgotten_.load()) operators_.put(key, one);
}

}  // namespace latchkey::store
