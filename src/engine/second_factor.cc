#include "crypto/digest.h"
#include "crypto/totp.h"
#include "engine/local_authority.h"
#include "engine/rules.h"

namespace latchkey::engine {
namespace {

constexpr Seconds kDay{86400};
constexpr int kStepsOfTyped = 3;  // crypto::totp_step_of accepts so many

std::unexpected<Error> wrong() {
  return fail(Why::kOtpWrong, "the one-time password is wrong or too old");
}

std::string guesses_of(const Client& client, std::int64_t slice) {
  return "otp:" + client.id.text + "\n" + std::to_string(slice);
}

// Counts a guess before anybody looks at it (checklist 57, promise N12). Committed with the
// caller's transaction. A day is whichever ends now, in slices: nobody gets the budget of two
// days by guessing where they meet. What is refused costs nothing: the block ends.
Result<> count_guess(Tx& tx, const Client& client, int most, Instant now) {
  constexpr Seconds kSlice{10800};
  const std::int64_t slice = now.time_since_epoch() / kSlice;
  int guesses = 0;
  for (std::int64_t past = slice - kDay / kSlice; past <= slice; ++past) {
    const int then = TRY(tx.counted(client.realm, guesses_of(client, past), now));
    guesses += then;
  }
  if (guesses >= most)
    return fail(Error{Why::kTooMany, "too many one-time passwords in a day", {}, kDay + kSlice});
  TRY(tx.count(client.realm, guesses_of(client, slice), now, kDay + kSlice));
  return {};
}

}  // namespace

// What the account has decides how a code is judged, never the caller.
Result<SecondFactor> LocalAuthority::second_factor(const Login& asked, const Client& client,
                                                   Instant now) {
  if (!asked.transaction_id.empty()) return approved_push(asked.transaction_id, client, now);
  if (asked.otp.empty()) return SecondFactor{};
  switch (client.otp) {
    case OtpKind::kNone: return wrong();
    case OtpKind::kOutbox: return sent_code(asked.otp, client, now);
    case OtpKind::kTyped:
    case OtpKind::kPush: return typed_code(asked.otp, client, now);  // the app shows codes too
  }
  return wrong();
}

Result<SecondFactor> LocalAuthority::approved_push(std::string_view transaction,
                                                   const Client& client, Instant now) {
  const auto push = TRY(store_.read([&](Tx& tx) { return tx.challenge(realm_, transaction); }));
  if (!push) return fail(Why::kNotFound, "no such transaction");
  TRY(may_use_push(*push, client.id, policy_.push_lifetime, now));
  return SecondFactor{.given = true, .challenge = push->id};
}

Result<SecondFactor> LocalAuthority::typed_code(const Secret& otp, const Client& client,
                                                Instant now) {
  TRY(store_.transact([&](Tx& tx) {
    return count_guess(tx, client, policy_.otp_guesses_a_day / kStepsOfTyped, now);
  }));
  const Secret seed = TRY(totp_seed_of(keys_, client));
  if (seed.empty()) return wrong();
  const auto step = crypto::totp_step_of(bytes_of(seed.reveal()), otp, now);
  if (!step) return wrong();
  return SecondFactor{.given = true, .step = step};
}

Result<SecondFactor> LocalAuthority::sent_code(const Secret& otp, const Client& client,
                                               Instant now) {
  const Challenge sent = TRY(store_.transact([&](Tx& tx) -> Result<Challenge> {
    TRY(count_guess(tx, client, policy_.otp_guesses_a_day, now));
    auto open = TRY(tx.open_challenge(realm_, client.id, OtpKind::kOutbox));
    if (!open) return wrong();
    TRY(may_guess(*open, policy_.otp_attempts, now));
    ++open->attempts;
    TRY(tx.put_challenge(*open));
    return *std::move(open);
  }));
  if (!crypto::same_bytes(sent.code_hash, keys_.hash_of(otp))) return wrong();
  return SecondFactor{.given = true, .challenge = sent.id};
}

// Once, whatever it was (checklist 56): of two logins with one code, the second
// one finds it used and its tokens are not stored.
Result<> LocalAuthority::use_up(Tx& tx, const ClientId& client, const SecondFactor& factor) {
  if (factor.step) {
    const bool newer = TRY(tx.raise_mark(realm_, "totp:" + client.text, *factor.step));
    if (!newer) return wrong();
  }
  if (factor.challenge.empty()) return {};
  auto challenge = TRY(tx.challenge(realm_, factor.challenge));
  const auto wanted = challenge && challenge->kind == OtpKind::kPush ? ChallengeState::kApproved
                                                                     : ChallengeState::kOpen;
  if (!challenge || challenge->client != client || challenge->state != wanted) return wrong();
  challenge->state = ChallengeState::kUsed;
  return tx.put_challenge(*challenge);
}

}  // namespace latchkey::engine
