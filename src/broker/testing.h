#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>

#include "broker/broker.h"
#include "engine/admin.h"
#include "store/memory/memory_store.h"

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

/// Mounts of this process's own, which end with it; false without the right to them.
inline bool has_own_mounts() {
  return unshare(CLONE_NEWNS) == 0 &&
         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

template <class T>
Why why_of(const Result<T>& result) {
  return result ? Why::kBug : result.error().why;
}
template <class T>
std::string say_of(const Result<T>& result) {
  return result ? std::string("no error") : result.error().say;
}

/// Stands still until somebody moves it.
class HandClock final : public Clock {
 public:
  Instant now() const override { return from_epoch(seconds_); }
  void advance(Seconds by) {
    seconds_ += by.count();
    up_ += by.count();
  }
  /// Somebody sets the clock; no time goes by.
  void step(Seconds by) { seconds_ += by.count(); }
  Uptime uptime() const { return {boot, Seconds{up_}}; }
  std::string boot = "the first boot";

 private:
  std::atomic<long long> seconds_{epoch(kNoon)};
  std::atomic<long long> up_ = 1000;
};

/// What happens to one request on its way.
enum class Fault {
  kNone,
  kUnreachable,  ///< it is not sent
  kAnswerLost,   ///< it is done, and the answer does not come
  kNotThere,     ///< 503
  kComeBack,     ///< 503 with a Retry-After of five seconds
  kSlowDown,     ///< 429, for an hour
  kBroken,       ///< it is done, and the answer is a 500
  kNonsense,     ///< it is done, and the answer is a web page
};

/// A provider in this process: the dialect's wire over the engine, with the
/// dialect's demo accounts.
class Provider {
 public:
  explicit Provider(const dialect::Dialect& dialect,
                    const std::map<std::string, std::string>& settings = {});

  /// The world of a broker that talks to it. Waiting moves the clock.
  World world(Variables variables = {});
  /// `ready` as in http::Client::send_when.
  Result<http::Response> serve(const http::Request& request, const http::Client::Ready& ready = {});
  /// How many requests came to that path.
  int served(const std::string& path) const;
  int served() const;

  /// Of the next request to a path; kNone in between.
  void next(const std::string& path, Fault fault) { faults_[path].push_back(fault); }
  void always(Fault fault) { always_ = fault; }
  void heal();
  bool has_faults() const;
  /// For so long, the same request gets the same answer again.
  Seconds replay_window{0};

  HandClock clock;
  /// Called whenever a broker waits.
  std::function<void()> on_wait;
  /// Called before a request is answered.
  std::function<void()> on_serve;
  /// Called when it is answered, whatever becomes of the answer.
  std::function<void(const http::Request&, const http::Response&)> on_answer;
  engine::LocalAuthority& authority() { return *authority_; }
  engine::Admin& admin() { return admin_; }
  const Realm& realm() const { return realm_; }
  const dialect::Settings& settings() const { return settings_; }

 private:
  struct DemoKeyring final : dialect::Keyring {
    std::map<std::string, Secret, std::less<>> keys;
    Result<std::optional<Secret>> shared_key(std::string_view partner) const override;
  };
  void found_demo();
  Fault fault_of(const std::string& path);
  http::Response answer(const http::Request& arrived);

  const dialect::Dialect& dialect_;
  dialect::Settings settings_;
  Realm realm_;
  DemoKeyring keyring_;
  std::unique_ptr<dialect::Codec> codec_;
  store::MemoryStore store_;
  engine::Keys keys_;
  engine::Admin admin_;
  std::unique_ptr<engine::LocalAuthority> authority_;
  mutable std::mutex mutex_;
  std::vector<std::string> paths_;
  std::map<std::string, std::deque<Fault>> faults_;
  Fault always_ = Fault::kNone;
  struct Given {
    Seconds at;  ///< of the uptime
    http::Response response;
  };
  std::map<std::string, Given> given_;
};

/// A dialect whose facts were changed.
class Tuned final : public dialect::Dialect {
 public:
  explicit Tuned(const dialect::Dialect& base) : facts(base.traits()), base_(base) {}
  dialect::Traits facts;

  const dialect::Traits& traits() const override { return facts; }
  std::span<const dialect::Setting> settings() const override { return base_.settings(); }
  std::span<const dialect::Question> questions() const override { return base_.questions(); }
  std::unique_ptr<dialect::Codec> codec(const dialect::Settings& settings,
                                        const dialect::Keyring* keyring) const override {
    return base_.codec(settings, keyring);
  }
  engine::Policy policy(const dialect::Settings& s) const override { return base_.policy(s); }
  engine::Messages messages() const override { return base_.messages(); }
  dialect::Demo demo() const override { return base_.demo(); }
  Result<engine::Operation> login(const dialect::Answers& a) const override {
    return base_.login(a);
  }
  engine::Refresh refresh(const dialect::Answers& a, const Secret& t) const override {
    return base_.refresh(a, t);
  }
  http::Headers token_headers(const dialect::Answers& a, const Secret& t) const override {
    return base_.token_headers(a, t);
  }
  Result<http::Request> dress(const dialect::Answers& a, const Secret& t,
                              http::Request r) const override {
    return base_.dress(a, t, std::move(r));
  }
  Result<engine::Operation> proof(const dialect::Answers& a, const Secret& t) const override {
    return base_.proof(a, t);
  }

 private:
  const dialect::Dialect& base_;
};

/// Says what it was told to say; without that, nobody is there.
class Script final : public Person {
 public:
  std::map<std::string, std::string, std::less<>> answers;
  std::deque<std::string> codes;
  std::string pasted;
  std::function<Result<http::Target>(const http::Target& url, const std::string& redirect_uri)>
      browser;
  std::vector<std::string> heard;

  Result<Secret> ask(const dialect::Question& question) override;
  Result<Secret> one_time_password(std::string_view hint) override;
  void tell(std::string_view line) override { heard.emplace_back(line); }
  Result<http::Target> browse(const std::string& url, const std::string& redirect_uri) override;
  Result<Secret> paste(const std::string& url, std::string_view what) override;
};

/// A profile of that provider.
Profile profile_of(const dialect::Dialect& dialect,
                   std::map<std::string, std::string, std::less<>> facts);

}  // namespace latchkey::broker::testing
