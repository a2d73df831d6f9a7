#include "crypto/random.h"
#include "engine/local_authority.h"
#include "engine/rules.h"

// The second step of a login on the pages: a one-time password, where the realm wants
// one and the person has one. Until it is taken the session opens nothing.

namespace latchkey::engine {
namespace {

constexpr std::size_t kSessionBytes = 32;
constexpr int kMostSentADay = 20;
constexpr Seconds kDay{86400};

/// A person's second factor, judged as a client's is. No client has such an id.
Client stand_in_for(const Subject& subject) {
  return {.realm = subject.realm,
          .id = second_factor_id(subject.login),
          .owner = subject.login,
          .otp = subject.otp,
          .otp_address = subject.otp_address,
          .totp_seed = subject.totp_seed};
}

}  // namespace

bool LocalAuthority::needs_second_step(const Subject& subject) const {
  return policy_.standard.on && policy_.standard.otp && subject.otp != OtpKind::kNone;
}

// A code that must be sent is sent; one that is typed is not. A push has no page.
Result<> LocalAuthority::begin_second_step(const Subject& subject, Instant now) {
  if (!needs_second_step(subject) || subject.otp == OtpKind::kTyped) return {};
  if (subject.otp != OtpKind::kOutbox)
    return fail(Why::kForbidden, "this account cannot log in on a page", "a push, on a page");
  const int sent = TRY(store_.transact(
      [&](Tx& tx) { return tx.count(realm_, "otp sent:" + subject.login.text, now, kDay); }));
  if (sent > kMostSentADay)
    return fail(Error{Why::kTooMany, "too many one-time passwords in a day", {}, kDay});
  TRY(send_code(stand_in_for(subject), now));
  return {};
}

Result<Subject> LocalAuthority::half_of(Tx& tx, const Secret& session, Instant now) {
  const auto open = TRY(tx.session(realm_, keys_.hash_of(session)));
  const bool waits = open && !open->challenge.empty() && now < open->until;
  if (!waits) return fail(Why::kInvalidToken, "nobody is logged in");
  auto subject = TRY(tx.subject(realm_, open->subject));
  if (!subject) return fail(Why::kInvalidToken, "nobody is logged in");
  TRY(may_act(*subject));
  return *std::move(subject);
}

Result<OtpKind> LocalAuthority::second_step_of(const Secret& session, Instant now) {
  const auto subject = TRY(store_.read([&](Tx& tx) { return half_of(tx, session, now); }));
  return subject.otp;
}

// checklist 56, 57, 62: counted before it is compared, good once, and the session that
// counts has another id.
Result<Secret> LocalAuthority::second_step(const Secret& session, const Secret& otp, Instant now) {
  const auto subject = TRY(store_.read([&](Tx& tx) { return half_of(tx, session, now); }));
  const Client stand_in = stand_in_for(subject);
  const auto factor = subject.otp == OtpKind::kTyped ? typed_code(otp, stand_in, now)
                                                     : sent_code(otp, stand_in, now);
  if (!factor) {
    tell(now, "sign_in_refused", {}, subject.login, name_of(factor.error().why));
    return fail(factor.error());
  }
  Secret id = crypto::random_base64url(kSessionBytes);
  const Session whole{.realm = realm_,
                      .hash = keys_.hash_of(id),
                      .subject = subject.login,
                      .until = expiry(now, Lifetime{policy_.session_lifetime}),
                      .authenticated = now,
                      .amr = "pwd otp"};
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(half_of(tx, session, now));
    TRY(still_as_read(tx, {.subject = subject}));
    TRY(use_up(tx, stand_in.id, *factor));
    TRY(tx.drop_session(realm_, keys_.hash_of(session)));
    return tx.put_session(whole);
  }));
  tell(now, "sign_in", {}, subject.login, "with a second step");
  return id;
}

}  // namespace latchkey::engine
