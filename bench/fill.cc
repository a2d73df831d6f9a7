// Fills an authority's store with live grants, fast: each a family with an access and a refresh
// token that nobody holds.
//
//   bench_fill --realm NAME --grants N [--held N --key FILE] FILE
//
// So many of them, with the same distance from each to the next, are as the realm's newest login,
// and their refresh tokens are printed, in no order.
//
// Their ids come in their order, in two passes of which the second falls between those of the
// first, so that the pages of their index end up about as full as random inserts leave them.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string_view>

#include "engine/keys.h"
#include "store/sqlite/sqlite_store.h"

namespace {

using namespace latchkey;
using namespace latchkey::engine;
using store::SqliteStore;

constexpr std::int64_t kAtOnce = 2000;
constexpr std::int64_t kFirstPass = 7;  // tenths

struct Plan {
  Realm realm = {};
  std::int64_t grants = 0, held = 0;
  std::string key = {}, file = {};
};

/// The refresh tokens that somebody holds, and whose they are.
struct Held {
  std::unique_ptr<Keys> keys;
  Grant like;
  std::int64_t every;
  std::vector<Secret> tokens = {};

  Hash next(std::int64_t number) {
    tokens.push_back(keys->new_opaque_text(number));
    return keys->token_hash(tokens.back(), number);
  }
};

Result<Held> held_of(SqliteStore& store, const Plan& plan) {
  std::ifstream file(plan.key);
  std::string master;
  std::getline(file, master);
  const auto newest = TRY(store.read([&](Tx& tx) { return tx.grants({.realm = plan.realm}, 1); }));
  if (newest.empty() || master.empty()) return fail(Why::kUsage, "no key, or nobody is logged in");
  return Held{.keys = std::make_unique<Keys>(Secret(master)),
              .like = newest.front(),
              .every = std::max<std::int64_t>(1, plan.grants / plan.held)};
}

void print(std::vector<Secret> tokens, std::mt19937_64& dice) {
  std::shuffle(tokens.begin(), tokens.end(), dice);
  for (const Secret& token : tokens) std::cout << token.reveal() << '\n';
}

/// As Keys::token_hash() makes them of a text that says its row's number.
Hash hash_at(std::int64_t number, std::mt19937_64& dice) {
  std::array<std::uint8_t, 16> hash;
  for (const std::size_t at : {0, 8}) {
    const std::uint64_t word = dice();
    std::memcpy(&hash[at], &word, 8);
  }
  return Hash(hash, number);
}

Result<> put(Tx& tx, const Plan& plan, std::int64_t i, std::int64_t number, Instant now,
             std::mt19937_64& dice, Held* held) {
  char id[17];
  std::snprintf(id, sizeof id, "%016llx",
                static_cast<unsigned long long>(static_cast<double>(i) /
                                                static_cast<double>(plan.grants) * 0x1p63));
  Grant grant{.realm = plan.realm,
              .id = GrantId(id),
              .client = ClientId("client-" + std::to_string(i % 500)),
              .subject = SubjectId("subject" + std::to_string(1'000'000'000 + i)),
              .tier = "full",
              .scope = "data trade",
              .created = now};
  const bool is_held = held != nullptr && i % held->every == 0;
  if (is_held) {
    grant.client = held->like.client;
    grant.subject = held->like.subject;
    grant.tier = held->like.tier;
    grant.scope = held->like.scope;
  }
  TRY(tx.put_grant(grant));
  Token access{.hash = hash_at(number, dice),
               .grant = GrantId(id),
               .kind = TokenKind::kAccess,
               .issued = now,
               .until = now + Seconds{8 * 3600}};
  Token refresh = access;
  refresh.hash = is_held ? held->next(number) : hash_at(number, dice);
  refresh.kind = TokenKind::kRefresh;
  refresh.until = now + Seconds{32 * 3600};
  return tx.put_tokens_of(grant, std::array{access, refresh});
}

Result<> fill(SqliteStore& store, const Plan& plan, Instant now) {
  std::mt19937_64 dice(1);
  std::optional<Held> held;
  if (plan.held > 0) held.emplace(TRY(held_of(store, plan)));
  for (const bool second : {false, true}) {
    for (std::int64_t first = 0; first < plan.grants; first += kAtOnce) {
      TRY(store.transact([&](Tx& tx) -> Result<> {
        for (std::int64_t i = first; i < std::min(plan.grants, first + kAtOnce); ++i) {
          if ((i % 10 >= kFirstPass) == second) {
            TRY(put(tx, plan, i, store.next_number(), now, dice, held ? &*held : nullptr));
          }
        }
        return {};
      }));
    }
  }
  if (held) print(std::move(held->tokens), dice);
  return {};
}

}  // namespace

int main(int count, char** words) {
  Plan plan;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const bool more = i + 1 < count;
    if (word == "--realm" && more) plan.realm = Realm(words[++i]);
    else if (word == "--grants" && more) plan.grants = std::atoll(words[++i]);
    else if (word == "--held" && more) plan.held = std::atoll(words[++i]);
    else if (word == "--key" && more) plan.key = words[++i];
    else plan.file = word;
  }
  if (plan.file.empty() || plan.realm.text.empty() || plan.grants <= 0) {
    std::fputs("usage: bench_fill --realm NAME --grants N [--held N --key FILE] FILE\n", stderr);
    return 2;
  }
  auto store = SqliteStore::open(plan.file);
  const auto now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
  const Result<> done = store ? fill(**store, plan, now) : fail(store.error());
  if (!done)
    std::fprintf(stderr, "bench_fill: %s%s\n", done.error().say.c_str(), done.error().note.c_str());
  return done ? 0 : 1;
}
