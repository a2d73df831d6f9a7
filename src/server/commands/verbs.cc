#include <unistd.h>

#include "net/http_client.h"
#include "server/admin/dispatch.h"
#include "server/admin/problem.h"
#include "server/commands/office.h"
#include "server/commands/output.h"
#include "server/commands/sandbox_remote.h"
#include "server/commands/verb_line.h"
#include "server/state_lock.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kLargestAnswer = 64 << 20;
constexpr std::size_t kDeepestAnswer = 16;
/// A password is hashed, and a queue may be before it.
constexpr std::chrono::milliseconds kPatience{60'000};

Result<json::Value> ask_authority(const std::string& socket, const Verb& verb,
                                  const json::Object& members) {
  const auto client = TRY(net::HttpClient::make({.base_url = "http://localhost",
                                                 .unix_socket = socket,
                                                 .user_agent = "latchkeyd",
                                                 .total_time = kPatience,
                                                 .body_bytes = kLargestAnswer}));
  http::Request request{.method = verb.changes ? "POST" : "GET", .target = {path_of(verb), {}}};
  if (verb.changes) {
    request.headers.add("Content-Type", "application/json");
    request.body = json::write(members);
  } else {
    request.target.query = query_of(verb.parameters, members);
  }
  const auto response = client->send(request);
  if (!response)
    return fail(
        response.error().why,
        "an authority runs, and cannot be asked through " + socket + ": " + response.error().say,
        response.error().note);
  if (response->status == 204) return json::Value();
  if (response->status != 200) return fail(error_of(*response));
  return json::parse(response->body, {.bytes = kLargestAnswer, .depth = kDeepestAnswer});
}

Result<json::Value> act_here(const Edges& edges, const Chosen& chosen, const Verb& verb,
                             const json::Object& members) {
  const Office office = TRY(open_office(edges, chosen.config));
  const auto audit = TRY(open_audit(office));
  const Desk desk{office.config.realms, *office.admin, office.now};
  return carry_out(verb, members, desk, audit.get(), "uid " + std::to_string(getuid()) + " (here)");
}

Result<> show(const Verb& verb, const json::Value& value, const Chosen& chosen,
              const std::string& secret_file) {
  switch (verb.gives) {
    case Gives::kNothing: return {};
    case Gives::kRows:
      return print_array(value, chosen, {verb.columns.begin(), verb.columns.end()});
    case Gives::kObject: return print_object(value, chosen);
    case Gives::kSecrets: break;
  }
  std::vector<std::pair<std::string, Secret>> named;
  if (const auto* object = value.as_object())
    for (const auto& [name, one] : *object)
      if (const auto* text = one.as_string()) named.emplace_back(name, Secret(*text));
  return hand_out(named, secret_file, chosen.json);
}

Result<> run_verb(const Edges& edges, const Chosen& chosen, const Verb& verb,
                  const VerbLine& line) {
  if (chosen.config.empty()) return fail(Why::kUsage, "which authority? give --config FILE");
  const Config config = TRY(read_config(chosen.config, *edges.registry));
  const json::Object members = TRY(line.members(verb));
  const bool runs = StateLock::is_held(config.state_directory);
  if (runs && config.admin.socket.empty())
    return fail(Why::kConflict, "an authority runs, and has no admin.socket to be asked through");
  const json::Value value = TRY(runs ? ask_authority(config.admin.socket, verb, members)
                                     : act_here(edges, chosen, verb, members));
  return show(verb, value, chosen, line.secret_file());
}

}  // namespace

void add_verbs(CLI::App& app, Chosen& chosen) {
  for (const auto& noun : nouns()) {
    CLI::App* group = app.add_subcommand(std::string(noun.name), std::string(noun.help));
    group->fallthrough();
    for (const auto& verb : verbs()) {
      if (verb.noun != noun.name) continue;
      CLI::App* own = group;
      if (!verb.name.empty()) {
        group->require_subcommand(1);
        own = group->add_subcommand(std::string(verb.name), std::string(verb.help));
        own->fallthrough();
      }
      auto line = std::make_shared<VerbLine>();
      line->bind(*own, verb);
      own->callback([&chosen, &verb, line] {
        chosen.run = [&chosen, &verb, line](const Edges& edges) {
          return run_verb(edges, chosen, verb, *line);
        };
      });
    }
  }
}

}  // namespace latchkey::server
