// Latchkey with completion tokens of Boost.Asio (1.79 or later):
//
//   latchkey::async_token(ring, "desk", {}, boost::asio::use_future)
//   co_await latchkey::async_token(ring, "desk", {}, boost::asio::use_awaitable)
//
// The signature is void(std::exception_ptr, latchkey::Token); the exception is a
// latchkey::Error. The handler runs on its associated executor, which is kept busy until
// then. Cancelling through the handler's cancellation slot ends the request.
#ifndef LATCHKEY_ASIO_HPP
#define LATCHKEY_ASIO_HPP

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <latchkey.hpp>

#include <mutex>

namespace latchkey {
inline namespace v1 {
namespace detail {

/// A request whose handle comes only after it may have been cancelled.
class Cancellable {
 public:
  void started(Request request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    request_ = std::move(request);
    if (cancelled_) request_.cancel();
  }
  void cancel() {
    const std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
    request_.cancel();
  }

 private:
  std::mutex mutex_;
  Request request_;
  bool cancelled_ = false;
};

struct InitiateToken {
  Ring* ring;

  template <class Handler>
  void operator()(Handler handler, std::string profile, Ask ask) const {
    namespace asio = boost::asio;
    auto work = asio::make_work_guard(asio::get_associated_executor(handler));
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto request = std::make_shared<Cancellable>();
    if (slot.is_connected()) slot.assign([request](asio::cancellation_type) { request->cancel(); });
    // Shared: the library may have to be told no after the handler was given away.
    auto kept = std::make_shared<Handler>(std::move(handler));
    auto finish = [kept, work, slot](std::exception_ptr error, Token token) mutable {
      asio::dispatch(work.get_executor(),
                     [kept, slot, error = std::move(error), token = std::move(token)]() mutable {
                       if (slot.is_connected()) slot.clear();
                       Handler last = std::move(*kept);
                       kept.reset();
                       std::move(last)(std::move(error), std::move(token));
                     });
      work.reset();
    };
    try {
      request->started(
          ring->request(profile, ask, [finish](const Error* error, Token token) mutable {
            finish(error == nullptr ? nullptr : std::make_exception_ptr(*error), std::move(token));
          }));
    } catch (const Error& error) {
      // Not from inside of the call that began it.
      asio::post(work.get_executor(),
                 [finish, error]() mutable { finish(std::make_exception_ptr(error), Token()); });
    }
  }
};

}  // namespace detail

/// A token that lives for `ask.need` or longer; `ring` must live until then.
template <class CompletionToken>
auto async_token(Ring& ring, std::string profile, Ask ask, CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, Token)>(
      detail::InitiateToken{&ring}, token, std::move(profile), ask);
}

}  // namespace v1
}  // namespace latchkey

#endif  // LATCHKEY_ASIO_HPP
