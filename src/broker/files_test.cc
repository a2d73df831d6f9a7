#include "broker/files.h"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>

#include "broker/places.h"
#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::say_of;
using testing::TempDir;
using testing::why_of;
using testing::write_file;

TEST(SecretFile, IsReadWithoutItsLastNewline) {
  const TempDir home;
  const std::pair<std::string_view, std::string_view> rows[] = {{"s3cret", "s3cret"},
                                                                {"s3cret\n", "s3cret"},
                                                                {"s3cret\r\n", "s3cret"},
                                                                {"two\nlines\n", "two\nlines"},
                                                                {"s3cret\n\n", "s3cret\n"}};
  for (const auto& [text, expected] : rows) {
    write_file(home / "f", text);
    const auto secret = read_secret_file(home / "f");
    ASSERT_TRUE(secret) << say_of(secret);
    EXPECT_EQ(secret->reveal(), expected);
  }
}

TEST(SecretFile, MayBeReadThroughALinkAndByOthers) {  // as secret mounts have it
  const TempDir home;
  write_file(home / "f", "s3cret", 0644);
  std::filesystem::create_symlink(home / "f", home / "link");
  EXPECT_TRUE(read_secret_file(home / "link"));
}

TEST(SecretFile, IsRefusedWhenItIsUnsafe) {
  const TempDir home;
  write_file(home / "group", "s3cret", 0620);
  write_file(home / "others", "s3cret", 0602);
  write_file(home / "empty", "");
  write_file(home / "newline", "\n");
  write_file(home / "long", std::string(kMostSecretFileBytes + 1, 'x'));
  ASSERT_EQ(mkfifo((home / "fifo").c_str(), 0600), 0);
  for (const char* name : {"group", "others", "empty", "newline", "long", "fifo", "", "nowhere"})
    EXPECT_EQ(why_of(read_secret_file(home / name)), Why::kStore) << name;
  write_file(home / "longest", std::string(kMostSecretFileBytes, 'x'));
  EXPECT_TRUE(read_secret_file(home / "longest"));
}

TEST(PrivateFile, IsARegularFileOfOursClosedToOthers) {
  const TempDir home;
  write_file(home / "good", "s3cret");
  EXPECT_TRUE(check_private_file(home / "good"));
  EXPECT_TRUE(read_private_file(home / "good"));
  EXPECT_EQ(why_of(check_private_file(home / "nowhere")), Why::kNotFound);
  EXPECT_EQ(why_of(read_private_file(home / "nowhere")), Why::kNotFound);

  write_file(home / "readable", "s3cret", 0640);
  std::filesystem::create_symlink(home / "good", home / "link");
  ASSERT_EQ(mkfifo((home / "fifo").c_str(), 0600), 0);
  for (const char* name : {"readable", "link", "fifo", ""}) {
    EXPECT_EQ(why_of(check_private_file(home / name)), Why::kStore) << name;
    EXPECT_EQ(why_of(read_private_file(home / name)), Why::kStore) << name;
  }
  EXPECT_NE(say_of(check_private_file(home / "readable")).find("chmod 600 " + (home / "readable")),
            std::string::npos);
}

TEST(PrivateFile, OfSomebodyElseIsRefused) {
  const TempDir home;
  write_file(home / "theirs", "s3cret");
  std::string theirs = "/etc/passwd";  // root's, where the tests do not run as root
  if (geteuid() == 0) {
    theirs = home / "theirs";
    ASSERT_EQ(chown(theirs.c_str(), 12345, 12345), 0);
    EXPECT_NE(say_of(read_secret_file(theirs)).find("somebody else"), std::string::npos);
  }
  EXPECT_NE(say_of(check_private_file(theirs)).find("somebody else"), std::string::npos);
}

TEST(CreateSecretFile, NeverReplacesAndLeavesNothingElse) {
  const TempDir home;
  ASSERT_TRUE(create_secret_file(home / "f", Secret("first")));
  EXPECT_EQ(why_of(create_secret_file(home / "f", Secret("second"))), Why::kConflict);
  EXPECT_EQ(testing::read_file(home / "f"), "first");
  EXPECT_TRUE(check_private_file(home / "f"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(home.path()), {}), 1);

  std::filesystem::create_symlink(home / "elsewhere", home / "link");
  EXPECT_EQ(why_of(create_secret_file(home / "link", Secret("x"))), Why::kConflict);
  EXPECT_FALSE(std::filesystem::exists(home / "elsewhere"));
  EXPECT_EQ(why_of(create_secret_file(home / "no/f", Secret("x"))), Why::kStore);
}

TEST(DirectoryOf, IsAllBeforeTheLastSlash) {
  EXPECT_EQ(directory_of("/a/b/c"), "/a/b");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), ".");
}

// Commands.

Result<Secret> shell(const std::string& script, std::chrono::milliseconds patience = 20s) {
  return secret_from_command({"sh", "-c", script}, patience);
}

TEST(Command, GivesItsFirstLine) {
  for (const char* script : {"echo s3cret", "printf s3cret", "printf 's3cret\\r\\nmore\\n'",
                             "echo s3cret; echo noise >&2", "printf s3c; printf 'ret\\n'"}) {
    const auto secret = shell(script);
    ASSERT_TRUE(secret) << script << ": " << say_of(secret);
    EXPECT_EQ(secret->reveal(), "s3cret") << script;
  }
}

TEST(Command, TakesItsArgumentsAsTheyAre) {
  const auto secret = secret_from_command({"printf", "%s", "$HOME; a 'b'"});
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->reveal(), "$HOME; a 'b'");
}

TEST(Command, ThatGivesNoSecretNeedsAPerson) {
  for (const char* script : {"echo s3cret; exit 1", "true", "echo", "kill -9 $$",
                             "exec >&-; exit 3", "head -c 100000 /dev/zero | tr '\\0' x"})
    EXPECT_EQ(why_of(shell(script)), Why::kPersonNeeded) << script;
  EXPECT_EQ(why_of(secret_from_command({"/nowhere/latchkey-askpass"})), Why::kPersonNeeded);
  EXPECT_EQ(why_of(secret_from_command({})), Why::kUsage);
}

TEST(Command, DoesNotReadOurStandardInput) {
  const TempDir home;
  write_file(home / "in", "meant for us\n");
  const pid_t child = testing::start([&] {
    const int in = ::open((home / "in").c_str(), O_RDONLY);
    dup2(in, STDIN_FILENO);
    const auto secret = shell("cat; echo end");
    return secret && secret->reveal() == "end" ? 0 : 1;
  });
  EXPECT_EQ(testing::exit_of(child), 0);
}

TEST(Command, MayLeaveSomethingRunning) {  // an agent that it started holds its output open
  const auto begun = std::chrono::steady_clock::now();
  const auto secret = shell("sleep 15 2>/dev/null & echo s3cret");
  ASSERT_TRUE(secret) << say_of(secret);
  EXPECT_EQ(secret->reveal(), "s3cret");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

// I8 bounded
TEST(Command, IsEndedWithAllItStartedWhenItsTimeIsOver) {
  const TempDir home;
  for (const char* script :
       {"printf half-a-line; sleep 600", "sleep 600", "echo line; sleep 600", "exec >&-; sleep 600",
        "trap '' TERM INT HUP; while :; do sleep 600; done",
        "sleep 600 & echo $! > \"$0\"; printf half; wait"}) {
    const auto begun = std::chrono::steady_clock::now();
    const auto secret = secret_from_command({"sh", "-c", script, home / "pid"}, 300ms);
    EXPECT_EQ(why_of(secret), Why::kPersonNeeded) << script;
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s) << script;
  }
  // Its own child is gone as well: it lets go of what it holds.
  const int grandchild = std::stoi(testing::read_file(home / "pid"));
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  const auto runs = [&] {  // a zombie that nobody has collected yet does not count
    const auto stat = testing::read_file("/proc/" + std::to_string(grandchild) + "/stat");
    return !stat.empty() && stat.find(") Z") == std::string::npos;
  };
  while (runs() && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_FALSE(runs());
}

// Places.

TEST(Places, FollowTheXdgVariables) {
  const auto places = find_places(testing::environment({{"HOME", "/home/x"},
                                                        {"XDG_CONFIG_HOME", "/c"},
                                                        {"XDG_STATE_HOME", "/s"},
                                                        {"XDG_RUNTIME_DIR", "/r"}}));
  ASSERT_TRUE(places);
  EXPECT_EQ(places->config_dir, "/c/latchkey");
  EXPECT_EQ(places->state_dir, "/s/latchkey");
  EXPECT_EQ(places->runtime_dir, "/r/latchkey");
}

TEST(Places, IgnoreRelativeVariables) {
  const auto places = find_places(testing::environment(
      {{"HOME", "/home/x"}, {"XDG_CONFIG_HOME", "c"}, {"XDG_RUNTIME_DIR", "./r"}}));
  ASSERT_TRUE(places);
  EXPECT_EQ(places->config_dir, "/home/x/.config/latchkey");
  EXPECT_EQ(places->state_dir, "/home/x/.local/state/latchkey");
  EXPECT_EQ(places->runtime_dir, places->state_dir);
}

TEST(Places, NeedAHome) {
  EXPECT_EQ(why_of(find_places(testing::environment({}))), Why::kUsage);
  EXPECT_EQ(why_of(find_places(testing::environment({{"HOME", "x"}}))), Why::kUsage);
  EXPECT_TRUE(
      find_places(testing::environment({{"XDG_CONFIG_HOME", "/c"}, {"XDG_STATE_HOME", "/s"}})));
}

TEST(PrivateDirectory, IsMadeWithItsParentsForUsAlone) {
  const TempDir home;
  ASSERT_TRUE(make_private_directory(home / "a/b/c"));
  ASSERT_TRUE(make_private_directory(home / "a/b/c"));
  for (const char* made : {"a", "a/b", "a/b/c"}) {
    struct stat info{};
    ASSERT_EQ(stat((home / made).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0700u) << made;
  }
}

TEST(PrivateDirectory, IsRefusedWhenOthersMayWriteThere) {
  const TempDir home;
  ASSERT_TRUE(make_private_directory(home / "a"));
  chmod((home / "a").c_str(), 0770);
  EXPECT_EQ(why_of(make_private_directory(home / "a")), Why::kStore);
  chmod((home / "a").c_str(), 0755);
  EXPECT_TRUE(make_private_directory(home / "a"));
  write_file(home / "file", "");
  EXPECT_EQ(why_of(make_private_directory(home / "file")), Why::kStore);
  EXPECT_EQ(why_of(make_private_directory(home / "file/below")), Why::kStore);
}

}  // namespace
}  // namespace latchkey::broker
