#include "server/commands/sandbox_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "base/json.h"
#include "base/text.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kName = "latchkey-sandbox-";

/// The URL in a note; "" when the sandbox that left it was killed, and the note
/// goes too.
Result<std::string> url_in(const std::string& path) {
  const Secret text = TRY(read_secret_file(path));
  const auto value = TRY(json::parse(text.reveal()));
  if (!value.as_object()) return fail(Why::kStore, path + " is damaged");
  const auto pid = TRY(json::int_field(*value.as_object(), "pid"));
  if (pid > 1 && kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) {
    std::error_code ignored;
    fs::remove(path, ignored);
    return std::string{};
  }
  return json::string_field(*value.as_object(), "url");
}

}  // namespace

Result<SandboxPlace> SandboxPlace::make(const std::optional<std::string>& runtime_directory) {
  if (runtime_directory) return SandboxPlace(*runtime_directory);
  const std::string path = "/tmp/latchkey-" + std::to_string(geteuid());
  mkdir(path.c_str(), 0700);
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
      (info.st_mode & 077) != 0)
    return fail(Why::kStore, path + " is not a directory of this user alone");
  return SandboxPlace(path);
}

std::string SandboxPlace::note(std::uint16_t port) const {
  return directory_ + "/" + std::string(kName) + std::to_string(port) + ".json";
}

Result<> SandboxPlace::announce(std::uint16_t port, const std::string& url) const {
  withdraw(port);  // of one that was killed
  const json::Object text{{"url", url}, {"pid", static_cast<std::int64_t>(getpid())}};
  return write_secret_file(note(port), Secret(json::write(text)));
}

void SandboxPlace::withdraw(std::uint16_t port) const {
  std::error_code ignored;
  fs::remove(note(port), ignored);
}

Result<std::string> SandboxPlace::find(std::uint16_t port) const {
  std::vector<std::string> urls;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kName) || (port != 0 && entry.path() != note(port))) continue;
    auto url = TRY(url_in(entry.path()));
    if (!url.empty()) urls.push_back(std::move(url));
  }
  if (urls.size() > 1)
    return fail(Why::kUnknownName,
                "more than one sandbox is running; say which with --port or --url");
  if (urls.empty())
    return fail(Why::kUnknownName, "no sandbox is running; start one with: latchkeyd sandbox");
  return urls.front();
}

}  // namespace latchkey::server
