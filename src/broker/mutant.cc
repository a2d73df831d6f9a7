#include "broker/mutant.h"

#ifdef LATCHKEY_MUTANTS

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace latchkey::broker {
namespace {

struct Name {
  std::string_view text;
  Mutant mutant;
};
constexpr Name kNames[] = {
    {"decide-outside-lock", Mutant::kDecideOutsideLock},
    {"no-fsync", Mutant::kNoFsync},
    {"clear-without-compare", Mutant::kClearWithoutCompare},
    {"no-fence", Mutant::kNoFence},
    {"spend-again", Mutant::kSpendAgain},
    {"no-intent", Mutant::kNoIntent},
    {"early-release", Mutant::kEarlyRelease},
    {"waiter-refreshes", Mutant::kWaiterRefreshes},
    {"no-failure-memory", Mutant::kNoFailureMemory},
    {"no-budget", Mutant::kNoBudget},
    {"hand-out-unstored", Mutant::kHandOutUnstored},
};

std::optional<Mutant> awake() {
  const char* wanted = std::getenv("LATCHKEY_MUTANT");
  if (wanted == nullptr || *wanted == '\0') return std::nullopt;
  for (const auto& [text, mutant] : kNames)
    if (text == wanted) return mutant;
  std::fprintf(stderr, "latchkey: no mutant \"%s\"\n", wanted);
  std::abort();
}

}  // namespace

bool mutant(Mutant which) {
  static const std::optional<Mutant> kAwake = awake();
  return kAwake == which;
}

}  // namespace latchkey::broker

#endif
