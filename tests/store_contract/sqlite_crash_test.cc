#include <poll.h>
#include <signal.h>
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

}  // namespace
}  // namespace latchkey::store_contract
