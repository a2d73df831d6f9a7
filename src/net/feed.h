#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/message.h"

namespace latchkey::net {

class ConnectionBase;
class Home;

/// A stream without an end that any number of peers listen to: each hears what is
/// published from its request on. Who does not read is cut off, so that nobody waits
/// for him. Thread-safe.
class Feed {
 public:
  /// Text that a listener has not taken yet; beyond, he is cut off.
  static constexpr std::size_t kMostUnread = 64 * 1024;
  static constexpr std::size_t kMostListeners = 32;

  /// `head`: status and headers of the answer; its body is the first text.
  explicit Feed(http::Response head) : head_(std::move(head)) {}

  void publish(std::string text);
  std::size_t listeners() const;

 private:
  template <class Stream>
  friend class Connection;
  /// False: there are too many.
  bool subscribe(std::shared_ptr<Home> home, std::weak_ptr<ConnectionBase> connection);

  const http::Response head_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::shared_ptr<Home>, std::weak_ptr<ConnectionBase>>> listeners_;
};

}  // namespace latchkey::net
