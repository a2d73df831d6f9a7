#pragma once

#include <condition_variable>

#include "engine/admin.h"
#include "server/sandbox/bookkeeper.h"
#include "server/sandbox/fault_plan.h"
#include "server/site.h"

namespace latchkey::server {

/// What stands in the sandbox between a request that was decoded and its answer:
/// the faults, and the book of what the engine did. Thread-safe; all referents must
/// outlive it.
class Between {
 public:
  Between(Bookkeeper& books, FaultPlan& plan, engine::Admin& admin, const Clock& clock)
      : books_(books), plan_(plan), admin_(admin), clock_(clock) {}

  /// For Site::perform_with. What cannot be written down is not answered: the peer
  /// is told to try later, as after a commit that fell silent. A request that is to
  /// be done late waits on this thread.
  Outgoing perform(DialectCall& call, const std::string& id, Instant now);
  /// Nobody waits any more.
  void stop();

 private:
  Outgoing prevent(DialectCall& call, const Bookkeeper::Asked& asked, const Fault& fault,
                   const std::string& id, Instant now);
  Outgoing strike(DialectCall& call, const Bookkeeper::Asked& asked, const Fault* fault,
                  const std::string& id, Instant now);
  Result<> revoke(const Bookkeeper::Asked& asked, const Result<engine::Outcome>& result,
                  Instant now);
  void wait(Seconds time);

  Bookkeeper& books_;
  FaultPlan& plan_;
  engine::Admin& admin_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
};

}  // namespace latchkey::server
