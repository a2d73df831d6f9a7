// agent::Routes: what anybody who reaches the socket asks of an agent, here one that has no
// configuration; and each answer as a client reads it off the wire.

#include "agent/routes.h"

#include "base/exit_code.h"
#include "client/agent_client.h"
#include "dialect/registry.h"
#include "fuzz.h"
#include "http_text.h"
#include "net/http_writer.h"

using namespace latchkey;

namespace {

constexpr Instant kNow = from_epoch(1'772'366'400);
constexpr std::string_view kView = "/etc/latchkey";

class StoppedClock final : public Clock {
 public:
  Instant now() const override { return kNow; }
};

struct Told {
  int answers = 0;
  int stops = 0;
  bool locked = false;
  http::Response response = {};
};

broker::World nowhere() {
  static const StoppedClock clock;
  broker::World world;
  world.clock = &clock;
  world.environment = [](const char*) { return std::nullopt; };
  return world;
}

Told ask(const http::Request& request) {
  static const dialect::Registry none;
  agent::Service service(
      {.registry = &none, .world = nowhere(), .config = "", .post = {}, .tell = {}});
  Told told;
  agent::Routes routes(service, {.version = "1",
                                 .socket = "agent.sock",
                                 .view = std::string(kView),
                                 .started = kNow,
                                 .exit_code = exit_code,
                                 .listeners = [] { return std::size_t{0}; },
                                 .stop = [&] { ++told.stops; }});
  routes.handle(request, [&](http::Response response) {
    ++told.answers;
    told.response = std::move(response);
  });
  told.locked = service.is_locked();
  service.stop();
  return told;
}

bool is_local(const http::Headers& headers) {
  const std::string* host = headers.find("Host");
  return host != nullptr && (*host == "localhost" || *host == "latchkey") &&
         headers.count("Origin") == 0;
}

void check_refusal(const http::Response& response) {
  const auto said = json::parse(response.body);
  fuzz::must(said && said->as_object() != nullptr, "a refusal is a JSON object");
  const auto message = json::string_field(*said->as_object(), "message");
  const auto code = json::int_field(*said->as_object(), "exit_code");
  fuzz::must(json::string_field(*said->as_object(), "error").has_value(), "a refusal has a word");
  fuzz::must(message && !message->empty() && !fuzz::has_control(*message),
             "a refusal has a printable message");
  fuzz::must(code && *code > kOk && *code <= kNotUnderstood, "a refusal has an exit code");
}

void check_written(const http::Response& response) {
  std::string text;
  net::write_head(text, response, {.close = true}, net::http_date(kNow));
  const auto reply = client::read_reply(text + response.body);
  fuzz::must(reply && reply->status == response.status && reply->body == response.body,
             "a client reads what the agent writes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = fuzz::take_request(fuzz::text_of(data, size));
  if (!request) return 0;
  const std::string& path = request->target.path;
  if (request->method == "POST" && path == "/v1/unlock") return 0;  // work for a thread
  const Told told = ask(*request);
  fuzz::must(told.answers == 1, "who asks is answered once");

  const bool local = is_local(request->headers);
  const std::string* view = request->headers.find("Latchkey-View");
  const bool heard = local && (view == nullptr || *view == kView);
  const int status = told.response.status;
  fuzz::must(local || status == 403, "no page of the web is heard");
  fuzz::must(heard || !local || status == 409, "nobody with another view is heard");
  fuzz::must(local || !agent::Routes::wants_events(*request), "no page of the web hears events");
  const auto posted = [&](std::string_view to) {
    return heard && request->method == "POST" && path == to;
  };
  fuzz::must(told.stops == (posted("/v1/stop") ? 1 : 0), "an agent stops when it is told to");
  fuzz::must(told.locked == posted("/v1/lock"), "an agent is locked when it is told to");
  if (status >= 400) check_refusal(told.response);
  check_written(told.response);
  return 0;
}
