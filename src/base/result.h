#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <utility>

namespace latchkey {

/// Why something was not done. The list is closed: each dialect spells every
/// reason on its own wire, and -Wswitch shows the ones it forgot. There are as
/// many members as there are different things to do about them.
enum class Why {
  // About the question.
  kMalformed,    ///< it cannot be read, or a required part is missing
  kUnsupported,  ///< no such operation, endpoint or grant type here
  kNotFound,     ///< the thing that it names does not exist
  kConflict,     ///< it contradicts what is already so (an id used twice)
  // About who asks.
  kBadCredentials,  ///< client or user is unknown, or the secret is wrong
  kOtpRequired,     ///< right so far, but a one-time password is needed
  kOtpWrong,        ///< the one-time password is wrong, used or too old
  kPending,         ///< a person has been asked and has not answered yet
  kDeclined,        ///< a person was asked and said no
  kForbidden,       ///< known, but may not do this (tier, scope, suspended)
  // About the token.
  kInvalidToken,  ///< not a token of ours
  kExpired,       ///< was one, its time is over
  kRevoked,       ///< was one, somebody ended it
  kReplayed,      ///< single use, and spent before
  // About the moment.
  kTooMany,      ///< slow down; `retry_after` says how much
  kUnavailable,  ///< try again later: unreachable, busy, draining
  // Only a broker says these; no authority sends them.
  kPersonNeeded,  ///< a person must act (log in, approve); `say` names the command
  kUnknownName,   ///< no profile, provider or account of that name
  kPolicy,        ///< the user's own settings forbid it
  kStore,         ///< the vault is locked, unwritable, unsafe or corrupt
  kNoAnswer,      ///< the request may have arrived, its answer did not; it may have happened
  kLostRotation,  ///< a single-use token was spent and its answer is lost
  kBadResponse,   ///< the provider's answer cannot be understood
  kUsage,         ///< the command line is wrong
  // A defect of ours.
  kBug,
};

/// The reason's name as logs and tests write it: "bad_credentials".
const char* name_of(Why why);

/// Every member of Why, in order; for tables that must cover the whole list.
inline constexpr Why kEveryWhy[] = {
    Why::kMalformed,    Why::kUnsupported,  Why::kNotFound,    Why::kConflict, Why::kBadCredentials,
    Why::kOtpRequired,  Why::kOtpWrong,     Why::kPending,     Why::kDeclined, Why::kForbidden,
    Why::kInvalidToken, Why::kExpired,      Why::kRevoked,     Why::kReplayed, Why::kTooMany,
    Why::kUnavailable,  Why::kPersonNeeded, Why::kUnknownName, Why::kPolicy,   Why::kStore,
    Why::kNoAnswer,     Why::kLostRotation, Why::kBadResponse, Why::kUsage,    Why::kBug};

struct Error {
  Why why = Why::kBug;
  std::string say = {};                 ///< safe to show to whoever asked; never holds a secret
  std::string note = {};                ///< for our own log; no codec may read it
  std::chrono::seconds retry_after{0};  ///< zero: the authority did not say

  friend bool operator==(const Error&, const Error&) = default;
};

/// A value, or why there is none. Derived from std::expected only to be
/// [[nodiscard]], which std::expected is not.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// `return fail(Why::kMalformed, "no such field");`
inline std::unexpected<Error> fail(Why why, std::string say = {}, std::string note = {}) {
  return std::unexpected<Error>(Error{why, std::move(say), std::move(note), {}});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace latchkey

/// The value of a Result, or return its error from the enclosing function.
/// Only to initialise a named variable or standing alone as a statement, and
/// never in a coroutine: a temporary in the same full expression would leak
/// (docs/mistakes.md). tools/check_source.py holds the rule.
#define TRY(...)                                                       \
  ({                                                                   \
    auto latchkey_try_result = (__VA_ARGS__);                          \
    if (!latchkey_try_result.has_value()) [[unlikely]]                 \
      return ::latchkey::fail(std::move(latchkey_try_result).error()); \
    std::move(latchkey_try_result).operator*();                        \
  })
