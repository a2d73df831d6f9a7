#pragma once

#include "broker/testing.h"
#include "client/ring.h"
#include "dialects/chathub/chathub.h"

// What the tests of this folder share.

namespace latchkey::client::testing {

using namespace std::chrono_literals;
using broker::testing::Fault;
using broker::testing::HandClock;
using broker::testing::TempDir;

/// Lets requests of some profiles wait until it is told to let them go.
class Gate {
 public:
  void close(const std::string& profile) {
    const std::scoped_lock lock(mutex_);
    closed_.insert(profile);
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    closed_.clear();
    changed_.notify_all();
  }
  void pass(const std::string& profile) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !closed_.contains(profile); });
    --waiting_;
  }
  /// Until somebody waits at it.
  void wait_for_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> closed_;
  int waiting_ = 0;
};

/// A program with a configuration of three profiles, a provider in the same process,
/// and a gate on the way there.
class Program {
 public:
  Program() : provider(dialects::chathub::dialect(), {{"auth_interval", "0s"}}) {
    registry.add(dialects::chathub::dialect());
    std::string text = "[vault]\nkey = \"file\"\npath = \"" + (home / "vault.db") + "\"\n";
    for (const char* name : {"desk", "till"})
      text += std::string("[profiles.") + name +
              "]\nprovider = \"chathub\"\nlogin = \"demo-company\"\npassword_env = \"PASSWORD\"\n" +
              "operator = " + (std::string_view(name) == "desk" ? "1" : "2") + "\n";
    text += "[profiles.nobody]\nprovider = \"chathub\"\nlogin = \"demo-company\"\n";
    broker::testing::write_file(home / "config.toml", text);
  }

  broker::World world() {
    auto made = provider.world({{"PASSWORD", "demo-password"}, {"HOME", home.path()}});
    const auto connect = made.connect;
    made.connect = [this, connect](
                       const broker::Profile& profile,
                       const std::string& url) -> Result<std::unique_ptr<http::Client>> {
      auto client = TRY(connect(profile, url));
      return std::make_unique<Slow>(gate, profile.name.text, std::move(client));
    };
    return made;
  }
  RingOptions options() { return {.config = home / "config.toml", .clock = &provider.clock}; }
  std::unique_ptr<Ring> open(const std::function<void(RingOptions&)>& change = {}) {
    auto chosen = options();
    if (change) change(chosen);
    auto opened = Ring::open(registry, world(), chosen);
    EXPECT_TRUE(opened) << broker::testing::say_of(opened);
    return std::move(*opened);
  }
  /// Another program with the same vault.
  broker::KeyRing other() { return {registry, world(), {.config = home / "config.toml"}}; }

  TempDir home;
  dialect::Registry registry;
  Gate gate;
  broker::testing::Provider provider;

 private:
  class Slow final : public http::Client {
   public:
    Slow(Gate& gate, std::string profile, std::unique_ptr<http::Client> inner)
        : gate_(gate), profile_(std::move(profile)), inner_(std::move(inner)) {}
    Result<http::Response> send(const http::Request& request) override {
      gate_.pass(profile_);
      return inner_->send(request);
    }

   private:
    Gate& gate_;
    const std::string profile_;
    const std::unique_ptr<http::Client> inner_;
  };
};

}  // namespace latchkey::client::testing
