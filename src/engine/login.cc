#include "engine/local_authority.h"

#include <algorithm>

namespace latchkey::engine {
namespace {

/// How long an address from which somebody has logged in stays that account's own.
constexpr Seconds kKnownFor{90 * 86400};

// What a stranger who tries gets; everything else was no guess, and costs none.
bool was_guess(const Result<TokenSet>& tokens) {
  static constexpr Why kGuesses[] = {Why::kBadCredentials, Why::kOtpWrong, Why::kNotFound,
                                     Why::kForbidden};
  return !tokens && std::ranges::find(kGuesses, tokens.error().why) != std::end(kGuesses);
}

}  // namespace

Result<Outcome> LocalAuthority::login(const Login& asked, const Caller& caller, Instant now) {
  const bool by_client = policy_.login == LoginKind::kClientSecret;
  if (policy_.login == LoginKind::kNone) return fail(Why::kUnsupported, "log in with a browser");
  TRY(pace(by_client ? asked.client.id.text : asked.user.login.text, now));
  const bool counted = by_client && guard_ != nullptr;
  if (counted) TRY(guard_->before_login(caller, now));
  Result<TokenSet> tokens = by_client ? login_client(asked, now) : login_user(asked, caller, now);
  if (counted && !was_guess(tokens)) guard_->login_was_right(caller);
  if (tokens) return *std::move(tokens);
  if (tokens.error().why != Why::kPending) {
    tell(now, "login_refused", asked.client.id, asked.user.login, name_of(tokens.error().why),
         caller);
  }
  return fail(std::move(tokens).error());
}

// A generated key and secret, with or without a second factor.
Result<TokenSet> LocalAuthority::login_client(const Login& asked, Instant now) {
  if (!asked.otp.empty() && !asked.transaction_id.empty()) {
    return fail(Why::kMalformed, "either a one-time password or a transaction, not both");
  }
  const Party party = TRY(party_of(asked));
  TRY(count_client(party.client_id(), now));
  const SecondFactor factor = TRY(second_factor(asked, *party.client, now));
  return admit(party, factor, now);
}

// A login and a password; where the policy wants both, a client and its partner too.
Result<TokenSet> LocalAuthority::login_user(const Login& asked, const Caller& caller, Instant now) {
  Party party;
  if (policy_.login == LoginKind::kBoth) party = TRY(party_of(asked));
  party.subject = TRY(check_user(asked.user, caller, now));
  const bool others =
      party.client && !party.client->owner.empty() && party.client->owner != party.subject->login;
  if (others) return fail(Why::kBadCredentials, "login or password is wrong");
  return admit(party, {}, now);
}

// The client that logs in and, where its secret alone is the login, whom it acts for.
Result<Party> LocalAuthority::party_of(const Login& asked) {
  const bool by_client = policy_.login == LoginKind::kClientSecret;
  return store_.read([&](Tx& tx) -> Result<Party> {
    Party party;
    if (!by_client) {
      const auto partner = TRY(tx.client_of_partner(realm_, asked.partner));
      const bool known = partner && !asked.partner.empty();
      if (!known) return fail(Why::kForbidden, "no such partner");
    }
    party.client = TRY(check_client(tx, keys_, realm_, asked.client));
    if (!by_client) {
      if (party.client->partner == asked.partner) return party;
      return fail(Why::kForbidden, "the client is another partner's");
    }
    const bool is_public = party.client->secret_hash.empty();
    if (is_public) return fail(Why::kBadCredentials, "client is invalid");
    if (party.client->owner.empty()) return party;
    party.subject = TRY(tx.subject(realm_, party.client->owner));
    if (!party.subject || party.subject->disabled) {
      return fail(Why::kBadCredentials, "client is invalid");
    }
    return party;
  });
}

// Everything is right: a family of its own, and what the login used up.
Result<TokenSet> LocalAuthority::admit(const Party& party, const SecondFactor& factor,
                                       Instant now) {
  const std::string& tier = factor.given ? policy_.tier_with_otp : policy_.tier;
  const Grant grant = new_grant(realm_, policy_, party.client_id(), party.subject_id(), tier, now);
  const Subject subject = party.subject ? *party.subject : Subject{.realm = realm_};
  Tokens tokens = TRY(make_tokens(maker(), {.grant = grant, .subject = subject}, now));
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(still_as_read(tx, party));
    TRY(use_up(tx, grant.client, factor));
    return keep_family(tx, policy_, grant, tokens, now);
  }));
  tell(now, "login", grant, factor.given ? "with a second factor" : "");
  return std::move(tokens.set);
}

// Slow. Wrong passwords are counted before they are compared, so that k parallel
// guesses cost k (checklist 55, 57); a login that is unknown is counted and hashed like
// one that is known (checklist 59). An address from which the account has logged in has
// a count of its own: who guesses from elsewhere does not lock the account's owner out.
Result<Subject> LocalAuthority::check_user(const UserKey& user, const Caller& caller, Instant now) {
  const std::string there = to_hex(keys_.hash_of(Secret{user.login.text + "\n" + caller.network}));
  const std::string known = "known:" + there;
  const int times = TRY(store_.read([&](Tx& tx) { return tx.counted(realm_, known, now); }));
  const bool at_home = times > 0 && !caller.network.empty();
  const bool by_network = guard_ != nullptr && !at_home;
  if (by_network) TRY(guard_->before_login(caller, now));

  const std::string counter = at_home ? "home:" + there : wrong_passwords_of(keys_, user.login);
  const int attempt = TRY(store_.transact(
      [&](Tx& tx) { return tx.count(realm_, counter, now, policy_.password_window); }));
  if (attempt > policy_.password_attempts) {
    const bool first = attempt == policy_.password_attempts + 1;
    if (first) tell(now, "locked", {}, user.login, "too many wrong passwords", caller);
    return fail(Error{Why::kTooMany, "too many wrong passwords", {}, policy_.password_window});
  }
  auto subject = TRY(store_.read([&](Tx& tx) { return tx.subject(realm_, user.login); }));
  const std::string none;
  const bool right =
      crypto::verify_password(user.password, subject ? subject->password_hash : none, cost_);
  if (!right || !subject || subject->disabled) {
    // Only the log learns why somebody who knew the password was refused.
    const bool suspended = right && subject && subject->disabled;
    return fail(Why::kBadCredentials, "login or password is wrong",
                suspended ? "suspended: " + subject->disabled_why : "");
  }
  if (by_network) guard_->login_was_right(caller);
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(tx.reset_count(realm_, counter));
    if (caller.network.empty()) return {};
    TRY(tx.reset_count(realm_, known));
    TRY(tx.count(realm_, known, now, kKnownFor));
    return {};
  }));
  return *std::move(subject);
}

}  // namespace latchkey::engine
