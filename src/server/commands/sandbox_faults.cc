#include "server/commands/output.h"
#include "server/commands/sandbox_verbs.h"
#include "server/sandbox/fault.h"

namespace latchkey::server {
namespace {

using json::Object;
using json::Value;

struct Args {
  std::string system, operation, fault, client, after, retry_after, value;
  std::int64_t count = 0, skip = 0, status = 0, bytes = 0, seed = -1;
  double probability = 0;
  bool before = false;
};

/// What was given, as the endpoint reads it; it has the defaults.
Object body_of(const Args& args) {
  Object body{{"after_commit", !args.before}};
  const auto text = [&body](const char* name, const std::string& given) {
    if (!given.empty() && given != "any") body.add(name, given);
  };
  text("system", args.system);
  text("operation", args.operation);
  text("fault", args.fault);
  text("client", args.client);
  text("after", args.after);
  text("retry_after", args.retry_after);
  text("value", args.value);
  const auto number = [&body](const char* name, std::int64_t given, std::int64_t none) {
    if (given != none) body.add(name, given);
  };
  number("count", args.count, 0);
  number("skip", args.skip, 0);
  number("status", args.status, 0);
  number("bytes", args.bytes, 0);
  number("seed", args.seed, -1);
  if (args.probability != 0) body.add("probability", args.probability);
  return body;
}

Result<> add_fault(RemoteSandbox& sandbox, const Chosen& chosen, const Args& args) {
  if (args.fault.empty())
    return fail(Why::kUsage,
                "say which: SYSTEM OPERATION FAULT; run: latchkeyd sandbox fault --help");
  const auto done = TRY(sandbox.post("fault", body_of(args)));
  return print_object(done, chosen);
}

Result<> clear_faults(RemoteSandbox& sandbox, const Chosen& chosen, const Args&) {
  const auto done = TRY(sandbox.post("fault/clear", {}));
  return print_object(done, chosen);
}

Result<> list_faults(RemoteSandbox& sandbox, const Chosen& chosen, const Args&) {
  const auto all = TRY(sandbox.get("faults"));
  return print_array(all, chosen,
                     {"number", "system", "operation", "client", "fault", "after_commit", "count",
                      "probability", "seed", "matched", "struck"});
}

std::string names_of_faults() {
  std::string names;
  for (const FaultKind kind : kEveryFaultKind)
    names += (names.empty() ? "" : ", ") + std::string(name_of(kind));
  return names;
}

void bind(CLI::App& verb, Args& args) {
  verb.add_option("system", args.system, "whose answers; any: everybody's");
  verb.add_option("operation", args.operation, "login, refresh, …; any: all");
  verb.add_option("fault", args.fault, names_of_faults());
  verb.add_option("--client", args.client, "only this client's or user's");
  verb.add_option("--count", args.count, "so often (default: once)")->check(CLI::PositiveNumber);
  verb.add_option("--probability", args.probability, "each with this probability");
  verb.add_option("--seed", args.seed, "which ones (default: any; it is printed)")
      ->check(CLI::NonNegativeNumber);
  verb.add_option("--skip", args.skip, "let so many go by first")->check(CLI::NonNegativeNumber);
  verb.add_flag("--before", args.before, "before anything is done (default: after the commit)");
  verb.add_option("--after", args.after, "so late (2s)");
  verb.add_option("--status", args.status, "of fail (default: 500)");
  verb.add_option("--retry-after", args.retry_after, "of fail: the header's text");
  verb.add_option("--bytes", args.bytes, "of huge (default: 64 MiB)")->check(CLI::PositiveNumber);
  verb.add_option("--value", args.value,
                  std::string("of absurd-expiry (default: ") + kAbsurdEnd + ")");
}

using Act = Result<> (*)(RemoteSandbox&, const Chosen&, const Args&);

}  // namespace

void add_sandbox_faults(CLI::App& sandbox, Chosen& chosen, std::shared_ptr<Remote> remote,
                        const std::uint16_t& port) {
  auto args = std::make_shared<Args>();
  const auto add = [&](CLI::App& to, const char* name, const char* help, Act act) {
    CLI::App* verb = to.add_subcommand(name, help);
    verb->fallthrough();
    verb->callback([&chosen, &port, args, remote, verb, act] {
      if (!verb->get_subcommands().empty()) return;
      chosen.run = [&chosen, &port, args, remote, act](const Edges& edges) -> Result<> {
        auto running = TRY(RemoteSandbox::make(edges, *remote, port));
        return act(running, chosen, *args);
      };
    });
    return verb;
  };
  CLI::App* fault = add(sandbox, "fault", "spoil the answers of one system's operation", add_fault);
  bind(*fault, *args);
  fault->require_subcommand(0, 1);
  add(*fault, "clear", "no more faults", clear_faults);
  add(sandbox, "faults", "which there are, and whom they struck", list_faults);
}

}  // namespace latchkey::server
