#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "engine/store.h"

namespace latchkey::store {

using Work = engine::Store::Work;
using Done = engine::Store::Done;

class Group;
struct Absent;

/// One caller's transaction, from the moment it asks until it is answered.
struct Ticket {
  explicit Ticket(const Work& asked) : work(asked) {}
  const Work& work;
  Result<> result = {};
  std::exception_ptr thrown = nullptr;

 private:
  friend class Group;
  Absent* absent_ = nullptr;  // the caller, if it does not wait
  bool answered_ = false;
  std::condition_variable wake_;
};

/// The most transactions that share one commit.
inline constexpr std::size_t kMostTogether = 128;

/// Gathers the callers that want the one writer, so that they share its commit.
/// Whoever is first in the queue leads: it works for itself and for those behind it
/// while new callers queue up, answers them all, and hands over. For callers that do
/// not wait, a thread of the group leads. Nobody waits for company: an idle writer
/// serves one caller at once. Whoever has several transactions brings them in one piece.
class Group {
 public:
  /// Runs on one thread at a time; must fill every ticket that it is given, and must
  /// not throw.
  using Lead = std::function<void(std::span<Ticket* const>)>;

  explicit Group(Lead lead) : lead_(std::move(lead)) {}
  /// When all have been answered.
  ~Group();

  /// Returns when `mine` is answered.
  void serve(Ticket& mine);
  /// Returns at once; `done` hears what an exception of a work would have said as kBug.
  void serve_later(std::vector<Work> works, Done done);

 private:
  void lead_some(std::unique_lock<std::mutex>& lock);
  void wake_front();
  void lead_for_the_absent();

  const Lead lead_;
  std::mutex mutex_;
  std::deque<Ticket*> queue_;
  std::thread thread_;  // from the first caller on that does not wait
  std::condition_variable absent_;
  bool ends_ = false;
};

}  // namespace latchkey::store
