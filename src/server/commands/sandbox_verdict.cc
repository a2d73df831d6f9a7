#include "server/sandbox/verdict.h"

#include "server/commands/output.h"
#include "server/commands/sandbox_verbs.h"
#include "server/sandbox/ledger.h"

namespace latchkey::server {
namespace {

constexpr int kGuilty = 1;

Result<std::string> ledger_of(const Edges& edges, const Remote& remote, std::uint16_t port) {
  auto running = TRY(RemoteSandbox::make(edges, remote, port));
  const auto info = TRY(running.get("info"));
  if (info.as_object() == nullptr) return fail(Why::kBadResponse, "that is no sandbox");
  const auto ledger = TRY(json::optional_string_field(*info.as_object(), "ledger"));
  if (!ledger) return fail(Why::kUnsupported, "this sandbox is plain: it keeps no ledger");
  return *ledger;
}

std::string judgement(const FamilyVerdict& family) {
  std::string out;
  const auto add = [&out](bool is, const char* what) {
    if (is) out += (out.empty() ? "" : ", ") + std::string(what);
  };
  add(family.spent_twice, "SPENT TWICE");
  add(family.orphaned, "ORPHANED");
  add(family.risen, "ACCEPTED AFTER ITS END");
  return out.empty() ? "clean" : out;
}

Result<> print_table(const Verdict& verdict) {
  std::vector<json::Array> rows;
  for (const auto& one : verdict.families)
    rows.push_back({one.system, one.account, one.family, one.issued, one.lost, one.reused,
                    one.ended ? "ended" : "live", judgement(one)});
  TRY(print_rows({"system", "account", "family", "issued", "lost", "reused", "state", "verdict"},
                 rows, false));
  for (const auto& one : verdict.hasty)
    TRY(print_line(one.system + " " + one.account + " ASKED TOO OFTEN: " +
                   std::to_string(one.times) + (one.times == 1 ? " time" : " times")));
  return print_line(verdict.guilty() ? "guilty" : "clean");
}

}  // namespace

void add_sandbox_verdict(CLI::App& sandbox, Chosen& chosen, std::shared_ptr<Remote> remote,
                         const std::uint16_t& port) {
  auto file = std::make_shared<std::string>();
  CLI::App* verb = sandbox.add_subcommand(
      "verdict",
      "what its ledger says: was a token spent twice, is a login lost, who asked too "
      "often; exit code 1 if so");
  verb->fallthrough();
  verb->add_option("--ledger", *file, "this ledger (default: the running sandbox's)")
      ->type_name("FILE");
  verb->callback([&chosen, &port, file, remote] {
    chosen.run = [&chosen, &port, file, remote](const Edges& edges) -> Result<> {
      std::string path = *file;
      if (path.empty()) path = TRY(ledger_of(edges, *remote, port));
      const auto events = TRY(read_ledger(path));
      const Verdict verdict = judge(events);
      chosen.code = verdict.guilty() ? kGuilty : 0;
      return chosen.json ? print_json(to_json(verdict)) : print_table(verdict);
    };
  });
}

}  // namespace latchkey::server
