#include "broker/places.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace latchkey::broker {
namespace {

std::optional<std::string> absolute(const Environment& environment, const char* name) {
  auto value = environment(name);
  if (!value || value->empty() || value->front() != '/') return std::nullopt;
  return value;
}

Result<std::string> below(const Environment& environment, const char* variable, const char* usual) {
  if (auto base = absolute(environment, variable)) return *base + "/latchkey";
  if (auto home = absolute(environment, "HOME")) return *home + usual + "/latchkey";
  return fail(Why::kUsage, std::string("no home directory: set HOME or ") + variable);
}

Result<> make_directory(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) == 0) return {};
  const auto slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) TRY(make_directory(path.substr(0, slash)));
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return fail(Why::kStore, "cannot make the directory " + path + ": " + std::strerror(errno));
}

}  // namespace

Result<Places> find_places(const Environment& environment) {
  Places places;
  places.config_dir = TRY(below(environment, "XDG_CONFIG_HOME", "/.config"));
  places.state_dir = TRY(below(environment, "XDG_STATE_HOME", "/.local/state"));
  auto runtime = absolute(environment, "XDG_RUNTIME_DIR");
  places.runtime_dir = runtime ? *runtime + "/latchkey" : places.state_dir;
  return places;
}

Result<> make_private_directory(const std::string& path) {
  TRY(make_directory(path));
  struct stat info{};
  if (stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return fail(Why::kStore, path + " is not a directory");
  if (info.st_uid != geteuid() || (info.st_mode & 022) != 0)
    return fail(Why::kStore, path + " is not ours alone to write; mend it: chmod 700 " + path);
  return {};
}

}  // namespace latchkey::broker
