#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "broker/vault.h"

// What the tests of this folder share.

namespace latchkey::broker::testing {

inline constexpr Instant kNoon = from_epoch(1772366400);  // 2026-03-01T12:00:00Z

/// A private directory for the length of a test.
class TempDir {
 public:
  TempDir() {
    std::string pattern = std::filesystem::temp_directory_path() / "latchkey-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline void write_file(const std::string& path, std::string_view text, mode_t mode = 0600) {
  std::ofstream(path, std::ios::binary) << text;
  chmod(path.c_str(), mode);
}

inline std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

using Variables = std::map<std::string, std::string>;
inline Environment environment(Variables variables) {
  return [variables](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) return std::nullopt;
    return found->second;
  };
}

/// A vault in that directory, with a key file.
inline KeyChain chain_in(const TempDir& home) {
  KeyChain chain;
  chain.choice.key = VaultChoice::Key::kFile;
  chain.choice.path = home / "vault.db";
  chain.choice.key_file = home / "vault.key";
  chain.environment = environment({});
  chain.ask = [](bool) -> Result<Secret> { return fail(Why::kPersonNeeded, "nobody is there"); };
  return chain;
}

/// Runs it in another process and gives its exit code, or -1 for another end. What
/// runs there must not use gtest.
inline pid_t start(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  return child;
}
inline int exit_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

template <class T>
Why why_of(const Result<T>& result) {
  return result ? Why::kBug : result.error().why;
}
template <class T>
std::string say_of(const Result<T>& result) {
  return result ? std::string("no error") : result.error().say;
}

}  // namespace latchkey::broker::testing
