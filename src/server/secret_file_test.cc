#include "server/secret_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "server/master_key.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;

class SecretFile : public ::testing::Test {
 protected:
  SecretFile() {
    char name[] = "/tmp/latchkey-test-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~SecretFile() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string put(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path(name), std::ios::binary) << text;
    chmod(path(name).c_str(), mode);
    return path(name);
  }
  std::string folder_;
};

TEST_F(SecretFile, IsReadWithoutItsLineEnd) {
  EXPECT_EQ(*read_secret_file(put("a", "secret\n")), Secret("secret"));
  EXPECT_EQ(*read_secret_file(put("b", "secret\r\n")), Secret("secret"));
  EXPECT_EQ(*read_secret_file(put("c", " two words \n\n")), Secret(" two words "));
}

TEST_F(SecretFile, MustBeThisUsersAlone) {
  EXPECT_TRUE(read_secret_file(put("a", "secret", 0400)));
  for (const mode_t mode : {0640, 0604, 0660, 0644}) {
    const auto read = read_secret_file(put("b", "secret", mode));
    ASSERT_FALSE(read) << std::oct << mode;
    EXPECT_EQ(read.error().why, Why::kStore);
    EXPECT_NE(read.error().say.find("chmod 600"), std::string::npos);
  }
}

TEST_F(SecretFile, MustBeAPlainFileWithSomethingInIt) {
  fs::create_symlink(put("a", "secret"), path("link"));
  mkfifo(path("pipe").c_str(), 0600);
  for (const auto& bad : {path("link"), path("pipe"), folder_, path("missing"), put("empty", "\n"),
                          put("huge", std::string(65'537, 'x'))})
    EXPECT_FALSE(read_secret_file(bad)) << bad;
  EXPECT_TRUE(read_secret_file(put("large", std::string(65'536, 'x'))));
}

TEST_F(SecretFile, IsWrittenOnceAndForNobodyElse) {
  ASSERT_TRUE(write_secret_file(path("new"), Secret("secret")));
  struct stat info{};
  ASSERT_EQ(stat(path("new").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(*read_secret_file(path("new")), Secret("secret"));
  const auto again = write_secret_file(path("new"), Secret("other"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().why, Why::kConflict);
  EXPECT_EQ(*read_secret_file(path("new")), Secret("secret"));
}

TEST_F(SecretFile, HoldsAMasterKeyOfThirtyTwoBytesOrMore) {
  const auto read = [&](const std::string& text) {
    return read_master_key({MasterKeySource::Kind::kFile, put("key", text)}, folder_, std::nullopt);
  };
  EXPECT_TRUE(read(std::string(32, 'k')));
  const auto shorter = read(std::string(31, 'k'));
  ASSERT_FALSE(shorter);
  EXPECT_EQ(shorter.error().why, Why::kUsage);
}

TEST_F(SecretFile, MayBeASystemdCredential) {
  put("master", std::string(32, 'k'));
  const MasterKeySource source{MasterKeySource::Kind::kCredential, "master"};
  EXPECT_TRUE(read_master_key(source, folder_, folder_));
  const auto without = read_master_key(source, folder_, std::nullopt);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().why, Why::kUsage);
}

TEST(MasterKey, OpensOnlyTheStoreThatItMade) {
  store::MemoryStore store;
  const engine::Keys right{Secret(std::string(32, 'a'))}, wrong{Secret(std::string(32, 'b'))};
  const Instant now = from_epoch(1772366400);
  EXPECT_TRUE(check_master_key(store, right, now));
  EXPECT_TRUE(check_master_key(store, right, now));
  const auto refused = check_master_key(store, wrong, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, Why::kStore);
}

}  // namespace
}  // namespace latchkey::server
