#include "server/sandbox/rig.h"

namespace latchkey::server {

Rig::Rig(std::unique_ptr<Ledger> ledger, engine::Admin& admin, const Clock& clock)
    : ledger_(std::move(ledger)),
      clock_(clock),
      books_(*ledger_, admin.store(), admin.keys()),
      between_(books_, plan_, admin, clock) {}

Result<std::unique_ptr<Rig>> Rig::make(const std::string& ledger, Ledger::Sync sync,
                                       engine::Admin& admin, const Clock& clock) {
  auto file = TRY(Ledger::open(ledger, sync));
  return std::unique_ptr<Rig>(new Rig(std::move(file), admin, clock));
}

Result<> Rig::keep_books(Site& site) {
  for (const auto& realm : site.realms()) {
    const engine::LocalAuthority& authority = realm->authority();
    TRY(books_.opened(authority, realm->spec().dialect->traits().auth_interval, clock_.now()));
    if (realm->pages() != nullptr)
      realm->pages()->on_issued([this, &authority](const engine::TokenSet& tokens, Instant at) {
        return books_.issued(authority, tokens, at);
      });
  }
  return {};
}

Result<> Rig::fit(Site& site, const std::vector<DemoRealm>& demos) {
  TRY(keep_books(site));
  site.perform_with([this](DialectCall& call, const std::string& id,
                           Instant now) { return between_.perform(call, id, now); },
                    [this] { between_.stop(); });
  control_.emplace(plan_, demos);
  for (const char* path : {"/_sandbox/fault", "/_sandbox/faults", "/_sandbox/fault/clear"})
    site.add(Extra{path, [this](const http::Request& r, Instant) { return control_->answer(r); }});
  return {};
}

}  // namespace latchkey::server
