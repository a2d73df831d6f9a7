#pragma once

#include "broker/entry.h"

namespace latchkey::broker {

enum class Step {
  kUse,        ///< hand out what is there
  kRecover,    ///< a single-use token may have been spent; find out by the provider's rule
  kRefresh,    ///< spend the refresh token
  kDelegate,   ///< get a new one with the company's token
  kLogIn,      ///< log in with what is kept; no person is needed
  kAskPerson,  ///< nothing is left that works without one
};

/// What a profile may do without a person.
struct Means {
  bool delegates = false;  ///< the provider's tokens come from a company's token
  bool can_log_in_alone = false;
};

/// A token that was renewed less than this ago, and is over all the same, is not
/// renewed again: the next one would be over too. So a clock that is wrong cannot make
/// every call a renewal.
inline constexpr Seconds kFresh{10};

/// Says what must happen before a token may be handed out.
///
///   the entry ...                                        | step
///   has an access token that lives for `need` or longer  | kUse
///   … or one that is over, but renewed within kFresh     | kUse
///   was being refreshed when its process died            | kRecover
///   has a refresh token that is alive                    | kRefresh
///   has a company token that is alive, to delegate from  | kDelegate
///   has what a login needs, without a person             | kLogIn
///   has nothing left to spend                            | kAskPerson
///
/// Rows are tried from the top. No stated end means alive. Reads no clock, file
/// or socket: every caller acts on this one answer.
Step decide(const Entry& entry, const Means& means, Instant now, Seconds need);

/// The same, as if the access token were dead: for `latchkey refresh`.
Step decide_renewal(const Entry& entry, const Means& means, Instant now);

/// When a person must act next, if nothing else goes wrong: when the login
/// itself dies. nullopt: never, as far as anybody has said.
std::optional<Instant> next_human_action(const Entry& entry, const Means& means, Instant now);

/// True when the access token was renewed less than kFresh ago. A time of renewal
/// that is yet to come was written by a clock that has been set back: not fresh.
bool is_fresh(const Entry& entry, Instant now);

/// True while the token is there and not past its end.
bool alive(const Secret& token, const std::optional<Instant>& until, Instant at);

}  // namespace latchkey::broker
