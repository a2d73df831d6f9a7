#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "contract.h"
#include "store/sqlite/sqlite_store.h"

// A process is killed in the middle of its transactions (promises.md I1 and I4).

namespace latchkey::store_contract {
namespace {

using namespace engine;
using store::SqliteStore;

constexpr int kWriters = 4;

/// What a writer says once transact() has answered: its token number `step` was
/// spent for `step + 1`.
struct Acknowledged {
  int writer;
  int step;
  friend auto operator<=>(const Acknowledged&, const Acknowledged&) = default;
};

std::string seed(int writer, int step) {
  return std::to_string(writer) + "/" + std::to_string(step);
}

std::string family(int writer) { return "family " + std::to_string(writer); }

/// Rotates its family's refresh token for ever, as a refresh does.
void rotate_for_ever(SqliteStore& store, int writer, int first, int pipe) {
  for (int step = first;; ++step) {
    must(store.transact([&](Tx& tx) -> Result<> {
      Token next = token(seed(writer, step + 1), family(writer));
      next.parent = hash_of(seed(writer, step));
      if (must(tx.spend(kRealm, next.parent, kNoon)) != Spend::kSpent) {
        return fail(Why::kBug, "", "spent before");
      }
      TRY(tx.put_token(next));
      return tx.put_token(
          token(seed(writer, step + 1) + " access", family(writer), TokenKind::kAccess));
    }));
    const Acknowledged done{writer, step};
    if (::write(pipe, &done, sizeof done) != sizeof done) ::_exit(1);
  }
}

/// The child: writes until it is killed. `from` is each writer's first step.
[[noreturn]] void live(const std::filesystem::path& path, const std::vector<int>& from, int pipe) {
  try {
    const auto store = must(SqliteStore::open(path));
    std::vector<std::jthread> writers;
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] { rotate_for_ever(*store, i, from[i], pipe); });
    }
    writers.clear();
  } catch (const std::exception&) {
  }
  ::_exit(1);
}

/// Starts a child, kills it after `acknowledgements`, and reads to the pipe's end.
std::set<Acknowledged> run_and_kill(const std::filesystem::path& path, const std::vector<int>& from,
                                    int acknowledgements) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    live(path, from, ends[1]);
  }
  ::close(ends[1]);
  std::set<Acknowledged> all;
  Acknowledged one{};
  while (::read(ends[0], &one, sizeof one) == sizeof one) {
    all.insert(one);
    if (std::ssize(all) == acknowledgements) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  return all;
}

/// The writer's live head: the first step whose token is not spent. Every step
/// before it must be whole.
int head_of(SqliteStore& store, int writer) {
  return must(store.read([&](Tx& tx) -> Result<int> {
    for (int step = 0;; ++step) {
      const auto held = TRY(tx.holding(kRealm, hash_of(seed(writer, step))));
      if (!held) return fail(Why::kBug, "", "a family without a live head");
      if (!held->token.spent) {
        EXPECT_FALSE(must(tx.holding(kRealm, hash_of(seed(writer, step + 1)))));
        return step;
      }
      EXPECT_TRUE(must(tx.holding(kRealm, hash_of(seed(writer, step + 1) + " access"))));
    }
  }));
}

TEST(SqliteCrash, WhatWasAcknowledgedBeforeAKillIsThereAfterIt) {
  const TempDir dir;
  const auto path = dir / "store.db";
  must(must(SqliteStore::open(path))->transact([](Tx& tx) -> Result<> {
    for (int i = 0; i < kWriters; ++i) {
      TRY(tx.put_grant(grant(family(i))));
      TRY(tx.put_token(token(seed(i, 0), family(i))));
    }
    return {};
  }));
  std::vector<int> heads(kWriters, 0);
  for (const int acknowledgements : {1, 2, 17, 60, 150}) {
    const auto acknowledged = run_and_kill(path, heads, acknowledgements);
    EXPECT_GE(std::ssize(acknowledged), acknowledgements);
    const auto store = must(SqliteStore::open(path));
    for (int i = 0; i < kWriters; ++i) heads[i] = head_of(*store, i);
    for (const auto& [writer, step] : acknowledged) EXPECT_GT(heads[writer], step);
  }
}

/// As long as it lives, no file of this process can grow beyond `bytes`: a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    was_ = ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, was_);
  }

 private:
  rlimit before_ = {};
  void (*was_)(int) = nullptr;
};

TEST(SqliteCrash, AFullDiskIsUnavailableAndTakesNothingThatWasAcknowledged) {
  const TempDir dir;
  const auto store = must(SqliteStore::open(dir / "store.db"));
  constexpr int kMost = 100'000;  // far more than fit
  const auto put = [&](const std::string& id) {
    return store->transact([&](Tx& tx) -> Result<> {
      Client row = client(id);
      row.name.assign(500, 'n');
      return tx.put_client(row);
    });
  };
  std::vector<std::vector<std::string>> kept(kWriters);
  {
    const FullDisk full(512 * 1024);
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        for (int step = 0; step < kMost; ++step) {
          const auto done = put(seed(writer, step));
          if (!done) {
            EXPECT_EQ(done.error().why, Why::kUnavailable) << done.error().note;
            return;
          }
          kept[writer].push_back(seed(writer, step));
        }
        ADD_FAILURE() << "the disk was never full";
      });
    }
  }
  must(put("there is room again"));
  std::size_t all = 1;
  for (const auto& ids : kept) all += ids.size();
  const auto rows = must(store->read([](Tx& tx) { return tx.clients(kRealm); }));
  EXPECT_EQ(rows.size(), all);
  for (const auto& ids : kept) {
    for (const auto& id : ids) {
      EXPECT_TRUE(must(store->read([&](Tx& tx) { return tx.client(kRealm, ClientId(id)); }))) << id;
    }
  }
}

}  // namespace
}  // namespace latchkey::store_contract
