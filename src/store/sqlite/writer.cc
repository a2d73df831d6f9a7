#include "store/sqlite/writer.h"

namespace latchkey::store {

Result<> Writer::transact(const Work& work) {
  Ticket ticket(work);
  group_.serve(ticket, [&](std::span<Ticket* const> tickets) { commit_together(tickets); });
  if (ticket.thrown) std::rethrow_exception(ticket.thrown);
  return std::move(ticket.result);
}

/// A commit that fails takes every transaction in it along, also those that had
/// failed by themselves: they may have seen what is now undone.
void Writer::commit_together(std::span<Ticket* const> tickets) {
  Result<> done = run_all(tickets);
  if (done) return;
  if (db_->in_transaction()) (void)db_->run("ROLLBACK");
  for (Ticket* ticket : tickets) {
    ticket->thrown = nullptr;
    ticket->result = done;
  }
}

Result<> Writer::run_all(std::span<Ticket* const> tickets) {
  TRY(db_->run("BEGIN IMMEDIATE"));
  if (tickets.size() == 1) {
    const bool keep = TRY(perform(*tickets.front()));
    TRY(db_->run(keep ? "COMMIT" : "ROLLBACK"));
    return {};
  }
  for (Ticket* ticket : tickets) {
    TRY(db_->run("SAVEPOINT one"));
    const bool keep = TRY(perform(*ticket));
    if (!keep) TRY(db_->run("ROLLBACK TO one"));
    TRY(db_->run("RELEASE one"));
  }
  TRY(db_->run("COMMIT"));
  return {};
}

Result<bool> Writer::perform(Ticket& ticket) {
  try {
    SqliteTx tx(*db_, place_);
    ticket.result = ticket.work(tx);
  } catch (...) {
    ticket.thrown = std::current_exception();
  }
  if (!db_->in_transaction()) {  // SQLite itself rolls back when the disk is full or broken
    return fail(
        Why::kUnavailable, "",
        "store: the transaction was lost: " + (ticket.result ? "" : ticket.result.error().note));
  }
  return ticket.result.has_value() && !ticket.thrown;
}

}  // namespace latchkey::store
