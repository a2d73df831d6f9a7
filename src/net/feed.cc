#include "net/feed.h"

#include <algorithm>

#include "net/loop.h"

namespace latchkey::net {
namespace {

constexpr auto is_gone = [](const auto& listener) { return listener.second.expired(); };

}  // namespace

void Feed::publish(std::string text) {
  const auto shared = std::make_shared<const std::string>(std::move(text));
  const std::scoped_lock lock(mutex_);
  std::erase_if(listeners_, is_gone);
  for (const auto& [home, connection] : listeners_)
    home->post([connection, shared] {
      if (const auto listening = connection.lock()) listening->push(shared);
    });
}

std::size_t Feed::listeners() const {
  const std::scoped_lock lock(mutex_);
  return listeners_.size() - static_cast<std::size_t>(std::ranges::count_if(listeners_, is_gone));
}

bool Feed::subscribe(std::shared_ptr<Home> home, std::weak_ptr<ConnectionBase> connection) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(listeners_, is_gone);
  if (listeners_.size() >= kMostListeners) return false;
  listeners_.emplace_back(std::move(home), std::move(connection));
  return true;
}

}  // namespace latchkey::net
