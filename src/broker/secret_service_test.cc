// Against a real keyring on a bus of its own.

#include "broker/secret_service.h"

#include <dlfcn.h>
#include <signal.h>

#include "broker/files.h"
#include "broker/testing.h"

namespace latchkey::broker {
namespace {

bool is_installed(const std::string& program) {
  return access(("/usr/bin/" + program).c_str(), X_OK) == 0;
}

std::string what_is_missing() {
  for (const char* program : {"dbus-daemon", "gnome-keyring-daemon"})
    if (!is_installed(program)) return std::string(program) + " is not installed";
  return dlopen("libsecret-1.so.0", RTLD_LAZY) == nullptr ? "libsecret is not installed" : "";
}

/// A session bus for the length of a test, with nothing of the user's on it.
class SessionBus {
 public:
  explicit SessionBus(const testing::TempDir& home) {
    int ends[2];
    if (pipe(ends) != 0) return;
    daemon_ = testing::start([&] {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      if (freopen("/dev/null", "w", stderr) == nullptr) return 126;
      setenv("HOME", home.path().c_str(), 1);
      setenv("XDG_RUNTIME_DIR", home.path().c_str(), 1);
      for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "XDG_DATA_HOME"}) unsetenv(name);
      execl("/usr/bin/dbus-daemon", "dbus-daemon", "--session", "--nofork", "--print-address",
            nullptr);
      return 127;
    });
    close(ends[1]);
    for (char c; read(ends[0], &c, 1) == 1 && c != '\n';) address_ += c;
    close(ends[0]);
  }
  ~SessionBus() {  // who is on the bus goes with it
    if (daemon_ <= 0) return;
    kill(daemon_, SIGTERM);
    testing::exit_of(daemon_);
  }
  const std::string& address() const { return address_; }

 private:
  pid_t daemon_ = -1;
  std::string address_;
};

/// In another process, so that its bus is no other test's: makes a vault, opens it
/// again, and says what protects it.
int makes_and_opens(const testing::TempDir& home, const SessionBus& bus, bool unlocked) {
  setenv("DBUS_SESSION_BUS_ADDRESS", bus.address().c_str(), 1);
  setenv("HOME", home.path().c_str(), 1);
  setenv("XDG_RUNTIME_DIR", home.path().c_str(), 1);
  unsetenv("DISPLAY");
  unsetenv("XDG_DATA_HOME");
  const char* start =
      "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 &&"
      "echo started";
  if (unlocked && !secret_from_command({"sh", "-c", start})) return 20;
  KeyChain chain = testing::chain_in(home);
  chain.choice.key = VaultChoice::Key::kAuto;
  chain.environment = testing::environment({{"DBUS_SESSION_BUS_ADDRESS", bus.address()}});
  {
    auto vault = Vault::open(chain, true);
    if (!vault) return 21;
    Entry entry;
    entry.access_token = Secret("kept");
    if (!vault->store(ProfileName("desk"), entry)) return 22;
  }
  auto vault = Vault::open(chain, false);
  if (!vault) return 23;
  const auto entry = vault->load(ProfileName("desk"));
  if (!entry || !*entry || (*entry)->access_token.reveal() != "kept") return 24;
  return vault->protected_by().find("keyring") != std::string::npos ? 1 : 2;
}

TEST(SecretService, KeepsTheKeyOfAVault) {
  if (const auto missing = what_is_missing(); !missing.empty()) GTEST_SKIP() << missing;
  const testing::TempDir home;
  const SessionBus bus(home);
  ASSERT_FALSE(bus.address().empty());
  EXPECT_EQ(testing::exit_of(testing::start([&] { return makes_and_opens(home, bus, true); })), 1);
  EXPECT_FALSE(std::filesystem::exists(home / "vault.key"));
}

TEST(SecretService, ThatNobodyCanUnlockIsNotReliedOn) {  // a server without a screen
  if (const auto missing = what_is_missing(); !missing.empty()) GTEST_SKIP() << missing;
  const testing::TempDir home;
  const SessionBus bus(home);
  ASSERT_FALSE(bus.address().empty());
  EXPECT_EQ(testing::exit_of(testing::start([&] { return makes_and_opens(home, bus, false); })), 2);
  EXPECT_TRUE(std::filesystem::exists(home / "vault.key"));
}

TEST(SecretService, IsNotThereWithoutABus) { EXPECT_FALSE(secret_service_is_there(false)); }

}  // namespace
}  // namespace latchkey::broker
