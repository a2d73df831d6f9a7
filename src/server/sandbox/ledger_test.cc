#include "server/sandbox/ledger.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() {
    std::string name = (fs::temp_directory_path() / "latchkey-ledger-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = name + "/ledger.jsonl";
  }
  ~LedgerTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Ledger> open() {
    auto ledger = Ledger::open(path_, Ledger::Sync::kEveryLine);
    EXPECT_TRUE(ledger) << ledger.error().say;
    return std::move(*ledger);
  }
  void spoil(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }

  std::string folder_, path_;
};

TEST_F(LedgerTest, GoesOnBehindWhatIsThere) {
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(open()->append({{"n", i}}));
  const auto events = read_ledger(path_);
  ASSERT_TRUE(events);
  EXPECT_EQ(json::write(*events), R"([{"n":1},{"n":2},{"n":3}])");
  struct stat info{};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST_F(LedgerTest, DropsALineThatACrashTore) {
  EXPECT_TRUE(open()->append({{"n", 1}}));
  spoil(R"({"n":2,"op":"ref)");
  EXPECT_EQ(json::write(*read_ledger(path_)), R"([{"n":1}])");
  EXPECT_TRUE(open()->append({{"n", 3}}));
  EXPECT_EQ(json::write(*read_ledger(path_)), R"([{"n":1},{"n":3}])");
}

TEST_F(LedgerTest, MixesNoLinesOfManyThreads) {
  const auto ledger = open();
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i)
      writers.emplace_back([&] {
        for (int n = 0; n < 25; ++n)
          EXPECT_TRUE(ledger->append({{"n", n}, {"x", std::string(200, 'x')}}));
      });
  }
  const auto events = read_ledger(path_);
  ASSERT_TRUE(events) << events.error().say;
  EXPECT_EQ(events->size(), 200u);
}

TEST_F(LedgerTest, SaysWhatCannotBe) {
  EXPECT_EQ(read_ledger(path_).error().why, Why::kUnknownName);
  EXPECT_EQ(Ledger::open(folder_, Ledger::Sync::kNever).error().why, Why::kStore);
  EXPECT_EQ(Ledger::open("/dev/null", Ledger::Sync::kNever).error().why, Why::kStore);
  fs::create_symlink("/dev/null", folder_ + "/link");
  EXPECT_EQ(Ledger::open(folder_ + "/link", Ledger::Sync::kNever).error().why, Why::kStore);
  spoil("[]\n");
  EXPECT_EQ(read_ledger(path_).error().why, Why::kStore);
}

TEST(LedgerHash, NamesATokenWithoutSayingIt) {
  // echo -n abc | sha256sum
  EXPECT_EQ(ledger_hash(Secret("abc")), "ba7816bf8f01cfea");
  EXPECT_EQ(ledger_hash(Secret()), "");
}

}  // namespace
}  // namespace latchkey::server
