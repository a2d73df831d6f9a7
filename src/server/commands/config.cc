#include "crypto/random.h"
#include "server/commands/office.h"
#include "server/commands/output.h"
#include "server/config_show.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kMasterKeyBytes = 32;

struct File {
  std::string path;
  bool redacted = false;
};
void bind_file(CLI::App& verb, File& args) {
  verb.add_option("file", args.path, "path")->required();
}
void bind_show(CLI::App& verb, File& args) {
  bind_file(verb, args);
  verb.add_flag("--redacted", args.redacted,
                "without paths, addresses and names of hosts: to be shown to others");
}

Result<> check(const Edges& edges, const Chosen&, const File& args) {
  const Config config = TRY(read_config(args.path, *edges.registry));
  for (const auto& realm : config.realms)
    TRY(print_line(realm.name.text + ": " + std::string(realm.dialect->traits().title) +
                   (realm.prefix.empty() ? "" : " below " + realm.prefix)));
  return print_line("ok");
}

Result<> show(const Edges& edges, const Chosen&, const File& args) {
  const Config config = TRY(read_config(args.path, *edges.registry));
  const std::string text = config_text(config, args.redacted);
  return print_line(std::string_view(text).substr(0, text.size() - 1));
}

Result<> create_key(const Edges&, const Chosen&, const File& args) {
  auto written = write_secret_file(args.path, crypto::random_hex(kMasterKeyBytes));
  if (!written && written.error().why == Why::kConflict)
    return fail(Why::kConflict, args.path + " is there already; a key is never written over");
  return written;
}

}  // namespace

void add_config(CLI::App& app, Chosen& chosen) {
  CLI::App* config = app.add_subcommand("config", "the configuration file");
  config->require_subcommand(1);
  add_verb<File>(*config, chosen, "check", "read it and say what is wrong", bind_file, check);
  add_verb<File>(*config, chosen, "show", "print all that holds, defaults too", bind_show, show);
}

void add_key(CLI::App& app, Chosen& chosen) {
  CLI::App* key = app.add_subcommand("key", "the master key, which seals all others");
  key->require_subcommand(1);
  add_verb<File>(*key, chosen, "create", "make one in a new file (0600)", bind_file, create_key);
}

}  // namespace latchkey::server
