#pragma once

namespace latchkey::broker {

/// Defects that are seeded on purpose, each at the one place that the guarantee
/// hangs on: a test that stays green with one of them proves nothing. They exist
/// only in a build with the CMake option LATCHKEY_MUTANTS, where $LATCHKEY_MUTANT
/// names the one that is awake; elsewhere mutant() is a constant and costs nothing.
enum class Mutant {
  kDecideOutsideLock,    ///< act on the entry that was read before the lease was held
  kNoFsync,              ///< the vault's commits are not durable
  kClearWithoutCompare,  ///< a dead token is forgotten without looking whether it is still there
  kNoFence,              ///< a commit overwrites whatever came in between
  kSpendAgain,           ///< a token in doubt is sent again whenever there is one
  kNoIntent,             ///< nothing is written before a single-use token leaves
  kEarlyRelease,         ///< the lease is let go before the commit
  kWaiterRefreshes,      ///< who waited renews once more
  kNoFailureMemory,      ///< what failed for others is not looked at
  kNoBudget,             ///< the provider's pace is not kept
  kHandOutUnstored,      ///< a new token is handed out although it could not be stored
};

#ifdef LATCHKEY_MUTANTS
/// True for the one that $LATCHKEY_MUTANT names, as in mutant.cc; an unknown name
/// ends the program.
bool mutant(Mutant which);
#else
constexpr bool mutant(Mutant) { return false; }
#endif

}  // namespace latchkey::broker
