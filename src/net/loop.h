#pragma once

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "net/http_server.h"

namespace latchkey::net {

/// TCP or Unix. Not generic::stream_protocol::socket: its type-erased executor costs
/// every operation an allocation.
using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                boost::asio::io_context::executor_type>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// What all connections of one server share.
struct ServerShared {
  ServerOptions options;
  Handler handler;
  std::atomic<int> open{0};  ///< connections, over all loops

  http::Response refused(const Refused& refused) const;
};

/// A connection as its loop sees it. Lives and dies on the loop's thread.
class ConnectionBase : public boost::intrusive::list_base_hook<
                           boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~ConnectionBase() = default;
  virtual void start() = 0;
  /// The handler's answer; nullopt: it never gave one.
  virtual void answer(std::optional<http::Response> response, Delivery how) = 0;
  /// More of a stream (feed.h); ignored on a connection that is none.
  virtual void push(std::shared_ptr<const std::string> text) = 0;
  /// Room is needed: closes if it only waits for its peer, and says whether it did.
  virtual bool give_way() = 0;
  /// The deadline has passed.
  virtual void too_late() = 0;
  /// No more requests: closes now if idle.
  virtual void drain() = 0;
  /// Ends it whatever it does.
  virtual void cut() = 0;

  SteadyTime deadline = SteadyTime::max();
};

/// The way to a loop from other threads, which may be left after the loop is gone.
class Home {
 public:
  explicit Home(boost::asio::io_context& io) : io_(&io) {}
  void close() {
    std::scoped_lock lock(mutex_);
    io_ = nullptr;
  }
  bool is_this_thread() {
    std::scoped_lock lock(mutex_);
    return io_ != nullptr && io_->get_executor().running_in_this_thread();
  }
  /// Runs `work` on the loop's thread, or drops it here when the loop is gone.
  template <class F>
  void post(F work) {
    std::scoped_lock lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(work));
  }

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
};

/// One thread's share of a server. Connections do not arm timers: one coarse tick
/// looks at all deadlines, which costs a request one store.
class Loop {
 public:
  static constexpr std::chrono::milliseconds kTick{100};
  static constexpr std::chrono::milliseconds kDrainTick{10};

  ~Loop();

  // On the loop's thread only:
  void add(ConnectionBase& connection);
  void drain(SteadyTime end);
  /// Closes the oldest connection that waits for its peer, if there is one.
  void make_room();
  bool draining() const { return draining_; }
  /// The present as a Date header writes it.
  std::string_view date();

 private:
  void arm();
  void tick();

  using List = boost::intrusive::list<ConnectionBase, boost::intrusive::constant_time_size<false>>;
  List connections_;  // before io: handlers that io destroys hold connections

 public:
  boost::asio::io_context io{1};
  const std::shared_ptr<Home> home = std::make_shared<Home>(io);

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;
  Timer timer_{io};
  bool armed_ = false;
  bool draining_ = false;
  SteadyTime end_ = SteadyTime::max();
  std::string date_;
  long long date_second_ = -1;
};

}  // namespace latchkey::net
