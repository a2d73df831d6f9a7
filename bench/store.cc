// How many durable refreshes a second the SQLite store makes: holding, spend_ending_access and
// put_tokens_of in one transaction, over families chosen at random.
//
//   bench_store [--families N] [--seconds S] [--threads N]... DIRECTORY
//
// One line each, with the look-ups a second on snapshots, the bytes that a family with its two
// tokens takes on disk, and how it is swept when all is over.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "store/sqlite/sqlite_store.h"

namespace {

using namespace latchkey;
using namespace latchkey::engine;
using store::SqliteStore;
namespace fs = std::filesystem;

const Realm kRealm{"sinopac"};
constexpr Instant kNow{Seconds{1'772'366'400}};
constexpr int kFamiliesAtOnce = 1000;

struct Plan {
  int families = 100'000;
  double seconds = 3;
  std::vector<int> threads = {};
  fs::path directory = {};
};

/// 16 bytes that look random and are a function of the two numbers.
Hash hash_of(std::uint64_t family, std::uint64_t step) {
  std::mt19937_64 source(family * 0x9e3779b97f4a7c15 + step * 0xbf58476d1ce4e5b9);
  const std::array<std::uint64_t, 2> words{source(), source()};
  return Hash(ByteView(reinterpret_cast<const std::uint8_t*>(words.data()), sizeof words));
}

GrantId id_of(int family) {
  char text[23];
  std::snprintf(text, sizeof text, "%022d", family);
  return GrantId(text);
}

Token token_of(int family, int step, TokenKind kind) {
  const bool access = kind == TokenKind::kAccess;
  const auto number = 2 * static_cast<std::uint64_t>(step) + (access ? 1 : 0);
  return {.hash = hash_of(static_cast<std::uint64_t>(family), number),
          .grant = id_of(family),
          .kind = kind,
          .issued = kNow,
          .until = kNow + Seconds(access ? 1800 : 86'400)};
}

Grant grant_of(int family) {
  return {.realm = kRealm,
          .id = id_of(family),
          .client = ClientId("client-" + std::to_string(family % 200)),
          .subject = SubjectId("subject" + std::to_string(family)),
          .tier = "full",
          .scope = "data:read",
          .created = kNow};
}

Result<> put_family(Tx& tx, int family) {
  const Grant grant = grant_of(family);
  TRY(tx.put_grant(grant));
  return tx.put_tokens_of(grant, std::array{token_of(family, 0, TokenKind::kAccess),
                                            token_of(family, 0, TokenKind::kRefresh)});
}

Result<> fill(SqliteStore& store, int families) {
  for (int first = 0; first < families; first += kFamiliesAtOnce) {
    TRY(store.transact([&](Tx& tx) -> Result<> {
      for (int i = first; i < std::min(families, first + kFamiliesAtOnce); ++i) {
        TRY(put_family(tx, i));
      }
      return {};
    }));
  }
  return {};
}

Result<> refresh(SqliteStore& store, int family, int step) {
  const Hash old = token_of(family, step, TokenKind::kRefresh).hash;
  Token access = token_of(family, step + 1, TokenKind::kAccess);
  Token next = token_of(family, step + 1, TokenKind::kRefresh);
  access.parent = next.parent = old;
  return store.transact([&](Tx& tx) -> Result<> {
    const auto held = TRY(tx.holding(kRealm, old));
    const auto spent = TRY(tx.spend_ending_access(kRealm, old, kNow));
    if (!held || spent != Spend::kSpent) return fail(Why::kBug, "", "bench: not spent");
    return tx.put_tokens_of(grant_of(family), std::array{access, next});
  });
}

Result<> look_up(SqliteStore& store, int family, int step) {
  const Hash hash = token_of(family, step, TokenKind::kAccess).hash;
  const auto held = TRY(store.read([&](Tx& tx) { return tx.holding(kRealm, hash); }));
  if (!held) return fail(Why::kBug, "", "bench: not found");
  return {};
}

/// Calls `work(family)` on so many threads, each with families of its own.
template <class Work>
double times_a_second(const Plan& plan, int threads, Work work) {
  std::atomic<long> done = 0;
  const auto began = std::chrono::steady_clock::now();
  const auto taken = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&, i] {
        std::mt19937 dice(static_cast<unsigned>(i));
        const int share = plan.families / threads;
        std::uniform_int_distribution<int> any(0, share - 1);
        for (; taken() < plan.seconds; ++done) {
          if (const Result<> made = work(i * share + any(dice)); !made) {
            std::fprintf(stderr, "bench_store: %s\n", made.error().note.c_str());
            std::_Exit(1);
          }
        }
      });
    }
  }
  return static_cast<double>(done) / taken();
}

/// Everything is over: how fast it leaves in slices, and how long one of them keeps others from
/// writing.
Result<> sweep(SqliteStore& store) {
  constexpr int kSlice = 200;
  const auto began = std::chrono::steady_clock::now();
  double longest = 0, looking = 0;
  long gone = 0;
  for (bool more = true; more;) {
    const auto start = std::chrono::steady_clock::now();
    const Instant end = kNow + Seconds(gone == 0 && looking == 0 ? 0 : 10 * 86'400);
    const auto swept = TRY(store.transact([&](Tx& tx) { return tx.sweep(end, kSlice); }));
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (end == kNow) looking = took;
    longest = std::max(longest, took);
    gone += swept.gone;
    more = swept.more || end == kNow;
  }
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf(
      "store sweep: %.0f rows/s, the longest slice %.1f ms, one that finds nothing %.1f ms\n",
      static_cast<double>(gone) / took, longest * 1e3, looking * 1e3);
  return {};
}

int run(const Plan& plan) {
  const fs::path path = plan.directory / "bench_store.db";
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path.string() + suffix);
  {
    auto store = SqliteStore::open(path);
    if (!store || !fill(**store, plan.families)) return 1;
  }
  std::printf("store %d families: %.0f bytes each\n", plan.families,
              static_cast<double>(fs::file_size(path)) / plan.families);
  auto store = SqliteStore::open(path);
  if (!store) return 1;
  std::vector<int> steps(static_cast<std::size_t>(plan.families), 0);
  for (const int threads : plan.threads) {
    const double refreshes = times_a_second(plan, threads, [&](int family) -> Result<> {
      int& step = steps[static_cast<std::size_t>(family)];
      TRY(refresh(**store, family, step));
      ++step;
      return {};
    });
    const double look_ups = times_a_second(plan, threads, [&](int family) {
      return look_up(**store, family, steps[static_cast<std::size_t>(family)]);
    });
    std::printf("store %d threads: %.0f refreshes/s, %.0f look-ups/s\n", threads, refreshes,
                look_ups);
    std::fflush(stdout);
  }
  return sweep(**store) ? 0 : 1;
}

Plan plan_of(int count, char** words) {
  Plan plan;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const bool more = i + 1 < count;
    if (word == "--families" && more) plan.families = std::atoi(words[++i]);
    else if (word == "--seconds" && more) plan.seconds = std::atof(words[++i]);
    else if (word == "--threads" && more) plan.threads.push_back(std::atoi(words[++i]));
    else plan.directory = word;
  }
  if (plan.threads.empty()) plan.threads = {1, 8};
  return plan;
}

}  // namespace

int main(int count, char** words) {
  const Plan plan = plan_of(count, words);
  if (plan.directory.empty() || plan.families < 64) {
    std::fputs("usage: bench_store [--families N] [--seconds S] [--threads N]... DIRECTORY\n",
               stderr);
    return 2;
  }
  return run(plan);
}
