#pragma once

#include "base/json.h"

namespace latchkey::server {

/// What a ledger says of one family: everything that came of one login.
struct FamilyVerdict {
  std::string system = {};
  std::string family = {};
  std::string account = {};  ///< its user, or its client
  int issued = 0;            ///< how often tokens were issued
  int reused = 0;            ///< how often a spent token came again
  int lost = 0;              ///< answers with tokens that a fault kept from arriving
  bool ended = false;
  /// A single-use token has two successors (I1).
  bool spent_twice = false;
  /// It lives, but the answer that held the successor of its single-use token never
  /// arrived, nobody has used what was in it, and the account has not logged in since:
  /// whoever held it cannot go on.
  bool orphaned = false;
  /// Something was accepted that was asked after it had ended (I5, I6).
  bool risen = false;
};

/// An account that asked before the system's interval, or the wait that it was told,
/// was over (I12).
struct Hasty {
  std::string system = {};
  std::string account = {};
  int times = 0;
};

struct Verdict {
  std::vector<FamilyVerdict> families = {};  ///< in the order in which they began
  std::vector<Hasty> hasty = {};

  bool guilty() const;
};

/// Judges the lines of a ledger (bookkeeper.h). Lines that say too little are
/// passed over.
Verdict judge(const json::Array& events);
json::Object to_json(const Verdict& verdict);

}  // namespace latchkey::server
