#pragma once

#include "net/loop.h"

namespace latchkey::net {

/// Makes sure that a request is answered once, whatever becomes of the Reply. It
/// may outlive the connection and the server; then nobody hears the answer.
class Pending final : public Replier {
 public:
  Pending(std::shared_ptr<Home> home, std::weak_ptr<ConnectionBase> connection)
      : home_(std::move(home)), connection_(std::move(connection)) {}
  ~Pending() override { tell_once(std::nullopt, {}); }
  Pending(const Pending&) = delete;

  void answer(http::Response response, Delivery how) override {
    tell_once(std::move(response), how);
  }
  void post(std::move_only_function<void()> work) override { home_->post(std::move(work)); }

 private:
  void tell_once(std::optional<http::Response> response, Delivery how) {
    if (done_.exchange(true)) return;
    if (home_->is_this_thread()) return tell(connection_, std::move(response), how);
    // Never locked here: a connection must end on its own thread.
    home_->post([to = std::move(connection_), r = std::move(response), how]() mutable {
      tell(to, std::move(r), how);
    });
  }

  static void tell(const std::weak_ptr<ConnectionBase>& to, std::optional<http::Response> response,
                   Delivery how) {
    if (const auto connection = to.lock()) connection->answer(std::move(response), how);
  }

  const std::shared_ptr<Home> home_;
  std::weak_ptr<ConnectionBase> connection_;
  std::atomic<bool> done_{false};
};

}  // namespace latchkey::net
