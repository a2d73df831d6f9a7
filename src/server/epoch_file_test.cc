#include "server/epoch_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/admin.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;

constexpr Instant kNoon = from_epoch(1772366400);
const Realm kRealm{"r"};

/// A state directory, and stores that may stand in it.
class EpochFileTest : public ::testing::Test {
 protected:
  EpochFileTest() {
    std::string name = (fs::temp_directory_path() / "latchkey-XXXXXX").string();
    directory = mkdtemp(name.data());
  }
  ~EpochFileTest() override { fs::remove_all(directory); }

  // A store as a backup of it would be: with its epoch, and families that live.
  static std::unique_ptr<store::MemoryStore> store_of(std::int64_t epoch, int families) {
    auto made = std::make_unique<store::MemoryStore>();
    const auto filled = made->transact([&](engine::Tx& tx) -> Result<> {
      if (epoch > 0) TRY(tx.raise_mark(Realm{"_authority"}, "epoch", epoch));
      for (int i = 0; i < families; ++i) {
        TRY(tx.put_grant({.realm = kRealm,
                          .id = GrantId{"g" + std::to_string(i)},
                          .subject = SubjectId{"ann"},
                          .created = kNoon}));
      }
      return {};
    });
    EXPECT_TRUE(filled);
    return made;
  }
  static std::size_t live(engine::Store& store) {
    return store.read([](engine::Tx& tx) { return tx.grants({.realm = kRealm}, 100); })->size();
  }
  std::string text() {
    std::ifstream file(directory / "epoch");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(std::string_view text) { std::ofstream(directory / "epoch") << text; }
  Result<std::optional<int>> check(engine::Store& store) {
    return EpochFile(store, directory.string()).check(kNoon);
  }

  fs::path directory;
};

TEST_F(EpochFileTest, TheSameStoreIsLeftAlone) {
  const auto store = store_of(0, 2);
  EXPECT_EQ(*check(*store), std::nullopt) << "a new one";
  EpochFile file(*store, directory.string());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(file.raise());
  EXPECT_EQ(text(), "3\n");
  EXPECT_EQ(fs::status(directory / "epoch").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(*check(*store), std::nullopt);
  EXPECT_EQ(live(*store), 2u);
}

// The process died between the commit and the file: the store is the newer one.
TEST_F(EpochFileTest, AStoreThatIsAheadIsTheSameStore) {
  const auto store = store_of(4, 2);
  write("3\n");
  EXPECT_EQ(*check(*store), std::nullopt);
  EXPECT_EQ(text(), "4\n");
  EXPECT_EQ(live(*store), 2u);
}

TEST_F(EpochFileTest, AnOlderStoreIsEndedWhole) {
  const auto store = store_of(2, 3);
  write("5\n");
  EXPECT_EQ(*check(*store), 3);
  EXPECT_EQ(live(*store), 0u);
  EXPECT_EQ(text(), "6\n");
  EXPECT_EQ(*check(*store), std::nullopt) << "once";
}

TEST_F(EpochFileTest, AStoreThatComesWithoutItsCopyIsEnded) {
  const auto store = store_of(2, 1);
  EXPECT_EQ(*check(*store), 1);
  EXPECT_EQ(text(), "3\n");
}

TEST_F(EpochFileTest, ADatabaseThatWasDeletedHasNothingToEnd) {
  write("5\n");
  const auto store = store_of(0, 0);
  EXPECT_EQ(*check(*store), 0);
  EXPECT_EQ(text(), "6\n");
}

TEST_F(EpochFileTest, ABackupOfTheSameEpochIsEndedByRestore) {
  const auto store = store_of(5, 2);
  write("5\n");
  EXPECT_EQ(*EpochFile(*store, directory.string()).restored(kNoon), 2);
  EXPECT_EQ(live(*store), 0u);
  EXPECT_EQ(text(), "5\n") << "not while another store stands in the place";
  EXPECT_EQ(*check(*store), std::nullopt);
  EXPECT_EQ(text(), "6\n");
}

TEST_F(EpochFileTest, WhatCannotBeReadStopsTheStart) {
  const auto store = store_of(1, 1);
  for (const char* text : {"", "five\n", "-1\n", "1 2\n"}) {
    write(text);
    const auto checked = check(*store);
    ASSERT_FALSE(checked) << text;
    EXPECT_EQ(checked.error().why, Why::kStore);
  }
  fs::remove(directory / "epoch");
  fs::create_symlink("/etc/passwd", directory / "epoch");
  EXPECT_FALSE(check(*store)) << "a link";
  EXPECT_EQ(live(*store), 1u);
}

engine::Event event(const char* what, Instant at) {
  engine::Event event;
  event.what = what;
  event.at = at;
  return event;
}

TEST_F(EpochFileTest, IsRaisedBehindEverythingThatMustStayEnded) {
  const auto store = store_of(0, 0);
  EpochFile file(*store, directory.string());
  EpochKeeper keeper(file);
  const auto behind = [&](const char* what, Instant at) {
    keeper.told(event(what, at));
    keeper.settle();
    return text();
  };
  EXPECT_EQ(behind("login", kNoon), "1\n") << "and sometimes for everything else";
  EXPECT_EQ(behind("refresh", kNoon + Seconds(59)), "1\n");
  EXPECT_EQ(behind("refresh", kNoon + Seconds(60)), "2\n");
  for (const char* what : {"revoked", "reuse", "suspended"})
    keeper.told(event(what, kNoon + Seconds(61)));
  EXPECT_EQ(text(), "5\n");
  auto refused = event("reuse", kNoon + Seconds(61));
  refused.ended_nothing = true;
  for (int i = 0; i < 9; ++i) keeper.told(refused);
  EXPECT_EQ(text(), "5\n") << "a policy that only refuses ended nothing";
  EXPECT_EQ(behind("refresh", kNoon - Seconds(3600)), "6\n") << "a clock that went back";
}

TEST_F(EpochFileTest, WhoeverMayReadTheDirectoryCannotHoldIt) {
  const auto store = store_of(0, 0);
  const int folder = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(folder, LOCK_EX | LOCK_NB), 0);
  EXPECT_TRUE(EpochFile(*store, directory.string()).raise());
  EXPECT_EQ(text(), "1\n");
  EXPECT_EQ(fs::status(directory / "epoch.lock").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  close(folder);
}

TEST_F(EpochFileTest, StandsBehindEveryRevocationOfAnOperator) {
  const auto store = store_of(0, 1);
  EpochFile file(*store, directory.string());
  const engine::Keys keys{Secret(std::string(32, 'k'))};
  engine::Admin admin(*store, keys);
  admin.after_ending([&] { return file.raise(); });
  EXPECT_EQ(*admin.revoke({.realm = kRealm}, "x", kNoon), 1);
  EXPECT_EQ(text(), "1\n");
  EXPECT_FALSE(admin.revoke_user(kRealm, SubjectId{"nobody"}, "x", kNoon));
  EXPECT_EQ(text(), "1\n") << "nothing was ended";
  fs::remove_all(directory);
  EXPECT_FALSE(admin.revoke({.realm = kRealm}, "x", kNoon)) << "not acknowledged";
}

}  // namespace
}  // namespace latchkey::server
