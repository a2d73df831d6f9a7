// latchkey: the broker on the command line. The concrete parts are chosen here
// and nowhere else.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <thread>

#include "apps/dialects.h"
#include "base/text.h"
#include "cli/command.h"
#include "net/clock.h"
#include "net/http_client.h"
#include "net/loopback_server.h"

namespace {

using namespace latchkey;

/// The machine's clock, moved by $LATCHKEY_CLOCK_OFFSET: an aid for tests that run
/// against a sandbox whose clock was moved (docs/commands.md).
class BrokerClock final : public Clock {
 public:
  explicit BrokerClock(const char* offset)
      : offset_(parse_duration(offset == nullptr ? "0s" : offset).value_or(Seconds{0})) {}
  Instant now() const override { return machine_.now() + offset_; }

 private:
  net::SystemClock machine_;
  Seconds offset_;
};

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

/// Where a loopback redirect URI wants its listener.
Result<net::LoopbackServer::Options> listener_of(const std::string& redirect_uri) {
  const auto host = redirect_uri.find("://");
  const auto slash = redirect_uri.find('/', host + 3);
  const auto colon = redirect_uri.rfind(':', slash);
  const auto port = parse_int(std::string_view(redirect_uri).substr(colon + 1, slash - colon - 1));
  if (host == std::string::npos || colon <= host || !port || *port < 1 || *port > 65535)
    return fail(Why::kUsage, "redirect_uri needs a port on this machine: http://127.0.0.1:8000/cb");
  net::LoopbackServer::Options options;
  options.port = static_cast<std::uint16_t>(*port);
  if (slash != std::string::npos) options.path = redirect_uri.substr(slash);
  return options;
}

Result<http::Target> callback(const std::string& redirect_uri, Seconds patience,
                              const std::function<void()>& ready) {
  auto options = TRY(listener_of(redirect_uri));
  const auto server = TRY(net::LoopbackServer::make(std::move(options)));
  ready();
  auto target = server->wait_until(std::chrono::steady_clock::now() + patience);
  if (!target) return fail(Why::kPersonNeeded, "nobody came back from the browser in time");
  return std::move(*target);
}

/// No core dump may hold a token, and no other process may look into this one.
void close_the_curtains() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int main(int argc, char** argv) {
  close_the_curtains();
  const dialect::Registry registry = apps::all_dialects();
  const BrokerClock clock(std::getenv("LATCHKEY_CLOCK_OFFSET"));
  cli::Edges edges;
  edges.registry = &registry;
  edges.callback = callback;
  edges.world.clock = &clock;
  edges.world.connect = connect;
  edges.world.wait = [](Seconds pause) { std::this_thread::sleep_for(pause); };
  edges.world.environment = environment;
  return cli::run(argc, argv, edges);
}
