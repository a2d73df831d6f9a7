#pragma once

#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <utility>

#include "engine/admin.h"
#include "engine/local_authority.h"
#include "store/memory/memory_store.h"

// For the tests of this folder: a store with a few accounts, and policies that
// differ in what the tests are about.

namespace latchkey::engine {

using namespace std::chrono_literals;

inline const Realm kRealm{"r"};
inline constexpr Instant kNoon{Seconds{1'772'366'400}};  // 2026-03-01T12:00:00Z

template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(name_of(result.error().why)) + ": " + result.error().say +
                             " " + result.error().note);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Why it failed; kBug with a test failure when it did not.
template <class T>
Why why(const Result<T>& result) {
  if (!result) return result.error().why;
  ADD_FAILURE() << "it succeeded";
  return Why::kBug;
}

/// A name instead of a number in failures.
inline void PrintTo(const Error& error, std::ostream* out) {
  *out << name_of(error.why) << " " << error.say << " " << error.note;
}

/// A store in which something else happens just before the next writes: what a
/// slower thread would see, every time.
class InterruptedStore final : public Store {
 public:
  explicit InterruptedStore(Store& inner) : inner_(inner) {}
  /// Runs `what` before the write that comes after `skip` others.
  void interrupt(std::function<void()> what, int skip = 0) {
    what_ = std::move(what);
    skip_ = skip;
  }

 protected:
  Result<> do_transact(const Work& work) override {
    if (what_ && skip_-- == 0) std::exchange(what_, nullptr)();
    return inner_.transact(work);
  }
  Result<> do_read(const Work& work) override { return inner_.read(work); }

 private:
  Store& inner_;
  std::function<void()> what_;
  int skip_ = 0;
};

class World {
 public:
  World() = default;
  explicit World(Policy policy) { rule_by(std::move(policy)); }

  /// (Re)starts the authority: what is in memory goes, the store stays.
  void rule_by(Policy policy) {
    authority_ = std::make_unique<LocalAuthority>(
        kRealm, std::move(policy), interrupted, keys, std::nullopt, Messages{},
        [this](const Event& event) {
          const std::lock_guard lock(mutex_);
          events_.push_back(event);
        },
        crypto::kCheapest);
  }
  LocalAuthority& authority() { return *authority_; }

  Result<Outcome> perform(const Operation& operation, Instant now) {
    return authority_->perform(operation, now);
  }
  /// The outcome, or the test ends.
  template <class Out>
  Out get(const Operation& operation, Instant now = kNoon) {
    return std::get<Out>(must(perform(operation, now)));
  }
  TokenSet tokens(const Operation& operation, Instant now = kNoon) {
    return get<TokenSet>(operation, now);
  }
  Why refusal(const Operation& operation, Instant now = kNoon) {
    return why(perform(operation, now));
  }
  /// Whether a bearer still opens doors.
  bool is_live(const Secret& bearer, Instant now = kNoon) {
    return perform(Use{.bearer = bearer}, now).has_value();
  }

  /// A client "app" with the secret "app-secret", changed by `change`.
  void add_client(std::string_view id, const std::function<void(Client&)>& change = {}) {
    Client client{.realm = kRealm, .id = ClientId{id}, .name = std::string(id)};
    if (change) change(client);
    must(admin.create_client({.client = client,
                              .secret = Secret{std::string(id) + "-secret"},
                              .totp_seed = Secret{client.otp == OtpKind::kTyped ? kSeed : ""}},
                             true));
  }
  void add_user(std::string_view login, Attributes attributes = {}) {
    must(admin.create_user(
        {.realm = kRealm, .login = SubjectId{login}, .attributes = std::move(attributes)},
        Secret{std::string(login) + "-password"}, true));
  }
  static ClientKey key_of(std::string_view id) {
    return {ClientId{id}, Secret{std::string(id) + "-secret"}};
  }
  static UserKey user_key(std::string_view login) {
    return {SubjectId{login}, Secret{std::string(login) + "-password"}};
  }

  std::vector<Event> events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  int told(std::string_view what) {
    int count = 0;
    for (const Event& event : events()) count += event.what == what ? 1 : 0;
    return count;
  }
  int live_families() {
    const auto all = store.read([](Tx& tx) { return tx.grants({.realm = kRealm}, 1000); });
    return static_cast<int>(must(all).size());
  }

  static constexpr const char* kSeed = "12345678901234567890";

  store::MemoryStore store;
  InterruptedStore interrupted{store};  ///< what the authority writes through
  Keys keys{Secret{std::string(32, 'k')}};
  Admin admin{store, keys, crypto::kCheapest};

 private:
  std::unique_ptr<LocalAuthority> authority_;
  std::mutex mutex_;
  std::vector<Event> events_;
};

/// A key and a secret, one-time passwords, rotation, one session.
inline Policy keyed() {
  return {.login = LoginKind::kClientSecret,
          .access_form = TokenForm::kOpaque,
          .refresh_form = TokenForm::kOpaque,
          .access_lifetime = 8h,
          .refresh_lifetime = 24h,
          .refresh_from_access_end = true,
          .rotation = Rotation::kSingleUse,
          .on_replay = OnReplay::kRevokeClient,
          .replay_window = 0s,
          .single_session = true,
          .tier = "data",
          .tier_with_otp = "trading"};
}

/// Codes for clients that say who they are (RFC 6749).
inline Policy coded() {
  return {.access_form = TokenForm::kHex40,
          .refresh_form = TokenForm::kHex40,
          .access_lifetime = 24h,
          .refresh_lifetime = 24h,
          .refresh_from_access_end = true,
          .rotation = Rotation::kSingleUse,
          .replay_window = 0s,
          .refresh_needs_client = true};
}

/// One refresh token a person, used again and again.
inline Policy lasting() {
  return {.access_form = TokenForm::kOpaque,
          .refresh_form = TokenForm::kUuid,
          .refresh_lifetime = 365 * 24h,
          .rotation = Rotation::kReusable,
          .single_refresh_token = true,
          .narrow_attribute = "portfolios"};
}

/// A company and its operators.
inline Policy tiered() {
  return {.login = LoginKind::kPassword,
          .access_form = TokenForm::kOpaque,
          .access_lifetime = 0s,
          .tier = "company",
          .delegate_from_tier = "company",
          .delegate_tier = "operator"};
}

/// A person, a client and its partner.
inline Policy partnered() {
  return {.login = LoginKind::kBoth,
          .access_form = TokenForm::kOpaque,
          .refresh_form = TokenForm::kOpaque,
          .access_lifetime = 10h,
          .refresh_lifetime = 30h,
          .rotation = Rotation::kReissue,
          .refresh_needs_partner = true,
          .scope = "profile",
          .shows_session = true};
}

/// Runs `work(i)` on `count` threads at once; how many said true.
int in_parallel(int count, const std::function<bool(int)>& work);

}  // namespace latchkey::engine
