#include "agent/keys.h"

namespace latchkey::agent {

Result<> Keys::open(bool create, std::optional<Secret> passphrase) {
  const std::scoped_lock one(opening_);
  std::uint64_t closed_before = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (vault_) return {};
    closed_before = closed_;
  }
  broker::KeyRing::Options options;
  options.config = config_;
  options.ask = [&passphrase](bool) -> Result<Secret> {
    if (passphrase) return *passphrase;
    return fail(Why::kPersonNeeded, "the vault's passphrase is needed; run: latchkey agent unlock");
  };
  // Of the key ring only a connection is kept: nothing that could ask or be asked.
  broker::KeyRing ring(registry_, world_, std::move(options));
  const auto* opened = TRY(ring.vault(create));
  broker::Vault mine = TRY(opened->another());
  const std::scoped_lock lock(mutex_);
  if (closed_ != closed_before) return fail(Why::kStore, "locked meanwhile");
  vault_ = std::move(mine);
  return {};
}

void Keys::close() {
  const std::scoped_lock lock(mutex_);
  vault_.reset();
  ++closed_;
}

Result<broker::Vault> Keys::lend(std::chrono::milliseconds patience) {
  const std::scoped_lock lock(mutex_);
  if (!vault_) return fail(Why::kStore, "the agent is locked; run: latchkey agent unlock");
  return vault_->another(patience);
}

}  // namespace latchkey::agent
