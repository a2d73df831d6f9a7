#include "net/unix_listener.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace latchkey::net {
namespace {

class UnixListenerIn : public ::testing::Test {
 protected:
  UnixListenerIn() { folder_ = mkdtemp(folder_.data()); }
  ~UnixListenerIn() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name = "a.sock") const { return folder_ + "/" + name; }

  std::string folder_ = std::filesystem::temp_directory_path() / "latchkey-XXXXXX";
};

Why why_of(const Result<UnixListener>& made) { return made ? Why::kBug : made.error().why; }

/// A socket of somebody else's; listening, or left behind by one who died.
int bound(const std::string& path, bool listening) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  if (listening) EXPECT_EQ(listen(fd, 1), 0);
  return fd;
}

mode_t mode_of(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(stat(path.c_str(), &info), 0);
  return info.st_mode & 0777;
}

TEST_F(UnixListenerIn, ItsFolderIsForOneUserAndThereOnce) {
  {
    auto first = UnixListener::make(path());
    ASSERT_TRUE(first) << first.error().say;
    EXPECT_EQ(mode_of(path()), 0600u);
    const auto second = UnixListener::make(path());
    EXPECT_EQ(why_of(second), Why::kConflict);
    EXPECT_NE(second.error().say.find(std::to_string(getpid())), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_TRUE(UnixListener::make(path())) << "when one has ended another may begin";
}

TEST_F(UnixListenerIn, WhatADeadOneLeftIsInNobodysWay) {
  close(bound(path(), true));
  const auto made = UnixListener::make(path());
  EXPECT_TRUE(made) << made.error().say;
}

TEST_F(UnixListenerIn, WhatIsNotOursIsLeftThere) {
  const int alive = bound(path("alive"), true);
  EXPECT_EQ(why_of(UnixListener::make(path("alive"))), Why::kConflict);
  close(alive);
  std::ofstream(path("file")) << "mine";
  EXPECT_EQ(why_of(UnixListener::make(path("file"))), Why::kPolicy);
  EXPECT_TRUE(std::filesystem::exists(path("file")));
  std::filesystem::create_symlink(path("nowhere"), path("link"));
  EXPECT_EQ(why_of(UnixListener::make(path("link"))), Why::kPolicy);
  std::filesystem::create_symlink(path("nowhere"), path("b.lock"));
  EXPECT_EQ(why_of(UnixListener::make(path("b"))), Why::kStore) << "the lock may be no link";
}

TEST_F(UnixListenerIn, AFolderThatOthersMayWriteToIsRefused) {
  chmod(folder_.c_str(), 0777);
  EXPECT_EQ(why_of(UnixListener::make(path())), Why::kPolicy);
  chmod(folder_.c_str(), 0711);
  EXPECT_TRUE(UnixListener::make(path()));
}

TEST_F(UnixListenerIn, APathHasALongestLength) {
  const std::string longest =
      folder_ + "/" + std::string(longest_socket_path() - folder_.size() - 1, 'x');
  EXPECT_TRUE(UnixListener::make(longest));
  EXPECT_EQ(why_of(UnixListener::make(longest + "x")), Why::kUsage);
  EXPECT_EQ(why_of(UnixListener::make("relative")), Why::kUsage);
  EXPECT_EQ(why_of(UnixListener::make("")), Why::kUsage);
}

TEST_F(UnixListenerIn, AnotherOneInItsPlaceIsNotRemoved) {
  int stranger = -1;
  {
    const auto made = UnixListener::make(path());
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->is_reachable());
    std::filesystem::rename(path(), path("away"));
    EXPECT_FALSE(made->is_reachable());
    stranger = bound(path(), true);
    EXPECT_FALSE(made->is_reachable());
  }
  EXPECT_TRUE(std::filesystem::exists(path()));
  close(stranger);
}

TEST_F(UnixListenerIn, TakesOverWhatAServiceManagerMade) {
  const int fd = bound(path(), true);
  {
    auto taken = UnixListener::adopt(fd);
    ASSERT_TRUE(taken) << taken.error().say;
    EXPECT_EQ(taken->path(), path());
    EXPECT_EQ(taken->release(), fd);
    EXPECT_EQ(why_of(UnixListener::adopt(fd)), Why::kConflict) << "it is taken";
  }
  EXPECT_TRUE(std::filesystem::exists(path())) << "it belongs to the manager";
  close(fd);
  const int deaf = bound(path("deaf"), false);
  EXPECT_EQ(why_of(UnixListener::adopt(deaf)), Why::kUsage);
  close(deaf);
  EXPECT_EQ(why_of(UnixListener::adopt(STDERR_FILENO)), Why::kUsage);
}

TEST(HandedSocket, IsTheOneThatIsMeantForUs) {
  EXPECT_EQ(*handed_socket(nullptr, nullptr, 7), -1);
  EXPECT_EQ(*handed_socket("7", nullptr, 7), -1);
  EXPECT_EQ(*handed_socket("7", "1", 7), 3);
  EXPECT_EQ(*handed_socket("8", "1", 7), -1) << "a parent's";
  EXPECT_EQ(*handed_socket("seven", "1", 7), -1);
  EXPECT_FALSE(handed_socket("7", "2", 7));
  EXPECT_FALSE(handed_socket("7", "0", 7));
  EXPECT_FALSE(handed_socket("7", "", 7));
}

}  // namespace
}  // namespace latchkey::net
