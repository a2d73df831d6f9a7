#include "store/sqlite/readers.h"

#include "store/sqlite/sqlite_tx.h"

namespace latchkey::store {

namespace {

Result<> read_on(Connection& db, Known& known, Places& places, const Work& work) {
  const Known::Mark mark = known.mark();
  db.begin_when_used();
  SweepPlace unused;
  SqliteTx tx(db, unused, places, known, mark);
  return work(tx);
}

}  // namespace

Result<> Readers::read(const Work& work) {
  // Comes back also when `work` throws; without its snapshot, or not at all.
  struct GiveBack {
    Readers& readers;
    std::unique_ptr<Connection> db;
    ~GiveBack() {
      if (!db->end()) db.reset();
      readers.give_back(std::move(db));
    }
  };
  auto db = TRY(borrow());
  GiveBack lent{*this, std::move(db)};
  return read_on(*lent.db, known_, places_, work);
}

Result<std::unique_ptr<Connection>> Readers::borrow() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return !idle_.empty() || open_ < most_; });
  if (!idle_.empty()) {
    auto db = std::move(idle_.back());
    idle_.pop_back();
    return db;
  }
  ++open_;
  lock.unlock();
  auto db = Connection::open(path_, Connection::Role::kReads, patience_);
  if (!db) give_back(nullptr);
  return db;
}

void Readers::give_back(std::unique_ptr<Connection> db) {
  const std::lock_guard lock(mutex_);
  if (db) {
    idle_.push_back(std::move(db));
  } else {
    --open_;
  }
  freed_.notify_one();
}

}  // namespace latchkey::store
