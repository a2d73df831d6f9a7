#pragma once

#include "net/clock.h"
#include "server/sandbox/between.h"
#include "server/sandbox/fault_control.h"

namespace latchkey::server {

/// The sandbox's ledger and faults, put together: made before the service that they
/// are for, because its workers may use them until it is gone.
class Rig {
 public:
  /// All referents must outlive it. Errors as for Ledger::open.
  static Result<std::unique_ptr<Rig>> make(const std::string& ledger, Ledger::Sync sync,
                                           engine::Admin& admin, const Clock& clock);

  /// From now on everything that the site does stands in the ledger, and faults
  /// strike it. Before its first request; `demos` must outlive the site.
  Result<> fit(Site& site, const std::vector<DemoRealm>& demos);

  Bookkeeper& books() { return books_; }
  const std::string& ledger() const { return ledger_->path(); }

 private:
  Rig(std::unique_ptr<Ledger> ledger, engine::Admin& admin, const Clock& clock);
  Result<> keep_books(Site& site);

  const std::unique_ptr<Ledger> ledger_;
  const Clock& clock_;
  Bookkeeper books_;
  FaultPlan plan_;
  Between between_;
  std::optional<FaultControl> control_;
};

}  // namespace latchkey::server
