#pragma once

#include <atomic>
#include <mutex>
#include <random>

#include "authority.h"
#include "history.h"

namespace latchkey::races {

struct Asked {
  Act act;
  engine::Operation operation;
};

/// One family, and what threads asked of it and heard.
class Record {
 public:
  explicit Record(engine::TokenSet first);
  /// What the dice say, from now on: a refresh of one of the newest tokens, now and then a use
  /// or, if it `revokes`, a revocation.
  Asked ask(std::mt19937& random, bool revokes);
  /// A refresh of the newest token.
  Asked ask_on();
  /// Until now.
  void hear(const Asked& asked, const Result<engine::Outcome>& outcome);

  /// When all threads have ended.
  const std::vector<Act>& acts() const { return acts_; }
  const engine::TokenSet& first() const { return first_; }

 private:
  Asked refresh(int behind_the_newest);
  int number_of(const Secret& token);

  const engine::TokenSet first_;
  std::atomic<std::uint64_t> clock_{0};
  std::mutex mutex_;
  std::vector<Secret> tokens_;
  std::vector<Act> acts_;
};

}  // namespace latchkey::races
