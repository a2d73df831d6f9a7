#include "engine/admin.h"

#include "crypto/random.h"
#include "engine/credentials.h"
#include "engine/rules.h"

namespace latchkey::engine {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kTotpSeedBytes = 20;   // RFC 4226 section 4, R6
constexpr std::size_t kSharedKeyBytes = 32;  // AES-256

std::unexpected<Error> missing(const char* what) {
  return fail(Why::kNotFound, std::string("no such ") + what);
}

// Fills what the caller left to us; `issued` gets what was made.
void generate(Admin::NewClient& asked, Admin::Issued& issued) {
  if (asked.secret.empty() && !asked.is_public) {
    asked.secret = issued.secret = crypto::random_base64url(kSecretBytes);
  }
  if (asked.totp_seed.empty() && asked.client.otp == OtpKind::kTyped) {
    asked.totp_seed = issued.totp_seed = Secret{text_of(crypto::random_bytes(kTotpSeedBytes))};
  }
  if (asked.shared_key.empty() && !asked.client.partner.empty()) {
    asked.shared_key = issued.shared_key = crypto::random_hex(kSharedKeyBytes);
  }
}

void hide(Admin::NewClient& asked, const Keys& keys) {
  Client& client = asked.client;
  client.secret_hash = asked.is_public ? Hash{} : keys.hash_of(asked.secret);
  client.totp_seed = client.shared_key = {};
  if (!asked.totp_seed.empty()) {
    client.totp_seed = keys.seal(asked.totp_seed, totp_context(client.realm, client.id));
  }
  if (!asked.shared_key.empty()) {
    client.shared_key = keys.seal(asked.shared_key, shared_key_context(client.realm, client.id));
  }
}

/// What `change` makes of the account; kNotFound when there is none.
template <class Change>
Result<> change_user(Tx& tx, const Realm& realm, const SubjectId& login, Change change) {
  const auto found = TRY(tx.subject(realm, login));
  if (!found || login.empty()) return missing("user");
  Subject subject = *found;
  change(subject);
  return tx.put_subject(subject);
}

// The store says kConflict of a row that would belong to nothing.
std::unexpected<Error> without_owner(Error error, const char* what) {
  if (error.why == Why::kConflict) return missing(what);
  return fail(std::move(error));
}

}  // namespace

Result<Admin::Issued> Admin::create_client(NewClient asked, bool replace) {
  if (asked.client.id.empty()) return fail(Why::kMalformed, "a client has an id");
  for (const std::string& uri : asked.client.redirect_uris) TRY(may_register_redirect(uri));
  Issued issued;
  generate(asked, issued);
  hide(asked, keys_);
  const Client& client = asked.client;
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    const auto before = TRY(tx.client(client.realm, client.id));
    if (before && !replace) return fail(Why::kConflict, "there is a client of that id");
    if (!client.partner.empty()) {
      const auto other = TRY(tx.client_of_partner(client.realm, client.partner));
      const bool taken = other && other->id != client.id;
      if (taken) return fail(Why::kConflict, "the partner has a client");
    }
    return tx.put_client(client);
  }));
  return issued;
}

Result<> Admin::set_client_disabled(const Realm& realm, const ClientId& id, bool disabled,
                                    Instant now) {
  return finally(store_.transact([&](Tx& tx) -> Result<> {
    const auto found = TRY(tx.client(realm, id));
    if (!found || id.empty()) return missing("client");
    Client client = *found;
    client.disabled = disabled;
    client.disabled_why = disabled ? "operator" : "";
    TRY(tx.put_client(client));
    if (!disabled) return {};
    TRY(tx.drop_begun(realm, id, SubjectId{}));
    TRY(tx.revoke_grants({.realm = realm, .client = id}, "client disabled", now));
    return {};
  }));
}

Result<> Admin::create_user(Subject subject, const Secret& password, bool replace) {
  if (subject.login.empty()) return fail(Why::kMalformed, "a user has a login");
  subject.password_hash = crypto::hash_password(password, cost_);
  return store_.transact([&](Tx& tx) -> Result<> {
    Subject fresh = subject;
    const auto before = TRY(tx.subject(subject.realm, subject.login));
    if (before && !replace) return fail(Why::kConflict, "there is a user of that login");
    if (before) fresh.number = before->number;
    return tx.put_subject(fresh);
  });
}

Result<> Admin::set_user_disabled(const Realm& realm, const SubjectId& login, bool disabled,
                                  std::string_view why, Instant) {
  return finally(store_.transact([&](Tx& tx) -> Result<> {
    TRY(change_user(tx, realm, login, [&](Subject& subject) {
      subject.disabled = disabled;
      subject.disabled_why = disabled ? std::string(why) : std::string{};
    }));
    if (disabled) return {};
    return tx.reset_count(realm, wrong_passwords_of(keys_, login));
  }));
}

Result<> Admin::set_password(const Realm& realm, const SubjectId& login, const Secret& password,
                             Instant now) {
  const std::string hash = crypto::hash_password(password, cost_);
  return finally(store_.transact([&](Tx& tx) -> Result<> {
    TRY(change_user(tx, realm, login, [&](Subject& subject) { subject.password_hash = hash; }));
    TRY(tx.reset_count(realm, wrong_passwords_of(keys_, login)));
    TRY(tx.drop_sessions(realm, login));
    TRY(tx.revoke_grants({.realm = realm, .subject = login}, "password changed", now));
    return {};
  }));
}

Result<Secret> Admin::set_user_otp(const Realm& realm, const SubjectId& login, OtpKind kind,
                                   std::string_view address, Secret seed) {
  if (kind == OtpKind::kPush) return fail(Why::kUnsupported, "a person has no push on a page");
  if (kind == OtpKind::kOutbox && address.empty())
    return fail(Why::kMalformed, "a code is sent to an address");
  if (kind == OtpKind::kTyped && seed.empty())
    seed = Secret{text_of(crypto::random_bytes(kTotpSeedBytes))};
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(change_user(tx, realm, login, [&](Subject& subject) {
      subject.otp = kind;
      subject.otp_address = address;
      subject.totp_seed = {};
      if (kind == OtpKind::kTyped)
        subject.totp_seed = keys_.seal(seed, totp_context(realm, second_factor_id(login)));
    }));
    TRY(tx.drop_sessions(realm, login));
    return {};
  }));
  return kind == OtpKind::kTyped ? seed : Secret{};
}

Result<Organization> Admin::add_organization(const Realm& realm, const SubjectId& owner,
                                             std::string_view name) {
  auto made = store_.transact([&](Tx& tx) { return tx.add_organization(realm, owner, name); });
  if (!made) return without_owner(std::move(made).error(), "user");
  return made;
}

Result<Operator> Admin::add_operator(const Realm& realm, std::int64_t organization,
                                     std::string_view name) {
  auto made = store_.transact([&](Tx& tx) { return tx.add_operator(realm, organization, name); });
  if (!made) return without_owner(std::move(made).error(), "organization");
  return made;
}

Result<std::vector<Admin::Shown>> Admin::outbox(const Realm& realm, int most) {
  auto sent = TRY(store_.read([&](Tx& tx) { return tx.deliveries(realm, most); }));
  std::vector<Shown> shown;
  for (Delivery& one : sent) {
    const ClientId whose = one.subject.empty() ? one.client : second_factor_id(one.subject);
    Secret text = TRY(keys_.open(one.text, delivery_context(one.realm, whose)));
    shown.push_back({std::move(one), std::move(text)});
  }
  return shown;
}

Result<std::string> Admin::answer_push(const Realm& realm, const ClientId& client,
                                       std::string_view transaction, bool approve, Instant now) {
  return store_.transact([&](Tx& tx) -> Result<std::string> {
    const auto find = [&] {
      if (transaction.empty()) return tx.open_challenge(realm, client, OtpKind::kPush);
      return tx.challenge(realm, transaction);
    };
    auto push = TRY(find());
    const bool theirs = push && push->kind == OtpKind::kPush && push->client == client;
    if (!theirs) return missing("push");
    if (push->state != ChallengeState::kOpen) return fail(Why::kConflict, "answered before");
    if (now >= push->until) return missing("push");
    push->state = approve ? ChallengeState::kApproved : ChallengeState::kDeclined;
    TRY(tx.put_challenge(*push));
    return push->id;
  });
}

}  // namespace latchkey::engine
