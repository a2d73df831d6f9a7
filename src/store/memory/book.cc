#include <algorithm>
#include <limits>

#include "store/memory/memory_tx.h"

// Deliveries, notes, counters, marks and signing keys.

namespace latchkey::store {

using namespace engine;

Result<std::int64_t> MemoryTx::add_delivery(const Delivery& delivery) {
  State* state = TRY(changing());
  Delivery row = delivery;
  row.number = ++state->last_place;
  state->deliveries.push_back(row);
  const auto of_realm = [&](const Delivery& other) { return other.realm == row.realm; };
  if (std::ranges::count_if(state->deliveries, of_realm) > kMostDeliveries) {
    state->deliveries.erase(std::ranges::find_if(state->deliveries, of_realm));
  }
  return row.number;
}

Result<std::vector<Delivery>> MemoryTx::deliveries(const Realm& realm, int most) {
  std::vector<Delivery> found;
  for (auto row = state_.deliveries.rbegin(); row != state_.deliveries.rend(); ++row) {
    if (std::ssize(found) >= most) break;
    if (row->realm == realm) found.push_back(*row);
  }
  return found;
}

Result<Note> MemoryTx::add_note(const Realm& realm, const SubjectId& subject,
                                std::string_view notebook, std::string_view text, Instant now) {
  State* state = TRY(changing());
  const Note note{.number = ++state->last_place, .at = now, .text = std::string(text)};
  state->notes.push_back({realm, subject, std::string(notebook), note});
  return note;
}

Result<std::vector<Note>> MemoryTx::notes(const Realm& realm, const SubjectId& subject,
                                          std::string_view notebook, int most) {
  std::vector<Note> found;
  for (auto line = state_.notes.rbegin(); line != state_.notes.rend(); ++line) {
    if (std::ssize(found) >= most) break;
    if (line->realm != realm || line->subject != subject || line->notebook != notebook) continue;
    found.push_back(line->note);
  }
  return found;
}

Result<int> MemoryTx::drop_notes(const Realm& realm) {
  State* state = TRY(changing());
  return static_cast<int>(
      std::erase_if(state->notes, [&](const NotebookLine& line) { return line.realm == realm; }));
}

Result<int> MemoryTx::count(const Realm& realm, std::string_view name, Instant now,
                            Seconds window) {
  State* state = TRY(changing());
  Counter& counter = state->counters[{realm, std::string(name)}];
  if (counter.count == 0 || now >= expiry(counter.began, Lifetime{window})) {
    counter = {.began = now};
  }
  counter.until = expiry(counter.began, Lifetime{window});
  if (counter.count < std::numeric_limits<int>::max()) ++counter.count;
  return counter.count;
}

Result<> MemoryTx::reset_count(const Realm& realm, std::string_view name) {
  State* state = TRY(changing());
  state->counters.erase({realm, std::string(name)});
  return {};
}

Result<int> MemoryTx::counted(const Realm& realm, std::string_view name, Instant now) {
  const auto kept = look_up(state_.counters, {realm, std::string(name)});
  return kept && now < kept->until ? kept->count : 0;
}

Result<std::optional<std::int64_t>> MemoryTx::mark(const Realm& realm, std::string_view name) {
  return look_up(state_.marks, {realm, std::string(name)});
}

Result<bool> MemoryTx::raise_mark(const Realm& realm, std::string_view name, std::int64_t value) {
  State* state = TRY(changing());
  const auto [mark, is_new] = state->marks.insert({{realm, std::string(name)}, value});
  if (is_new) return true;
  if (value <= mark->second) return false;
  mark->second = value;
  return true;
}

Result<> MemoryTx::put_key(const StoredKey& key) {
  State* state = TRY(changing());
  const auto place = state->last_place + 1;
  if (!state->keys.insert({{key.realm, key.kid}, {place, key}}).second) {
    return fail(Why::kConflict, "", "store: that key id is taken");
  }
  state->last_place = place;
  return {};
}

Result<> MemoryTx::change_key(const StoredKey& key) {
  State* state = TRY(changing());
  const auto found = state->keys.find({key.realm, key.kid});
  if (found == state->keys.end()) return {};
  StoredKey& kept = found->second.row;
  kept.use_from = key.use_from;
  kept.retired = key.retired;
  kept.until = key.until;
  return {};
}

Result<std::vector<StoredKey>> MemoryTx::keys(const Realm& realm) {
  std::vector<Placed<StoredKey>> found;
  for (const auto& [key, placed] : state_.keys) {
    if (placed.row.realm == realm) found.push_back(placed);
  }
  std::ranges::sort(found, std::ranges::greater{}, [](const Placed<StoredKey>& placed) {
    return std::pair(placed.row.created, placed.place);
  });
  std::vector<StoredKey> rows;
  for (auto& placed : found) rows.push_back(std::move(placed.row));
  return rows;
}

}  // namespace latchkey::store
