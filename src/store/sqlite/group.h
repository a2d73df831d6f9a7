#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>

#include "engine/store.h"

namespace latchkey::store {

using Work = std::function<Result<>(engine::Tx&)>;

/// One caller's transaction, from the moment it asks until it is answered.
struct Ticket {
  explicit Ticket(const Work& asked) : work(asked) {}
  const Work& work;
  Result<> result = {};
  std::exception_ptr thrown = nullptr;

 private:
  friend class Group;
  bool answered_ = false;
  std::condition_variable wake_;
};

/// The most transactions that share one commit.
inline constexpr std::size_t kMostTogether = 128;

/// Gathers the callers that wait for the one writer, so that they share its
/// commit. Whoever is first in the queue leads: it works for itself and for those
/// behind it while new callers queue up, answers them all, and hands over.
/// Nobody waits for company: an idle writer serves one caller at once.
class Group {
 public:
  using Lead = std::function<void(std::span<Ticket* const>)>;

  /// Returns when `mine` is answered. `lead` runs on one of the waiting threads at
  /// a time; it must fill every ticket that it is given, and must not throw.
  void serve(Ticket& mine, const Lead& lead);

 private:
  std::mutex mutex_;
  std::deque<Ticket*> queue_;
};

}  // namespace latchkey::store
