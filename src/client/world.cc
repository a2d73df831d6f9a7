#include "client/world.h"

#include <cstdlib>
#include <thread>

#include "base/text.h"
#include "net/clock.h"
#include "net/http_client.h"

namespace latchkey::client {
namespace {

template <class Machine>
class Moved final : public Clock {
 public:
  explicit Moved(const char* offset)
      : offset_(parse_duration(offset == nullptr ? "0s" : offset).value_or(Seconds{0})) {}
  Instant now() const override { return machine_.now() + offset_; }

 private:
  Machine machine_;
  Seconds offset_;
};

/// Never destroyed: a thread of a library may still read it when its host exits.
template <class Machine>
const Clock& moved_clock() {
  static const Clock& clock = *new Moved<Machine>(std::getenv("LATCHKEY_CLOCK_OFFSET"));
  return clock;
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

Result<std::unique_ptr<http::Client>> connect(const broker::Profile& profile,
                                              const std::string& url) {
  net::ClientOptions options;
  options.base_url = url;
  options.ca_file = profile.ca_file;
  options.user_agent = std::string("latchkey/") + LATCHKEY_VERSION;
  options.total_time = profile.timeout;
  options.connect_time = std::min<std::chrono::milliseconds>(profile.timeout, options.connect_time);
  std::unique_ptr<http::Client> client = TRY(net::HttpClient::make(std::move(options)));
  return client;
}

}  // namespace

const Clock& coarse_clock() { return moved_clock<net::CoarseClock>(); }

broker::World real_world() {
  broker::World world;
  world.clock = &moved_clock<net::SystemClock>();
  world.connect = connect;
  world.wait = [](Seconds pause) { std::this_thread::sleep_for(pause); };
  world.environment = environment;
  return world;
}

}  // namespace latchkey::client
