#pragma once

#include <atomic>

#include "agent/service.h"

// What the files of the service share; nobody else includes it.

namespace latchkey::agent {

/// One thing that the crew is to get, and who waits for it.
struct Service::Wish {
  Question question;
  Seconds need{0};
  bool ahead = false;
  Instant since = {};
  Secret before = {};  ///< the token that was there
  std::vector<Reply> waiting = {};
  /// Who first moves it from kQueued has decided whether it is done.
  enum Stage { kQueued, kBegun, kGivenUp };
  std::atomic<int> stage{kQueued};
};

struct Service::Slot {
  std::int64_t version = -1;                ///< of the vault when it was read; -1: never
  std::optional<broker::Entry> entry = {};  ///< its known part
  broker::Means means = {};
  std::vector<std::pair<std::string, Secret>> headers = {};  ///< of this entry, if known
  bool asked = false;  ///< somebody wanted it since the token was obtained
  Seconds need{0};     ///< the most that was asked for then
  Tries tries = {};
  Reminder told = {};
  std::optional<Why> failed = {};  ///< the last renewal, as it was told
  std::vector<std::shared_ptr<Wish>> wishes = {};

  void begin_anew() {
    asked = false;
    need = {};
    tries = {};
    failed.reset();
  }
};

}  // namespace latchkey::agent
