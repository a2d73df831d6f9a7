#include "server/audit_verify.h"
#include "server/commands/office.h"
#include "server/commands/output.h"

namespace latchkey::server {
namespace {

constexpr int kBroken = 1;

struct Files {
  std::vector<std::string> files;
};
void bind_files(CLI::App& verb, Files& args) {
  verb.add_option("file", args.files, "the files, the oldest first (default: the configured one)");
}

Result<> tell(const AuditReport& report, const std::string& missing, const Chosen& chosen) {
  const std::string& wrong = report.broken.empty() ? missing : report.broken;
  if (chosen.json)
    return print_json(json::Object{{"whole", wrong.empty()},
                                   {"first", report.first},
                                   {"last", report.last},
                                   {"broken", wrong}});
  if (!wrong.empty()) return print_line(wrong);
  if (report.first == 0) return print_line("whole: no line");
  return print_line("whole: lines " + std::to_string(report.first) + " to " +
                    std::to_string(report.last));
}

}  // namespace

/// The file grows while it is read, and the store hears of a line after the file has it:
/// what seems to be missing is looked for once more.
Result<> verify_log(const Edges& edges, Chosen& chosen, const Files& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const std::string& live = office.config.audit.file;
  const auto files = args.files.empty() ? std::vector<std::string>{live} : args.files;
  if (files.front().empty()) return fail(Why::kUsage, "there is no audit log; name its files");
  AuditReport report = TRY(verify_audit(files, *office.keys));
  std::string missing;
  if (report.broken.empty() && files.back() == live) {
    bool cut = TRY(is_audit_cut(*office.store, report.last));
    if (cut) {
      report = TRY(verify_audit(files, *office.keys));
      cut = TRY(is_audit_cut(*office.store, report.last));
    }
    if (cut)
      missing =
          live + ": there were lines after " + std::to_string(report.last) + ", and they are gone";
  }
  if (!report.broken.empty() || !missing.empty()) chosen.code = kBroken;
  return tell(report, missing, chosen);
}

void add_audit(CLI::App& app, Chosen& chosen) {
  CLI::App* audit = app.add_subcommand("audit", "the audit log");
  audit->fallthrough()->require_subcommand(1);
  auto args = std::make_shared<Files>();
  CLI::App* verb = audit->add_subcommand(
      "verify", "follow its chain: was a line changed, cut out or put in; exit code 1 if so");
  verb->fallthrough();
  bind_files(*verb, *args);
  verb->callback([&chosen, args] {
    chosen.run = [&chosen, args](const Edges& edges) { return verify_log(edges, chosen, *args); };
  });
}

}  // namespace latchkey::server
