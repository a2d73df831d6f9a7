#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/group.h"
#include "store/sqlite/sqlite_tx.h"

namespace latchkey::store {

/// The one connection that writes. Transactions that wait at the same time are
/// committed together, and none of them is undone with another. Thread-safe.
class Writer {
 public:
  /// Whoever reads is told by `known` what to forget, and says by `places` where it found what.
  Writer(std::unique_ptr<Connection> db, Known& known, Places& places, Numbers& numbers)
      : db_(std::move(db)), known_(known), places_(places), numbers_(numbers) {}

  /// Committed and on disk when this returns a value. An exception of `work`
  /// undoes its transaction and reaches its own caller.
  Result<> transact(const Work& work);
  /// The same for each of a caller that does not wait.
  void transact_later(std::vector<Work> works, Done done) {
    group_.serve_later(std::move(works), std::move(done));
  }

 private:
  void commit_together(std::span<Ticket* const> tickets);
  /// True: all is undone, and each must be run in a savepoint of its own.
  Result<bool> run_all(std::span<Ticket* const> tickets);
  Result<> run_apart(std::span<Ticket* const> tickets);
  /// True: what it did shall stay. Fails only when the transaction around it is lost.
  Result<bool> perform(Ticket& ticket);
  std::optional<std::uint64_t> version() const;

  std::unique_ptr<Connection> db_;
  Known& known_;
  Places& places_;
  Numbers& numbers_;
  std::vector<Changed> changed_;  // by each of a commit
  SweepPlace place_;
  Group group_{[this](std::span<Ticket* const> tickets) { commit_together(tickets); }};
};

}  // namespace latchkey::store
