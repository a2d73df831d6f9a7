// latchkey doctor: what is wrong, and the command that mends it.

#include "cli/doctor.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "broker/files.h"
#include "cli/agent_process.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

/// A vault's transaction and its checkpoint fit into this many times over.
constexpr unsigned long long kLeastSpace = 4u << 20;

struct stat info_of(const std::string& path, bool& there) {
  struct stat info{};
  there = stat(path.c_str(), &info) == 0;
  return info;
}

}  // namespace

void Doctor::ok(std::string check, std::string say) {
  findings_.push_back({std::move(check), Level::kOk, std::move(say), {}, kOk});
}
void Doctor::warn(std::string check, std::string say, std::string mend) {
  findings_.push_back({std::move(check), Level::kWarn, std::move(say), std::move(mend), kOk});
}
void Doctor::bad(std::string check, std::string say, std::string mend, int code) {
  findings_.push_back({std::move(check), Level::kBad, std::move(say), std::move(mend), code});
}
void Doctor::bad(std::string check, const Error& error, std::string mend) {
  // Many a message ends with its own command.
  std::string say = error.say.empty() ? name_of(error.why) : error.say;
  for (const std::string_view mark : {"; mend it: ", "; run: "}) {
    const auto at = say.find(mark);
    if (!mend.empty() || at == std::string::npos) continue;
    mend = say.substr(at + mark.size());
    say.resize(at);
  }
  bad(std::move(check), std::move(say), std::move(mend), exit_code(error.why));
}

const std::vector<Finding>& Doctor::examine(const std::string& only) {
  look_at_configuration();
  look_at_directories();
  look_at_vault();
  look_at_agent();
  if (config_ == nullptr) return findings_;
  for (const auto& [name, profile] : config_->profiles)
    if (only.empty() || name.text == only) look_at_profile(profile);
  return findings_;
}

void Doctor::look_at_configuration() {
  auto config = context_.config();
  if (!config) return bad("configuration", config.error());
  config_ = *config;
  const std::string path = context_.config_path().value_or("");
  if (config_->profiles.empty())
    return warn("configuration", "no profiles in " + path, "latchkey providers shows the keys");
  ok("configuration", path + ", " + std::to_string(config_->profiles.size()) +
                          (config_->profiles.size() == 1 ? " profile" : " profiles"));
  if (context_.world().environment("LATCHKEY_CLOCK_OFFSET"))
    warn("clock", "LATCHKEY_CLOCK_OFFSET moves the clock; it is for tests",
         "unset LATCHKEY_CLOCK_OFFSET");
}

void Doctor::look_at_directories() {
  const auto places = broker::find_places(context_.world().environment);
  if (!places) return bad("directories", places.error());
  bool good = true;
  for (const auto& path : {places->config_dir, places->state_dir, places->runtime_dir}) {
    bool there = false;
    const auto info = info_of(path, there);
    if (!there) continue;
    const bool ours = info.st_uid == geteuid() && (info.st_mode & 022) == 0;
    if (ours && S_ISDIR(info.st_mode)) continue;
    good = false;
    if (info.st_uid != geteuid())
      bad("directories", path + " is somebody else's",
          "chown " + std::to_string(geteuid()) + " " + path, kStoreBroken);
    else
      bad("directories", path + " is not ours alone to write", "chmod 700 " + path, kStoreBroken);
  }
  if (!context_.world().environment("XDG_RUNTIME_DIR"))
    warn("directories",
         "XDG_RUNTIME_DIR is not set: files of latchkey exec are on a disk, in " +
             places->runtime_dir,
         "log in through systemd-logind, or set it to a directory of yours in memory");
  if (good) ok("directories", "ours alone");
}

void Doctor::look_at_vault() {
  auto vault = context_.vault(false);
  if (!vault && vault.error().why == Why::kNotFound)
    return warn("vault", "there is none yet; the first login makes it", "latchkey login PROFILE");
  if (!vault) return bad("vault", vault.error());
  vault_ = *vault;
  ok("vault", vault_->path());
  ok("key", vault_->protected_by());
  if (access(broker::directory_of(vault_->path()).c_str(), W_OK) != 0 ||
      access(vault_->path().c_str(), W_OK) != 0)
    bad("vault", std::string("cannot be written: ") + std::strerror(errno),
        "chmod u+rw " + vault_->path(), kStoreBroken);
  struct statvfs space{};
  if (statvfs(vault_->path().c_str(), &space) != 0) return;
  const auto free = static_cast<unsigned long long>(space.f_bavail) * space.f_frsize;
  if (free < kLeastSpace)
    bad("vault",
        "its disk has " + std::to_string(free / 1024) +
            " KiB left; a renewal that cannot be stored is not begun",
        "make room on the disk of " + vault_->path(), kStoreBroken);
}

void Doctor::look_at_agent() {
  const auto socket = agent_socket_of(context_);
  if (socket.empty()) return ok("agent", "none is wanted");
  if (client::agent_is_there(socket)) return ok("agent", "answers on " + socket);
  ok("agent", "none is running; every command works without one");
}

int verdict(const std::vector<Finding>& findings) {
  for (const int code : {kStoreBroken, kTryLater, kNeedsPerson})
    for (const auto& finding : findings)
      if (finding.level == Level::kBad && finding.code == code) return code;
  for (const auto& finding : findings)
    if (finding.level == Level::kBad) return finding.code;
  return kOk;
}

namespace {

const char* word_of(Level level) {
  switch (level) {
    case Level::kOk: return "ok";
    case Level::kWarn: return "warn";
    case Level::kBad: return "bad";
  }
  return "?";
}

bool print_findings(const std::vector<Finding>& findings, bool as_json) {
  if (as_json) {
    json::Array list;
    for (const auto& finding : findings)
      list.push_back(
          json::Object{{"check", finding.check},
                       {"level", word_of(finding.level)},
                       {"say", finding.say},
                       {"mend", finding.mend.empty() ? json::Value() : json::Value(finding.mend)}});
    return print_json(json::Object{{"findings", std::move(list)}});
  }
  std::string text;
  for (const auto& finding : findings) {
    text += std::string(word_of(finding.level)) + (finding.level == Level::kWarn ? "  " : "   ") +
            (finding.level == Level::kOk ? " " : "") + finding.check + ": " + finding.say + "\n";
    if (!finding.mend.empty()) text += "      → " + finding.mend + "\n";
  }
  return print(text);
}

}  // namespace

Run add_doctor(CLI::App& parser, const dialect::Registry&) {
  auto only = std::make_shared<std::string>();
  parser.add_option("PROFILE", *only, "only this one; else all");
  parser.footer("Asks each provider for its time; changes nothing.");
  return [only](Context& context) -> Result<int> {
    // A configuration that cannot be read is a finding; a profile that is not there is not.
    if (!only->empty() && context.config()) TRY(context.profile(*only));
    Doctor doctor(context);
    const auto& findings = doctor.examine(*only);
    if (!print_findings(findings, context.common().json)) return kTryLater;
    return verdict(findings);
  };
}

}  // namespace latchkey::cli
