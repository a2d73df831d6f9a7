#include "agent/agent.h"

#include <malloc.h>
#include <unistd.h>

#include "agent/hook.h"
#include "agent/routes.h"
#include "base/log.h"
#include "broker/files.h"
#include "net/feed.h"
#include "net/signals.h"
#include "net/unix_listener.h"

namespace latchkey::agent {
namespace {

using namespace std::chrono_literals;

/// Callers who wait for a renewal when the agent ends.
constexpr std::chrono::milliseconds kDrainPatience{10'000};

net::ServerLimits limits() {
  net::ServerLimits limits;
  limits.header_bytes = 8 * 1024;
  limits.header_fields = 32;
  limits.body_bytes = 4 * 1024;  // a passphrase
  limits.connections = 256;
  limits.header_time = 5s;
  limits.body_time = 5s;
  limits.write_time = 5s;
  limits.idle_time = 10s;
  return limits;
}

http::Response head_of_events() {
  http::Response head;
  head.headers.add("Content-Type", "application/x-ndjson").add("Cache-Control", "no-store");
  return head;
}

Result<net::UnixListener> listen(const Options& options) {
  if (options.handed >= 0) return net::UnixListener::adopt(options.handed);
  if (options.socket.empty())
    return fail(Why::kUsage, "there is no place for the agent's socket: set XDG_RUNTIME_DIR");
  TRY(broker::make_private_directory(broker::directory_of(options.socket)));
  return net::UnixListener::make(options.socket);
}

/// What the hook is told, and what it must not see: the variables that hold secrets.
Hook::Call call_of(const broker::Config& config, const json::Object& event) {
  Hook::Call call{config.agent.notify, json::write(event) + "\n", {}, {}};
  const auto text = [&](const char* variable, const json::Value* value) {
    const std::string* string = value == nullptr ? nullptr : value->as_string();
    if (string != nullptr) call.variables[variable] = *string;
  };
  text("LATCHKEY_EVENT", event.find("event"));
  text("LATCHKEY_PROFILE", event.find("profile"));
  text("LATCHKEY_AT", event.find("at"));
  text("LATCHKEY_MESSAGE", event.find("message"));
  const auto clock = [&](const std::string& name, const char* of) {
    const json::Value* value = event.find(of);
    const json::Object* face = value == nullptr ? nullptr : value->as_object();
    if (face == nullptr) return;
    text(("LATCHKEY_" + name + "_UNTIL").c_str(), face->find("until"));
    text(("LATCHKEY_" + name + "_REMEDY").c_str(), face->find("remedy"));
  };
  clock("ACCESS", "access");
  clock("HUMAN", "human");
  for (const auto& [name, profile] : config.profiles)
    for (const auto& [question, source] : profile.sources)
      if (source.kind == broker::SecretSource::Kind::kVariable)
        call.hidden.push_back(source.words.front());
  return call;
}

class Agent {
 public:
  explicit Agent(Options options) : options_(std::move(options)) {}

  Result<> run() {
    net::UnixListener listener = TRY(listen(options_));
    TRY(make_server(listener));
    make_service(listener);
    const net::StopSignals signals([this] { stop(); });
    log::write(log::Level::kInfo, "started",
               {{"socket", listener.path()}, {"pid", static_cast<long long>(getpid())}});
    server_->post([this] { service_->tick(); });
    if (options_.ready) options_.ready();
    server_->run();
    service_->stop();
    log::write(log::Level::kInfo, "stopped");
    return {};
  }

 private:
  void stop() {
    if (server_) server_->drain(kDrainPatience);
  }

  void tick() {
    service_->tick();
    if (options_.tick) options_.tick();
    if (is_reachable_()) return;
    log::write(log::Level::kWarn, "socket_gone");  // its folder was removed: a logout
    stop();
  }

  Result<> make_server(net::UnixListener& listener) {
    net::ServerOptions options;
    options.listener = listener.release();
    options.only_user = geteuid();
    options.give_way = true;
    options.limits = limits();
    options.on_refused = [this](const net::Refused& refused) {
      return problem(refused.status, "refused", std::string(refused.why),
                     options_.exit_code(Why::kUsage));
    };
    options.feed_of = [this](const http::Request& request) {
      return Routes::wants_events(request) ? feed_ : nullptr;
    };
    options.on_tick = [this] { tick(); };
    server_ = TRY(
        net::HttpServer::make(std::move(options), [this](http::Request request, net::Reply reply) {
          routes_->handle(std::move(request), std::move(reply));
        }));
    return {};
  }

  void make_service(const net::UnixListener& listener) {
    is_reachable_ = [&listener] { return listener.is_reachable(); };
    service_ = std::make_unique<Service>(
        Service::Edges{options_.registry, options_.world, options_.config,
                       [this](std::function<void()> work) { server_->post(std::move(work)); },
                       [this](const broker::Config& config, const broker::Profile& profile,
                              const Event& event) { tell(config, profile, event); }});
    routes_ = std::make_unique<Routes>(
        *service_, Routes::About{options_.version, listener.path(), options_.view,
                                 options_.world.clock->now(), options_.exit_code,
                                 [this] { return feed_->listeners(); }, [this] { stop(); }});
  }

  void tell(const broker::Config& config, const broker::Profile& profile, const Event& event) {
    const json::Object told = described(profile, event);
    feed_->publish(json::write(told) + "\n");
    if (!config.agent.notify.empty()) hook_.run(call_of(config, told));
    std::vector<log::Field> fields = {{"profile", event.profile.text}};
    if (event.error) {
      fields.emplace_back("error", std::string_view(latchkey::name_of(event.error->why)));
      fields.emplace_back("message", event.error->say);
    }
    log::write(event.what == What::kRotated ? log::Level::kInfo : log::Level::kWarn,
               name_of(event.what), fields);
  }

  const Options options_;
  const std::shared_ptr<net::Feed> feed_ = std::make_shared<net::Feed>(head_of_events());
  std::function<bool()> is_reachable_;
  std::unique_ptr<net::HttpServer> server_;
  Hook hook_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Routes> routes_;
};

}  // namespace

Result<> run(Options options) {
  // The crew's threads come and go; an arena for each would be what the agent is made of.
  mallopt(M_ARENA_MAX, 1);
  return Agent(std::move(options)).run();
}

}  // namespace latchkey::agent
