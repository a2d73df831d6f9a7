// latchkey: the broker on the command line. The concrete parts are chosen here
// and nowhere else.

#include <sys/prctl.h>
#include <sys/resource.h>

#include "apps/dialects.h"
#include "base/text.h"
#include "cli/agent_answer.h"
#include "cli/command.h"
#include "client/world.h"
#include "net/loopback_server.h"

namespace {

using namespace latchkey;

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
  rlimit cores{};
  getrlimit(RLIMIT_CORE, &cores);
  cores.rlim_cur = 0;  // the hard limit stays, for a command that is run
  setrlimit(RLIMIT_CORE, &cores);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int main(int argc, char** argv) {
  close_the_curtains();
  if (const auto done = cli::fast_path(argc, argv)) return *done;
  const dialect::Registry registry = apps::all_dialects();
  const cli::Edges edges{&registry, client::real_world(), callback};
  return cli::run(argc, argv, edges);
}
