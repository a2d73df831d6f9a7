#include "engine/signing_keys.h"

#include <algorithm>

#include "crypto/random.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kKidBytes = 9;
constexpr Seconds kClocksDiffer{60};

bool is_over(const StoredKey& key, Instant now) { return now >= key.until; }
bool is_retired(const StoredKey& key, Instant now) {
  return is_over(key, now) || (key.retired && now >= *key.retired);
}

// The one that signs. If all that are not retired still wait (a clock went back), the
// one that waits least: a realm is never without a key because of a clock.
const StoredKey* signing_of(const std::vector<StoredKey>& all, std::string_view alg, Instant now) {
  const StoredKey* best = nullptr;
  for (const StoredKey& key : all) {
    if (key.alg != alg || is_retired(key, now)) continue;
    const bool may = key.use_from <= now;
    const bool best_may = best != nullptr && best->use_from <= now;
    if (best == nullptr || (may && !best_may)) best = &key;  // newest first
    if (!may && !best_may && key.use_from < best->use_from) best = &key;
  }
  return best;
}

Result<Signer> opened(const Keys& keys, const StoredKey& stored) {
  const auto alg = crypto::parse_alg(stored.alg);
  if (!alg) return fail(Why::kStore, "", "a signing key of no algorithm");
  const Secret text = TRY(keys.open(stored.key, signing_key_context(stored.realm, stored.kid)));
  auto key = TRY(crypto::Key::import_private(*alg, text));
  return Signer{stored.kid, std::move(key)};
}

struct Fresh {
  Signer signer;
  StoredKey row;
};

// Outside of any transaction, because an RSA key takes its time.
Fresh make_key(const Keys& keys, const Realm& realm, crypto::Alg alg, Instant now,
               Instant use_from) {
  Signer signer{crypto::random_name(kKidBytes), crypto::Key::generate(alg)};
  StoredKey row{
      .realm = realm,
      .kid = signer.kid,
      .alg = crypto::name_of(alg),
      .key = keys.seal(signer.key.export_private(), signing_key_context(realm, signer.kid)),
      .created = now,
      .use_from = use_from};
  return {std::move(signer), std::move(row)};
}

// From `when` on the key signs nothing; it is needed for as long as what it signed lives.
void retire(StoredKey& key, Instant when, Seconds longest) {
  key.retired = std::min(key.retired.value_or(when), when);
  key.until = std::min(key.until, expiry(*key.retired, Lifetime{longest}));
}

}  // namespace

KeyState state_of(const StoredKey& key, const std::vector<StoredKey>& all, Instant now) {
  if (is_over(key, now)) return KeyState::kOver;
  const StoredKey* signing = signing_of(all, key.alg, now);
  if (signing != nullptr && signing->kid == key.kid) return KeyState::kSigning;
  if (!is_retired(key, now) && key.use_from > now) return KeyState::kWaiting;
  return KeyState::kVerifying;
}

const char* name_of(KeyState state) {
  switch (state) {
    case KeyState::kWaiting: return "waiting";
    case KeyState::kSigning: return "signing";
    case KeyState::kVerifying: return "verifying";
    case KeyState::kOver: return "over";
  }
  return "";
}

bool signs(const Policy& policy) {
  return policy.access_form == TokenForm::kJwt || policy.refresh_form == TokenForm::kJwt ||
         policy.standard.id_token.payload;
}

Seconds longest_signed(const Policy& policy) {
  const Seconds endless = kEndOfTime.time_since_epoch();
  const auto length = [&](Seconds lifetime) { return lifetime == Seconds{0} ? endless : lifetime; };
  Seconds longest{0};
  if (policy.access_form == TokenForm::kJwt) {
    longest = length(policy.access_lifetime);
    if (!policy.delegate_from_tier.empty()) longest = std::max(longest, policy.delegate_most);
  }
  if (policy.refresh_form == TokenForm::kJwt) {
    const Seconds from =
        policy.refresh_from_access_end ? length(policy.access_lifetime) : Seconds{0};
    longest = std::max(longest, std::min(endless, from + length(policy.refresh_lifetime)));
  }
  if (policy.standard.id_token.payload) {
    longest = std::max(longest, policy.standard.id_token.lifetime);
  }
  return std::min(endless, longest + kClocksDiffer);
}

Result<Signer> signer_of(Store& store, const Keys& keys, const Realm& realm, crypto::Alg alg,
                         Instant now) {
  const auto look = [&](Tx& tx) -> Result<std::optional<StoredKey>> {
    const auto all = TRY(tx.keys(realm));
    const StoredKey* signing = signing_of(all, crypto::name_of(alg), now);
    if (signing == nullptr) return std::optional<StoredKey>{};
    return *signing;
  };
  const auto found = TRY(store.read(look));
  if (found) return opened(keys, *found);
  // If two processes get here at once, the first to commit decides for both.
  const Fresh fresh = make_key(keys, realm, alg, now, now);
  const auto theirs = TRY(store.transact([&](Tx& tx) -> Result<std::optional<StoredKey>> {
    auto other = TRY(look(tx));
    if (!other) TRY(tx.put_key(fresh.row));
    return other;
  }));
  if (theirs) return opened(keys, *theirs);
  return fresh.signer;
}

Result<std::shared_ptr<SigningKeys>> SigningKeys::open(Store& store, const Keys& keys, Realm realm,
                                                       crypto::Alg alg, Instant now) {
  std::shared_ptr<SigningKeys> made(new SigningKeys(store, keys, std::move(realm), alg));
  const auto stored = TRY(store.read([&](Tx& tx) { return tx.keys(made->realm_); }));
  if (signing_of(stored, crypto::name_of(alg), now) == nullptr) return made;
  auto ring = TRY(made->read(now));
  made->ring_ = std::make_shared<const Ring>(std::move(ring));
  made->looked_ = epoch(now);
  return made;
}

Result<SigningKeys::Ring> SigningKeys::read(Instant now) {
  auto signing = TRY(signer_of(store_, keys_, realm_, alg_, now));
  Ring ring{std::move(signing), {}};
  const auto all = TRY(store_.read([&](Tx& tx) { return tx.keys(realm_); }));
  for (const StoredKey& key : all) {
    if (key.alg != crypto::name_of(alg_) || is_over(key, now) || key.kid == ring.signing.kid)
      continue;
    auto other = TRY(opened(keys_, key));
    ring.others.push_back(std::move(other));
  }
  return ring;
}

// One thread looks; the others go on with what is known. Before the first look there is nothing
// to go on with.
Result<> SigningKeys::look(Instant now) {
  const std::int64_t last = looked_.load();
  const bool fresh = epoch(now) >= last && epoch(now) < last + kLookAgain.count();
  if (last == kNever) {
    const std::lock_guard looking(looking_);
    if (looked_ == kNever) renew(now);
    looked_ = epoch(now);
  } else if (const std::unique_lock looking(looking_, std::try_to_lock); !fresh && looking) {
    looked_ = epoch(now);
    renew(now);
  }
  if (!ring()) return fail(Why::kUnavailable, "", "there is no signing key yet");
  return {};
}

void SigningKeys::renew(Instant now) {
  auto ring = read(now);
  if (!ring) return;
  auto next = std::make_shared<const Ring>(std::move(*ring));
  const std::lock_guard lock(swap_);
  ring_ = std::move(next);
}

std::shared_ptr<const SigningKeys::Ring> SigningKeys::ring() const {
  const std::lock_guard lock(swap_);
  return ring_;
}

std::optional<Signer> SigningKeys::current() const {
  const auto now = ring();
  if (!now) return std::nullopt;
  return now->signing;
}

std::vector<Signer> SigningKeys::published() const {
  const auto now = ring();
  if (!now || alg_ == crypto::Alg::kHs256) return {};
  std::vector<Signer> all{now->signing};
  all.insert(all.end(), now->others.begin(), now->others.end());
  return all;
}

Result<std::string> rotate_key(Store& store, const Keys& keys, const Realm& realm, crypto::Alg alg,
                               Seconds lead, Seconds longest, Instant now) {
  const Instant use_from = expiry(now, Lifetime{lead});
  const Fresh fresh = make_key(keys, realm, alg, now, use_from);
  TRY(store.transact([&](Tx& tx) -> Result<> {
    auto all = TRY(tx.keys(realm));
    for (StoredKey& key : all) {
      if (key.alg != fresh.row.alg || is_retired(key, now)) continue;
      retire(key, use_from, longest);
      TRY(tx.change_key(key));
    }
    return tx.put_key(fresh.row);
  }));
  return fresh.row.kid;
}

Result<> retire_key(Store& store, const Keys& keys, const Realm& realm, std::string_view kid,
                    bool at_once, Seconds longest, Instant now) {
  const auto find = [&](std::vector<StoredKey>& all) {
    return std::ranges::find_if(
        all, [&](const StoredKey& key) { return key.kid == kid && !is_over(key, now); });
  };
  auto before = TRY(store.read([&](Tx& tx) { return tx.keys(realm); }));
  const auto seen = find(before);
  const auto alg = seen == before.end() ? std::nullopt : crypto::parse_alg(seen->alg);
  if (!alg) return fail(Why::kNotFound, "no such key");
  const Fresh spare = make_key(keys, realm, *alg, now, now);  // used if it is needed
  return store.transact([&](Tx& tx) -> Result<> {
    auto all = TRY(tx.keys(realm));
    const auto found = find(all);
    if (found == all.end()) return fail(Why::kNotFound, "no such key");
    retire(*found, now, longest);
    if (at_once) found->until = now;
    TRY(tx.change_key(*found));
    const StoredKey* next = signing_of(all, spare.row.alg, now);
    if (next == nullptr) return tx.put_key(spare.row);
    if (next->use_from <= now) return {};
    StoredKey forward = *next;
    forward.use_from = now;
    return tx.change_key(forward);
  });
}

}  // namespace latchkey::engine
