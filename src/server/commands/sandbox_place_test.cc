#include "server/commands/sandbox_place.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "server/secret_file.h"

namespace latchkey::server {
namespace {

class SandboxPlaceTest : public ::testing::Test {
 protected:
  SandboxPlaceTest() {
    char name[] = "/tmp/latchkey-test-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~SandboxPlaceTest() override { std::filesystem::remove_all(folder_); }
  SandboxPlace place() { return *SandboxPlace::make(folder_); }
  std::string folder_;
};

TEST_F(SandboxPlaceTest, FindsTheOnlyOneOrTheOneOnThatPort) {
  EXPECT_EQ(place().find(0).error().why, Why::kUnknownName);
  ASSERT_TRUE(place().announce(8001, "http://127.0.0.1:8001"));
  EXPECT_EQ(*place().find(0), "http://127.0.0.1:8001");
  EXPECT_EQ(place().find(8002).error().why, Why::kUnknownName);
  ASSERT_TRUE(place().announce(8002, "http://127.0.0.1:8002"));
  EXPECT_EQ(place().find(0).error().why, Why::kUnknownName);
  EXPECT_EQ(*place().find(8002), "http://127.0.0.1:8002");
  place().withdraw(8002);
  EXPECT_EQ(*place().find(0), "http://127.0.0.1:8001");
}

TEST_F(SandboxPlaceTest, ForgetsOneThatWasKilled) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);  // so that nobody has this pid now
  ASSERT_TRUE(write_secret_file(
      folder_ + "/latchkey-sandbox-8001.json",
      Secret(R"({"url":"http://127.0.0.1:8001","pid":)" + std::to_string(child) + "}")));
  EXPECT_EQ(place().find(0).error().why, Why::kUnknownName);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(SandboxPlaceTest, TrustsOnlyItsOwnNotes) {
  ASSERT_TRUE(place().announce(8001, "http://127.0.0.1:8001"));
  std::filesystem::permissions(folder_ + "/latchkey-sandbox-8001.json",
                               std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(place().find(8001).error().why, Why::kStore);
}

}  // namespace
}  // namespace latchkey::server
