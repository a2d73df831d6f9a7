// Latchkey for C++17 and later: latchkey.h with owners, exceptions and futures.
//
//   latchkey::Ring ring;
//   latchkey::Token token = ring.token("desk");
//   for (auto [name, value] : token.headers()) ...
//
// What latchkey.h says of threads, fork and waiting holds here too. latchkey_asio.hpp has
// the same for completion tokens of Boost.Asio.
#ifndef LATCHKEY_HPP
#define LATCHKEY_HPP

#include <latchkey.h>

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey {
inline namespace v1 {

/// Why a call failed; what() is one line that says what to do next.
class Error : public std::runtime_error {
 public:
  Error(int code, const std::string& what, std::chrono::seconds retry_after)
      : std::runtime_error(what), code_(code), retry_after_(retry_after) {}
  /// One of latchkey.h: LATCHKEY_PERSON_NEEDED, LATCHKEY_TRY_LATER …
  int code() const noexcept { return code_; }
  /// As the provider said; zero: it did not.
  std::chrono::seconds retry_after() const noexcept { return retry_after_; }

 private:
  int code_;
  std::chrono::seconds retry_after_;
};

/// A token; copies share it, and it is wiped with the last of them. An empty one may
/// only be assigned to, destroyed or tested.
class Token {
 public:
  using TimePoint = std::chrono::system_clock::time_point;

  Token() = default;
  explicit Token(latchkey_token* owned) : owned_(owned) {}
  Token(const Token& other)
      : owned_(other.owned_ == nullptr ? nullptr : latchkey_token_copy(other.owned_)) {}
  Token(Token&& other) noexcept : owned_(std::exchange(other.owned_, nullptr)) {}
  Token& operator=(Token other) noexcept {
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~Token() { latchkey_token_free(owned_); }

  explicit operator bool() const noexcept { return owned_ != nullptr; }
  /// Lives as long as a copy of this token.
  std::string_view text() const {
    return {latchkey_token_text(owned_), latchkey_token_size(owned_)};
  }
  /// nullopt: no end was stated.
  std::optional<TimePoint> until() const {
    const auto until = latchkey_token_until(owned_);
    if (until == LATCHKEY_NEVER) return std::nullopt;
    return TimePoint(std::chrono::seconds(until));
  }
  /// "", or why this is not all that was asked for.
  std::string_view warning() const { return latchkey_token_warning(owned_); }
  /// The header fields that carry it; they live as long as it.
  std::vector<std::pair<std::string_view, std::string_view>> headers() const {
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    for (std::size_t at = 0; at < latchkey_token_headers(owned_); ++at)
      fields.emplace_back(latchkey_token_header_name(owned_, at),
                          latchkey_token_header_value(owned_, at));
    return fields;
  }
  const latchkey_token* get() const noexcept { return owned_; }

 private:
  latchkey_token* owned_ = nullptr;
};

/// What is asked of a token. Negative: the usual.
struct Ask {
  std::chrono::seconds need{LATCHKEY_USUAL_NEED};             ///< how long it must live
  std::chrono::milliseconds timeout{LATCHKEY_USUAL_TIMEOUT};  ///< how long to wait; 0: memory only
};

/// Of the two clocks; nullopt: never, as far as is known.
struct Status {
  bool logged_in = false;
  bool alive = false;
  std::optional<Token::TimePoint> access_until;
  std::optional<Token::TimePoint> refresh_until;
  std::optional<Token::TimePoint> human_action;  ///< when a person must act
  std::string remedy;                            ///< what helps then
};

/// A request under way. Letting go of it does not end it.
class Request {
 public:
  Request() = default;
  explicit Request(latchkey_request* owned) : owned_(owned) {}
  Request(Request&& other) noexcept : owned_(std::exchange(other.owned_, nullptr)) {}
  Request& operator=(Request other) noexcept {
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~Request() { latchkey_request_free(owned_); }
  /// Its callback gets LATCHKEY_CANCELLED, unless the result is already there.
  void cancel() { latchkey_cancel(owned_); }

 private:
  latchkey_request* owned_ = nullptr;
};

namespace detail {

inline Error error_of(int code, latchkey_error* error) {
  const std::unique_ptr<latchkey_error, decltype(&latchkey_error_free)> owned(error,
                                                                              &latchkey_error_free);
  if (!owned) return Error(code, "latchkey: out of memory", std::chrono::seconds(0));
  return Error(code, latchkey_error_text(owned.get()),
               std::chrono::seconds(latchkey_error_retry_after(owned.get())));
}

[[noreturn]] inline void fail(int code, latchkey_error* error) { throw error_of(code, error); }

inline std::optional<Token::TimePoint> time(std::int64_t at) {
  if (at == LATCHKEY_NEVER) return std::nullopt;
  return Token::TimePoint(std::chrono::seconds(at));
}

}  // namespace detail

/// A key ring. Safe from any thread, but for moving and destroying it.
class Ring {
 public:
  /// The user's configuration, or the one that is named.
  explicit Ring(const std::string& config = {}) {
    latchkey_options options{};
    options.size = sizeof options;
    options.config = config.empty() ? nullptr : config.c_str();
    open(options);
  }
  explicit Ring(const latchkey_options& options) { open(options); }
  Ring(Ring&& other) noexcept : owned_(std::exchange(other.owned_, nullptr)) {}
  Ring& operator=(Ring&& other) noexcept {
    std::swap(owned_, other.owned_);
    return *this;
  }
  /// Waits for what is under way at a provider: latchkey_close.
  ~Ring() { latchkey_close(owned_); }

  /// A token that lives for `ask.need` or longer. Throws Error.
  Token token(const char* profile, Ask ask = {}) {
    latchkey_token* token = nullptr;
    latchkey_error* error = nullptr;
    const int code =
        latchkey_get_token(owned_, profile, ask.need.count(), ask.timeout.count(), &token, &error);
    if (code != LATCHKEY_OK) detail::fail(code, error);
    return Token(token);
  }
  Token token(const std::string& profile, Ask ask = {}) { return token(profile.c_str(), ask); }

  /// Renews now, even if the token lives. Throws Error.
  Token refresh(const std::string& profile, Ask ask = {}) {
    latchkey_token* token = nullptr;
    latchkey_error* error = nullptr;
    const int code = latchkey_refresh(owned_, profile.c_str(), ask.timeout.count(), &token, &error);
    if (code != LATCHKEY_OK) detail::fail(code, error);
    return Token(token);
  }
  /// The provider refused this token (401): it is forgotten. Throws Error.
  void invalidate(const std::string& profile, const Token& refused, Ask ask = {}) {
    latchkey_error* error = nullptr;
    const int code =
        latchkey_invalidate(owned_, profile.c_str(), refused.get(), ask.timeout.count(), &error);
    if (code != LATCHKEY_OK) detail::fail(code, error);
  }
  /// What the vault knows. Throws Error.
  Status status(const std::string& profile, Ask ask = {}) {
    latchkey_status told{};
    told.size = sizeof told;
    latchkey_error* error = nullptr;
    const int code =
        latchkey_get_status(owned_, profile.c_str(), ask.timeout.count(), &told, &error);
    if (code != LATCHKEY_OK) detail::fail(code, error);
    return {told.logged_in != 0,
            told.alive != 0,
            detail::time(told.access_until),
            detail::time(told.refresh_until),
            detail::time(told.human_action),
            told.remedy};
  }

  /// Calls `then(const Error* error, Token token)` once, on a thread of the library; `error`
  /// is null when there is a token, and gone when `then` returns. It must not throw.
  /// Throws Error when there can be no request; then `then` is not called.
  template <class Then>
  Request request(const std::string& profile, Ask ask, Then then) {
    auto kept = std::make_unique<Then>(std::move(then));
    latchkey_request* request = nullptr;
    latchkey_error* error = nullptr;
    const int code =
        latchkey_request_token(owned_, profile.c_str(), ask.need.count(), ask.timeout.count(),
                               &call<Then>, kept.get(), &request, &error);
    if (code != LATCHKEY_OK) detail::fail(code, error);
    static_cast<void>(kept.release());  // `call` has it
    return Request(request);
  }
  /// The same as a future, which has the token or throws Error.
  std::future<Token> later(const std::string& profile, Ask ask = {}) {
    std::promise<Token> promise;
    auto future = promise.get_future();
    request(profile, ask, [promise = std::move(promise)](const Error* error, Token token) mutable {
      if (error != nullptr) promise.set_exception(std::make_exception_ptr(*error));
      else promise.set_value(std::move(token));
    });
    return future;
  }

  latchkey_ring* get() const noexcept { return owned_; }

 private:
  void open(const latchkey_options& options) {
    latchkey_error* error = nullptr;
    const int code = latchkey_open(&options, &owned_, &error);
    if (code != LATCHKEY_OK) detail::fail(code, error);
  }
  template <class Then>
  static void call(void* context, int code, latchkey_token* token, latchkey_error* error) noexcept {
    const std::unique_ptr<Then> then(static_cast<Then*>(context));
    Token owned(token);
    if (code == LATCHKEY_OK) return static_cast<void>((*then)(nullptr, std::move(owned)));
    const Error why = detail::error_of(code, error);
    static_cast<void>((*then)(&why, Token()));
  }

  latchkey_ring* owned_ = nullptr;
};

}  // namespace v1
}  // namespace latchkey

#endif  // LATCHKEY_HPP
