#include "base/log.h"
#include "crypto/random.h"
#include "server/commands/office.h"
#include "server/commands/output.h"
#include "server/commands/stopper.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kMasterKeyBytes = 32;

struct None {};
void bind_none(CLI::App&, None&) {}

Result<> serve(const Edges& edges, const Chosen& chosen, const None&) {
  const Office office = TRY(open_office(edges, chosen.config));
  Stopper stopper;
  const Config& config = office.config;
  EpochKeeper keeper(*office.epoch);
  ServiceOptions options{.listen = config.listen, .drain = config.drain};
  options.guard = config.guard;
  options.listener = [&keeper](const engine::Event& event) { keeper.told(event); };
  options.site = {.workers = config.workers,
                  .behind_proxy = config.behind_proxy,
                  .log_requests = config.log_requests};
  const auto service =
      TRY(Service::make(options, config.realms, *office.store, *office.keys, *edges.clock));
  log::write(log::Level::kInfo, "listening",
             {{"address", config.listen.address},
              {"port", service->port()},
              {"tls", std::string_view(config.listen.certificate_file.empty() ? "no" : "yes")}});
  stopper.run(*service);
  log::write(log::Level::kInfo, "stopped");
  return {};
}

struct File {
  std::string path;
};
void bind_file(CLI::App& verb, File& args) {
  verb.add_option("file", args.path, "path")->required();
}

Result<> check(const Edges& edges, const Chosen&, const File& args) {
  const Config config = TRY(read_config(args.path, *edges.registry));
  for (const auto& realm : config.realms)
    TRY(print_line(realm.name.text + ": " + std::string(realm.dialect->traits().title) +
                   (realm.prefix.empty() ? "" : " below " + realm.prefix)));
  return print_line("ok");
}

Result<> create_key(const Edges&, const Chosen&, const File& args) {
  auto written = write_secret_file(args.path, crypto::random_hex(kMasterKeyBytes));
  if (!written && written.error().why == Why::kConflict)
    return fail(Why::kConflict, args.path + " is there already; a key is never written over");
  return written;
}

}  // namespace

void add_serve(CLI::App& app, Chosen& chosen) {
  add_verb<None>(app, chosen, "serve", "serve the realms that --config names, until SIGTERM",
                 bind_none, serve);
}

void add_config(CLI::App& app, Chosen& chosen) {
  CLI::App* config = app.add_subcommand("config", "the configuration file");
  config->require_subcommand(1);
  add_verb<File>(*config, chosen, "check", "read it and say what is wrong", bind_file, check);
}

void add_key(CLI::App& app, Chosen& chosen) {
  CLI::App* key = app.add_subcommand("key", "the master key, which seals all others");
  key->require_subcommand(1);
  add_verb<File>(*key, chosen, "create", "make one in a new file (0600)", bind_file, create_key);
}

}  // namespace latchkey::server
