#include "store/sqlite/writer.h"

#include <algorithm>

namespace latchkey::store {

namespace {

/// While a transaction of the writer is open, and until its end is known.
class Newest {
 public:
  Newest(Known& known, std::vector<Changed>& changed) : known_(known), changed_(changed) {
    changed_.clear();
    known_.began();
  }
  ~Newest() { known_.committed(changed_, made_); }
  Newest(const Newest&) = delete;
  void made_a_commit() { made_ = true; }

 private:
  Known& known_;
  std::vector<Changed>& changed_;
  bool made_ = false;
};

}  // namespace

Result<> Writer::transact(const Work& work) {
  Ticket ticket(work);
  group_.serve(ticket);
  if (ticket.thrown) std::rethrow_exception(ticket.thrown);
  return std::move(ticket.result);
}

/// A commit that fails takes every transaction in it along, also those that had
/// failed by themselves: they may have seen what is now undone.
void Writer::commit_together(std::span<Ticket* const> tickets) {
  const auto again = run_all(tickets);
  Result<> done;
  if (!again) done = fail(again.error());
  else if (*again) done = run_apart(tickets);
  if (done) return;
  (void)db_->undo();
  for (Ticket* ticket : tickets) {
    ticket->thrown = nullptr;
    ticket->result = done;
  }
}

// Without savepoints: they copy each page before its first change. Who fails after it has changed
// something is rare; then all is undone and done again, each in a savepoint.
Result<bool> Writer::run_all(std::span<Ticket* const> tickets) {
  TRY(db_->run("BEGIN IMMEDIATE"));
  Newest newest(known_, changed_);
  const int at_first = db_->changes();
  for (Ticket* ticket : tickets) {
    const int before = db_->changes();
    const bool keep = TRY(perform(*ticket));
    if (keep || db_->changes() == before) continue;
    TRY(db_->undo());
    return tickets.size() > 1;
  }
  TRY(db_->run("COMMIT"));
  if (db_->changes() != at_first) newest.made_a_commit();
  return false;
}

Result<> Writer::run_apart(std::span<Ticket* const> tickets) {
  TRY(db_->run("BEGIN IMMEDIATE"));
  Newest newest(known_, changed_);
  bool kept_any = false;
  for (Ticket* ticket : tickets) {
    ticket->thrown = nullptr;
    TRY(db_->run("SAVEPOINT one"));
    const int before = db_->changes();
    const bool keep = TRY(perform(*ticket));
    kept_any = kept_any || (keep && db_->changes() != before);
    if (!keep) TRY(db_->run("ROLLBACK TO one"));
    TRY(db_->run("RELEASE one"));
  }
  TRY(db_->run("COMMIT"));
  if (kept_any) newest.made_a_commit();
  return {};
}

std::optional<std::uint64_t> Writer::version() const {
  if (std::ranges::any_of(changed_, &Changed::anything)) return std::nullopt;
  return known_.version(known_.mark());
}

Result<bool> Writer::perform(Ticket& ticket) {
  try {
    const int before = db_->changes();
    SqliteTx tx(*db_, place_, places_, numbers_, version());
    ticket.result = ticket.work(tx);
    if (ticket.result) ticket.result = tx.finish();
    changed_.push_back(tx.changed(db_->changes() - before));
    if (!ticket.result) changed_.back().fresh.clear();
  } catch (...) {
    ticket.thrown = std::current_exception();
    changed_.push_back({.anything = true});
  }
  if (!db_->in_transaction()) {  // SQLite itself rolls back when the disk is full or broken
    return fail(
        Why::kUnavailable, "",
        "store: the transaction was lost: " + (ticket.result ? "" : ticket.result.error().note));
  }
  return ticket.result.has_value() && !ticket.thrown;
}

}  // namespace latchkey::store
