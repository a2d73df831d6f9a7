#pragma once

// For the tests of this folder.

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace latchkey::store {

/// One database file in a directory of its own, and the ways of another program to it.
class DatabaseFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "latchkey-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path file() const { return directory_ / "t.db"; }

  /// `files`: the name of SQLite's file system; null: its own.
  static sqlite3* open(const std::filesystem::path& file, const char* files = nullptr) {
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    EXPECT_EQ(sqlite3_open_v2(file.c_str(), &db, flags, files), SQLITE_OK);
    return db;
  }
  static void run(sqlite3* db, const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
  }
  /// The only row's only value.
  static std::string ask(sqlite3* db, const char* sql) {
    std::string said;
    const auto hear = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) += values[0];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, sql, hear, &said, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    return said;
  }

  std::filesystem::path directory_;
};

}  // namespace latchkey::store
