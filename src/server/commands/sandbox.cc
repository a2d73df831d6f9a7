#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>

#include "base/log.h"
#include "base/text.h"
#include "crypto/random.h"
#include "server/commands/command.h"
#include "server/commands/output.h"
#include "server/commands/sandbox_place.h"
#include "server/commands/sandbox_verbs.h"
#include "server/commands/stopper.h"
#include "server/sandbox/control.h"
#include "server/sandbox/document.h"
#include "server/sandbox/rig.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMasterKeyBytes = 32;
constexpr std::chrono::milliseconds kDrain{2000};

struct Args {
  std::uint16_t port = 0;
  std::string directory, at, url, ledger;
  std::vector<std::string> dialects;
  std::vector<std::string> settings;  ///< SYSTEM.SETTING=VALUE
  int threads = 1;
  bool plain = false;
  bool log = false;
};

/// The sandbox's own directory: given, or one that ends with it.
class Folder {
 public:
  static Result<std::unique_ptr<Folder>> make(const std::string& given) {
    std::error_code error;
    if (!given.empty()) {
      if (fs::create_directories(given, error)) fs::permissions(given, fs::perms::owner_all, error);
      if (error) return fail(Why::kStore, "cannot make " + given + ": " + error.message());
      return std::unique_ptr<Folder>(new Folder(given, false));
    }
    std::string path = (fs::temp_directory_path(error) / "latchkey-sandbox-XXXXXX").string();
    if (error || mkdtemp(path.data()) == nullptr) return fail(Why::kStore, "cannot make " + path);
    return std::unique_ptr<Folder>(new Folder(path, true));
  }
  ~Folder() {
    std::error_code ignored;
    if (temporary_) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  bool ends() const { return temporary_; }

  /// Random, and the same again in a directory that stays.
  Result<Secret> master_key() const {
    const std::string file = path_ + "/master.key";
    const auto fresh = write_secret_file(file, crypto::random_hex(kMasterKeyBytes));
    if (!fresh && fresh.error().why != Why::kConflict) return fail(fresh.error());
    return read_secret_file(file);
  }

 private:
  Folder(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  const std::string path_;
  const bool temporary_;
};

/// What `--set` says of one system.
Result<dialect::Settings> settings_of(const dialect::Dialect& dialect, const Args& args) {
  const std::string start = std::string(dialect.traits().name) + ".";
  std::map<std::string, std::string> given;
  for (const auto& one : args.settings) {
    const auto equals = one.find('=');
    if (!one.starts_with(start) || equals == std::string::npos) continue;
    given[one.substr(start.size(), equals - start.size())] = one.substr(equals + 1);
  }
  return dialect::Settings::make(dialect.settings(), given);
}

/// Every `--set` names a system that is there.
Result<> check_settings(const Args& args, const std::vector<const dialect::Dialect*>& wanted) {
  for (const auto& one : args.settings) {
    const std::string system = one.substr(0, one.find('.'));
    const bool known = std::ranges::any_of(
        wanted, [&](const auto* dialect) { return dialect->traits().name == system; });
    if (!known || one.find('=') == std::string::npos)
      return fail(Why::kUsage, "--set wants SYSTEM.SETTING=VALUE, not " + printable(one));
  }
  return {};
}

Result<std::vector<RealmSpec>> specs_of(const Args& args, const dialect::Registry& registry) {
  std::vector<const dialect::Dialect*> wanted;
  for (const auto& name : args.dialects) {
    wanted.push_back(registry.find(name));
    if (wanted.back() == nullptr) return fail(Why::kUnknownName, "there is no dialect " + name);
  }
  if (wanted.empty()) wanted = registry.all();
  TRY(check_settings(args, wanted));
  std::vector<RealmSpec> specs;
  for (const auto* dialect : wanted) {
    auto settings = TRY(settings_of(*dialect, args));
    const auto& traits = dialect->traits();
    specs.push_back(
        {Realm(traits.name), dialect, std::move(settings), std::string(traits.sandbox_prefix)});
  }
  return specs;
}

Result<std::vector<DemoRealm>> make_demos(engine::Admin& admin,
                                          const std::vector<RealmSpec>& specs) {
  std::vector<std::future<Result<DemoRealm>>> made;  // together: they share commits
  for (const auto& spec : specs)
    made.push_back(std::async(std::launch::async, [&] { return make_demo(admin, spec); }));
  std::vector<DemoRealm> demos;
  for (auto& one : made) {
    auto demo = TRY(one.get());
    demos.push_back(std::move(demo));
  }
  return demos;
}

Result<net::SettableClock*> set_clock(net::SettableClock& clock, const Args& args) {
  if (args.at.empty()) return &clock;
  const auto start = parse_rfc3339(args.at);
  if (!start) return fail(Why::kUsage, "--at wants a time like 2026-03-01T12:00:00Z");
  clock.start_at(*start);
  return &clock;
}

/// With the ledger that was asked for, else one beside the store: that need not
/// outlive a crash in a directory that does not. Null for a plain sandbox.
Result<std::unique_ptr<Rig>> make_rig(const Args& args, const Folder& folder, engine::Admin& admin,
                                      const Clock& clock) {
  if (args.plain && !args.ledger.empty())
    return fail(Why::kUsage, "a plain sandbox keeps no ledger: --plain or --ledger");
  if (args.plain) return nullptr;
  const bool ends = args.ledger.empty() && folder.ends();
  const std::string path =
      args.ledger.empty() ? folder.path() + "/ledger.jsonl" : fs::absolute(args.ledger).string();
  return Rig::make(path, ends ? Ledger::Sync::kNever : Ledger::Sync::kEveryLine, admin, clock);
}

Result<json::Object> systems_of(const std::vector<DemoRealm>& demos, const Site& site,
                                Instant now) {
  json::Object systems;
  for (std::size_t i = 0; i < demos.size(); ++i) {
    auto system = TRY(system_document(demos[i], *site.realms()[i], now));
    systems.add(demos[i].realm.text, std::move(system));
  }
  return systems;
}

/// Everything is loopback, cheap and settable here; the rest is as in production.
Result<> serve_sandbox(const Edges& edges, const Chosen& chosen, const Args& args) {
  log::set_level(args.log ? log::Level::kInfo : log::Level::kWarn);
  net::SettableClock clock;
  TRY(set_clock(clock, args));
  const auto specs = TRY(specs_of(args, *edges.registry));
  const auto place = TRY(SandboxPlace::make(edges.environment("XDG_RUNTIME_DIR")));
  const auto folder = TRY(Folder::make(args.directory));
  const Secret master = TRY(folder->master_key());
  const engine::Keys keys(master);
  const auto store = TRY(edges.open_store(folder->path() + "/latchkeyd.db"));
  engine::Admin admin(*store, keys, crypto::kCheapest);

  const auto rig = TRY(make_rig(args, *folder, admin, clock));
  Stopper stopper;
  auto making = std::async(std::launch::async, [&] { return make_demos(admin, specs); });
  ServiceOptions options{.listen = {.port = args.port, .threads = args.threads},
                         .drain = kDrain,
                         .password_cost = crypto::kCheapest,
                         .monitor = {.on_public = MonitorOptions::Public::kAll},
                         .version = edges.version};
  const auto service = TRY(Service::make(options, specs, *store, keys, clock));
  const auto demos = TRY(making.get());
  const std::string url = "http://127.0.0.1:" + std::to_string(service->port());
  Site& site = service->site();
  Recorder recorder;
  site.on_served([&](const Served& served) {
    if (!served.target.starts_with("/_sandbox/")) recorder.add(served);
  });
  if (rig) TRY(rig->fit(site, demos));
  const json::Object systems = TRY(systems_of(demos, site, clock.now()));
  const auto info = [&] {
    return sandbox_document(url, clock.now(), rig ? rig->ledger() : "", systems);
  };
  Control::Revoked revoked;
  if (rig)
    revoked = [&](const engine::Grant& g, Instant now) { return rig->books().revoked(g, now); };
  Control control(admin, clock, recorder, demos, info, revoked);
  site.add(Extra{"/_sandbox/",
                 [&](const http::Request& r, Instant now) { return control.answer(r, now); }});

  if (const auto told = place.announce(service->port(), url); !told)
    log::write(log::Level::kWarn, "not_announced", {{"note", told.error().say}});
  TRY(chosen.json ? print_json(info()) : print_line(sandbox_table(info())));
  stopper.run(*service);
  place.withdraw(service->port());
  return {};
}

void bind(CLI::App& sandbox, Args& args) {
  sandbox.add_option("--port", args.port, "port on 127.0.0.1 (default: any free one)");
  sandbox.add_option("--dir", args.directory,
                     "keep the store here (default: it ends with the sandbox)");
  sandbox.add_option("--ledger", args.ledger,
                     "write what it does into this file, hashes for tokens; each line on disk "
                     "before its answer leaves (default: beside the store)");
  sandbox.add_flag("--plain", args.plain, "no ledger and no faults: as fast as production");
  sandbox.add_option("--at", args.at, "start its clock here (RFC 3339)");
  sandbox.add_option("--dialect", args.dialects, "only these systems (default: all)");
  sandbox.add_option("--set", args.settings, "a system's setting, as SYSTEM.SETTING=VALUE");
  sandbox.add_option("--threads", args.threads, "threads that serve connections")
      ->check(CLI::Range(1, 64));
  sandbox.add_flag("--log", args.log, "log every request to standard error");
}

}  // namespace

void add_sandbox(CLI::App& app, Chosen& chosen) {
  auto args = std::make_shared<Args>();
  auto remote = std::make_shared<Remote>();
  CLI::App* sandbox = app.add_subcommand(
      "sandbox", "all systems on one loopback port, with demo accounts and a settable clock");
  sandbox->fallthrough()->require_subcommand(0, 1);
  bind(*sandbox, *args);
  sandbox->add_option("--url", remote->url, "which running sandbox a verb means");
  for (const auto add : {add_sandbox_verbs, add_sandbox_faults, add_sandbox_verdict})
    add(*sandbox, chosen, remote, args->port);
  sandbox->callback([&chosen, args, sandbox] {
    if (!sandbox->get_subcommands().empty()) return;
    chosen.run = [&chosen, args](const Edges& edges) {
      return serve_sandbox(edges, chosen, *args);
    };
  });
}

}  // namespace latchkey::server
