#include "server/commands/sandbox_verbs.h"

#include <cstdio>

#include "server/commands/output.h"
#include "server/commands/sandbox_remote.h"

namespace latchkey::server {
namespace {

using json::Object;
using json::Value;

struct Args {
  std::string by, system, client, user, transaction;
  std::int64_t last = 0;
};

using Act = Result<> (*)(RemoteSandbox&, const Chosen&, const Args&);

/// Prints how far its clock is from the machine's now, as programs can use it.
Result<> advance(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  const auto moved = TRY(sandbox.post("advance", {{"by", args.by}}));
  if (chosen.json || !moved.as_object()) return print_json(moved);
  const auto now = TRY(json::string_field(*moved.as_object(), "now"));
  const auto offset = TRY(json::string_field(*moved.as_object(), "offset"));
  std::fprintf(stderr, "latchkeyd: the sandbox's clock is at %s\n", now.c_str());
  return print_line(offset);
}

Object only_given(std::initializer_list<std::pair<const char*, std::string>> members) {
  Object body;
  for (const auto& [name, value] : members)
    if (!value.empty()) body.add(name, value);
  return body;
}

Result<> revoke(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  const auto done = TRY(sandbox.post(
      "revoke",
      only_given({{"system", args.system}, {"client", args.client}, {"user", args.user}})));
  return print_object(done, chosen);
}

Result<> enable(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  const auto done =
      TRY(sandbox.post("enable", only_given({{"system", args.system}, {"user", args.user}})));
  return print_object(done, chosen);
}

Result<> restart_day(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  const auto done = TRY(sandbox.post("restart-day", only_given({{"system", args.system}})));
  return print_object(done, chosen);
}

Result<> outbox(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  http::Pairs query;
  if (!args.system.empty()) query.emplace_back("system", args.system);
  const auto all = TRY(sandbox.get("outbox", query));
  return print_array(all, chosen, {"at", "system", "client", "address", "text", "transaction_id"});
}

template <bool kApprove>
Result<> answer_push(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  Object body = only_given({{"transaction", args.transaction}});
  body.add("approve", kApprove);
  const auto done = TRY(sandbox.post("push", body));
  return print_object(done, chosen);
}

Result<> requests(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  http::Pairs query;
  if (args.last > 0) query.emplace_back("last", std::to_string(args.last));
  const auto all = TRY(sandbox.get("requests", query));
  return print_array(all, chosen,
                     {"at", "method", "target", "system", "operation", "status", "why", "note"});
}

Result<> info(RemoteSandbox& sandbox, const Chosen&, const Args&) {
  const auto document = TRY(sandbox.get("info"));
  return print_json(document);
}

}  // namespace

void add_sandbox_verbs(CLI::App& sandbox, Chosen& chosen, std::shared_ptr<Remote> remote,
                       const std::uint16_t& port) {
  const auto add = [&](const char* name, const char* help, Act act) {
    auto args = std::make_shared<Args>();
    CLI::App* verb = sandbox.add_subcommand(name, help);
    verb->fallthrough();
    verb->callback([&chosen, &port, args, remote, act] {
      chosen.run = [&chosen, &port, args, remote, act](const Edges& edges) -> Result<> {
        auto running = TRY(RemoteSandbox::make(edges, *remote, port));
        return act(running, chosen, *args);
      };
    });
    return std::pair(verb, args);
  };
  const auto [on, by] =
      add("advance", "move its clock forward; prints the clock's offset", advance);
  on->add_option("by", by->by, "31m, 25h, 1h30m")->required();
  const auto [end, whose] = add("revoke", "end tokens, as an authority may at any time", revoke);
  end->add_option("system", whose->system, "whose")->required();
  end->add_option("--client", whose->client, "only this client's");
  end->add_option("--user", whose->user, "only this user's");
  const auto [free, whom] = add("enable", "let suspended accounts in again", enable);
  free->add_option("system", whom->system, "whose")->required();
  free->add_option("--user", whom->user, "only this user");
  const auto [day, which] =
      add("restart-day", "forget what accounts did since the day began", restart_day);
  day->add_option("system", which->system, "only this system's");
  const auto [box, from] =
      add("outbox", "what would have been sent by SMS, e-mail or push", outbox);
  box->add_option("system", from->system, "only this system's");
  const auto [yes, approved] = add("approve", "approve a push", answer_push<true>);
  yes->add_option("transaction", approved->transaction,
                  "which, or whose: a client's id (default: the newest open one)");
  const auto [no, declined] = add("decline", "decline a push", answer_push<false>);
  no->add_option("transaction", declined->transaction,
                 "which, or whose: a client's id (default: the newest open one)");
  const auto [seen, most] = add("requests", "what it was asked, without secrets", requests);
  seen->add_option("--last", most->last, "only so many");
  add("info", "its address, accounts and keys as JSON", info);
}

}  // namespace latchkey::server
