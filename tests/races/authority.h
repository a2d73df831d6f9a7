#pragma once

#include "engine/admin.h"
#include "engine/local_authority.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "testing.h"

namespace latchkey::races {

inline const Realm kRealm{"r"};
inline const ClientId kApp{"app"};
inline constexpr Instant kNoon = from_epoch(1772366400);

inline engine::Policy policy_with(bool window) {
  return {.login = engine::LoginKind::kClientSecret,
          .access_form = engine::TokenForm::kOpaque,
          .refresh_form = engine::TokenForm::kOpaque,
          .refresh_lifetime = std::chrono::hours(24),
          .rotation = engine::Rotation::kSingleUse,
          .on_replay = engine::OnReplay::kRevokeFamily,
          .replay_window = Seconds(window ? 30 : 0)};
}

/// An authority over one kind of store, that can be started again.
class Authority {
 public:
  Authority(bool on_disk, bool window) : on_disk_(on_disk), policy_(policy_with(window)) {
    start();
    engine::Admin admin(*store_, keys_);
    must(admin.create_client({.client = {.realm = kRealm, .id = kApp}, .secret = Secret("s")}));
  }
  ~Authority() {
    engine_.reset();
    store_.reset();
  }
  /// A store in memory goes on; one on disk is opened anew.
  void start() {
    engine_.reset();
    if (on_disk_) {
      store_.reset();
      store_ = must(store::SqliteStore::open((directory_ / "s.db").string()));
    } else if (!store_) {
      store_ = std::make_unique<store::MemoryStore>();
    }
    engine_ =
        std::make_unique<engine::LocalAuthority>(kRealm, policy_, *store_, keys_, std::nullopt);
  }
  engine::TokenSet log_in() {
    const engine::Login asked{.client = {kApp, Secret("s")}};
    return std::get<engine::TokenSet>(must(engine_->perform(asked, kNoon)));
  }
  Result<engine::Outcome> perform(const engine::Operation& asked) {
    return engine_->perform(asked, kNoon);
  }
  Result<std::unique_ptr<engine::Begun>> begin(const engine::Operation& asked) {
    return engine_->begin(asked, kNoon);
  }
  engine::Store& store() { return *store_; }
  const engine::Keys& keys() const { return keys_; }

 private:
  const bool on_disk_;
  const engine::Policy policy_;
  const TempDir directory_;
  engine::Keys keys_{Secret(std::string(32, 'k'))};
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<engine::LocalAuthority> engine_;
};

}  // namespace latchkey::races
