#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "server/audit_log.h"
#include "server/audit_verify.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

namespace fs = std::filesystem;
constexpr Instant kNoon = from_epoch(1772366400);

class Audit : public ::testing::Test {
 protected:
  Audit() {
    std::string name = (fs::temp_directory_path() / "latchkey-audit-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Audit() override { fs::remove_all(folder_); }

  std::string path(const char* name = "audit.jsonl") const { return folder_ + "/" + name; }
  std::unique_ptr<AuditLog> open(bool routine = false) {
    auto log = AuditLog::open({.file = path(), .routine = routine}, keys_);
    EXPECT_TRUE(log) << log.error().say;
    return std::move(*log);
  }
  void write(AuditLog& log, int lines) {
    for (int i = 0; i < lines; ++i)
      EXPECT_TRUE(log.append(kNoon, "admin", {{"verb", "user.disable"}, {"n", i}}, i == 0));
  }
  std::vector<std::string> lines(const char* name = "audit.jsonl") const {
    std::ifstream in(path(name));
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  void put(const std::vector<std::string>& lines) const {
    std::ofstream out(path(), std::ios::trunc);
    for (const auto& line : lines) out << line << "\n";
  }
  AuditReport verify(std::vector<std::string> files = {}) {
    if (files.empty()) files.push_back(path());
    const auto report = verify_audit(files, keys_);
    EXPECT_TRUE(report) << report.error().say;
    return *report;
  }

  std::string folder_;
  engine::Keys keys_{Secret("a master key of thirty-two bytes")};
};

TEST_F(Audit, IsWholeAsItWasWritten) {
  write(*open(), 5);
  EXPECT_EQ(verify().broken, "");
  EXPECT_EQ(verify().first, 1);
  EXPECT_EQ(verify().last, 5);
  write(*open(), 2);
  EXPECT_EQ(verify().last, 7) << "a program that starts goes on where the last one ended";
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Audit, ShowsWhatWasDoneToIt) {
  write(*open(), 5);
  const auto whole = lines();
  auto changed = whole;
  changed[2].replace(changed[2].find("disable"), 7, "enableX");
  auto missing = whole;
  missing.erase(missing.begin() + 1);
  auto swapped = whole;
  std::swap(swapped[1], swapped[2]);
  auto added = whole;
  added.insert(added.begin() + 2, whole[1]);
  auto headless = whole;
  headless.erase(headless.begin());
  headless[0].replace(headless[0].find("\"seq\":2"), 7, "\"seq\":1");
  for (const auto& [what, text] : {std::pair("changed", changed),
                                   {"missing", missing},
                                   {"swapped", swapped},
                                   {"added", added},
                                   {"headless", headless},
                                   {"no line", {"{}"}}}) {
    put(text);
    EXPECT_NE(verify().broken, "") << what;
  }
  put(whole);
  EXPECT_EQ(verify().broken, "");
}

TEST_F(Audit, OfAnotherKeyIsNotBelieved) {
  write(*open(), 2);
  const engine::Keys others{Secret("another master key, of 32 bytes!")};
  EXPECT_NE(verify_audit({path()}, others)->broken, "");
}

TEST_F(Audit, GoesOnInAnotherFile) {
  const auto log = open();
  write(*log, 3);
  fs::rename(path(), path("old.jsonl"));
  write(*log, 1);
  log->reopen();
  write(*log, 2);
  EXPECT_EQ(lines("old.jsonl").size(), 4u);
  EXPECT_EQ(lines().size(), 2u);
  EXPECT_EQ(verify({path("old.jsonl"), path()}).broken, "");
  EXPECT_EQ(verify({path("old.jsonl"), path()}).last, 6);
  EXPECT_EQ(verify().first, 5) << "what was before is believed";
  EXPECT_NE(verify({path(), path("old.jsonl")}).broken, "");
}

TEST_F(Audit, GoesOnInAnotherFileAfterAStart) {
  write(*open(), 3);
  fs::rename(path(), path("old.jsonl"));
  write(*open(), 2);
  EXPECT_EQ(verify({path("old.jsonl"), path()}).broken, "");
  EXPECT_EQ(verify({path("old.jsonl"), path()}).last, 5);
}

TEST_F(Audit, OfTwoProgramsIsOneChain) {
  const auto one = open(), other = open();
  write(*one, 2);
  write(*other, 2);
  write(*one, 2);
  EXPECT_EQ(verify().broken, "");
  EXPECT_EQ(verify().last, 6);
}

TEST_F(Audit, LosesHalfALineOfACrash) {
  write(*open(), 2);
  std::ofstream(path(), std::ios::app) << "{\"seq\":3,\"at\":\"20";
  EXPECT_NE(verify().broken, "");
  write(*open(), 1);
  EXPECT_EQ(verify().broken, "");
  EXPECT_EQ(verify().last, 3);
}

TEST_F(Audit, IsOneLineWhateverAStrangerIsCalled) {  // checklist 69
  const auto log = open();
  log->told({.at = kNoon,
             .what = "login_refused",
             .realm = Realm("chat"),
             .client = ClientId("a\n{\"seq\":2}\r\n\x1b[2J"),
             .subject = SubjectId("\",\"chain\":\"0"),
             .grant = {},
             .detail = "bad_credentials"});
  ASSERT_EQ(lines().size(), 1u);
  EXPECT_EQ(lines()[0].find('\x1b'), std::string::npos);
  EXPECT_EQ(verify().broken, "");
  const auto value = json::parse(lines()[0]);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->as_object()->find("user")->as_string()->substr(0, 3), "\",\"");
}

TEST_F(Audit, LeavesRoutineOutUnlessItIsWanted) {
  const engine::Event renewal{.at = kNoon,
                              .what = "refresh",
                              .realm = Realm("chat"),
                              .client = {},
                              .subject = {},
                              .grant = {},
                              .detail = {}};
  open()->told(renewal);
  EXPECT_EQ(lines().size(), 0u);
  open(true)->told(renewal);
  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(Audit, KnowsFromTheStoreThatItsEndIsMissing) {
  store::MemoryStore store;
  EXPECT_FALSE(*is_audit_cut(store, 0));
  EXPECT_TRUE(keep_audit_mark(store, 5));
  EXPECT_TRUE(keep_audit_mark(store, 4));
  EXPECT_TRUE(*is_audit_cut(store, 4));
  EXPECT_FALSE(*is_audit_cut(store, 5));
  EXPECT_FALSE(*is_audit_cut(store, 5)) << "asking changes nothing";
}

TEST_F(Audit, IsRefusedWhereOthersMayWriteIt) {
  write(*open(), 1);
  fs::permissions(path(), fs::perms::group_write, fs::perm_options::add);
  EXPECT_EQ(AuditLog::open({.file = path()}, keys_).error().why, Why::kStore);
  EXPECT_FALSE(AuditLog::open({.file = folder_}, keys_));
}

}  // namespace
}  // namespace latchkey::server
