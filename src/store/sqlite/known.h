#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/directory.h"
#include "engine/shared.h"
#include "store/sqlite/shelf.h"

namespace latchkey::store {

/// What a transaction changed of what readers may know.
struct Changed {
  bool anything = false;                ///< all must be forgotten
  std::vector<GrantId> families = {};   ///< these must be
  std::vector<engine::Hash> over = {};  ///< of these families, tokens that nobody asks for again
  std::vector<engine::Shared<engine::Holding>> fresh = {};  ///< then these may be known: new tokens
};

/// What readers found and writers wrote, kept until a commit changes it: tokens with their
/// families, clients, accounts, operators. Of refresh tokens only new ones: one that was looked up
/// is about to be spent. Bounded. Thread-safe.
///
/// Whoever commits calls committed() before anybody hears of the commit, so that what was
/// revoked is forgotten before the revocation is acknowledged. Commits of other processes show
/// in the index of the write-ahead log, which SQLite shares between them (walformat.html,
/// section 2.1): where it is not as the last known commit left it, nothing is known.
class Known {
 public:
  /// How often rows, and how often all, had been forgotten.
  struct Mark {
    std::uint64_t rows = 0;
    std::uint64_t all = 0;
  };
  /// `log_index` as Connection::log_index() gives it; must outlive this. Null: nothing is kept.
  explicit Known(const volatile void* log_index);

  // What is known of the newest commit; else none.
  engine::Shared<engine::Holding> holding(const Realm&, const engine::Hash&);
  engine::Shared<engine::Client> client(const Realm&, const ClientId&);
  engine::Shared<engine::Subject> subject(const Realm&, const SubjectId&);
  engine::Shared<engine::Operator> operator_of(const Realm&, const SubjectId& owner,
                                               std::int64_t id);

  /// To be asked before a snapshot is begun; what was found on it is taken only if nothing was
  /// forgotten since.
  Mark mark() const { return {rows_forgotten_.load(), all_forgotten_.load()}; }
  void keep(Mark, const engine::Shared<engine::Holding>&);
  void keep(Mark, const engine::Shared<engine::Client>&);
  void keep(Mark, const engine::Shared<engine::Subject>&);
  void keep(Mark, const Realm&, const SubjectId& owner, const engine::Shared<engine::Operator>&);

  /// As Tx::directory_version(): of a reader's mark, and for the one who writes.
  std::optional<std::uint64_t> version(Mark mark) const {
    return index_ == nullptr ? std::nullopt : std::optional(mark.all);
  }

  // For the one who writes, around each of its transactions, which no other process's can
  // come between.
  void began();
  /// `changed`: by each of those that share the commit, in their order. `made`: whether this
  /// transaction is one commit more; false too where it may be.
  void committed(std::span<Changed> changed, bool made);

 private:
  struct Kept {
    engine::Shared<engine::Holding> row;
    std::uint32_t family;  ///< the version of its family's slot
  };
  static constexpr std::size_t kSlots = 4096;

  /// Two words of the index's header: they change with every commit.
  std::uint64_t log() const;
  bool is_newest();
  void forget_all();
  void follow(std::span<Changed> changed, bool made);
  std::uint32_t& slot_of(const GrantId&);

  const volatile std::uint32_t* const index_;
  std::mutex writing_;                ///< from began() to committed()
  std::atomic<std::uint64_t> log_{};  ///< as the last commit that is known left it
  std::uint64_t began_ = 0;
  std::atomic<std::uint64_t> rows_forgotten_{0};
  std::atomic<std::uint64_t> all_forgotten_{0};

  std::mutex mutex_;  ///< of what follows
  Shelf<engine::Hash, Kept> holdings_;
  Shelf<std::string, engine::Shared<engine::Client>> clients_;
  Shelf<std::string, engine::Shared<engine::Subject>> subjects_;
  Shelf<std::string, engine::Shared<engine::Operator>> operators_;
  std::vector<std::uint32_t> families_;  ///< versions; many families share one
};

}  // namespace latchkey::store
