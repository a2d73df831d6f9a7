#include "server/sandbox/bookkeeper.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "dialects/chathub/chathub.h"
#include "dialects/fastconnect/fastconnect.h"
#include "net/clock.h"
#include "server/sandbox/between.h"
#include "server/sandbox/demo.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);

class BookkeeperTest : public ::testing::Test {
 protected:
  BookkeeperTest() {
    std::string name = (std::filesystem::temp_directory_path() / "latchkey-books-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    ledger_ = *Ledger::open(name + "/ledger.jsonl", Ledger::Sync::kNever);
    books_.emplace(*ledger_, store_, keys_);
    const auto& dialect = dialects::fastconnect::dialect();
    const RealmSpec spec{Realm("ssi"), &dialect, *dialect::Settings::make(dialect.settings()), ""};
    client_ = make_demo(admin_, spec)->clients.front();
    realm_ = *ServedRealm::make(spec, {.store = store_, .keys = keys_, .cost = crypto::kCheapest},
                                kNoon);
  }
  ~BookkeeperTest() override { std::filesystem::remove_all(folder_); }

  /// Performs and writes down, as the sandbox does; nullopt: refused.
  std::optional<engine::TokenSet> ask(const engine::Operation& operation, Instant now = kNoon) {
    const auto request = realm_->codec().encode_request(operation);
    EXPECT_TRUE(request);
    DialectCall call(*realm_, *request);
    Between between(*books_, plan_, admin_, clock_);
    const auto response = between.perform(call, "r-1", now).response;
    const auto outcome = realm_->codec().decode_reply({operation, now}, response);
    if (!outcome) return std::nullopt;
    return std::get<engine::TokenSet>(*outcome);
  }
  std::optional<engine::TokenSet> log_in() {
    return ask(engine::Login{.client = {client_.client.id, client_.secret}});
  }
  std::optional<engine::TokenSet> refresh(const Secret& token) {
    return ask(engine::Refresh{.refresh_token = token});
  }
  json::Object line(std::size_t n) const {
    const auto all = read_ledger(ledger_->path());
    EXPECT_TRUE(all && all->size() > n);
    return all && all->size() > n ? *all->at(n).as_object() : json::Object{};
  }
  static std::string text(const json::Object& line, std::string_view name) {
    const auto* value = line.find(name);
    return value == nullptr ? "" : value->as_string() ? *value->as_string() : json::write(*value);
  }
  std::string whole() const {
    std::ifstream in(ledger_->path());
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }

  std::string folder_;
  store::MemoryStore store_;
  engine::Keys keys_{Secret(std::string(32, 'k'))};
  engine::Admin admin_{store_, keys_, crypto::kCheapest};
  dialect::DemoClient client_;
  std::unique_ptr<ServedRealm> realm_;
  std::unique_ptr<Ledger> ledger_;
  std::optional<Bookkeeper> books_;
  FaultPlan plan_;
  net::SettableClock clock_{kNoon};
};

TEST_F(BookkeeperTest, FollowsAFamilyFromLoginToReuse) {
  const auto first = log_in();
  ASSERT_TRUE(first);
  const auto second = refresh(first->refresh_token);
  ASSERT_TRUE(second);
  EXPECT_FALSE(refresh(first->refresh_token));
  const auto login = line(0), rotated = line(1), reused = line(2);
  EXPECT_EQ(text(login, "op"), "login");
  EXPECT_EQ(text(login, "system"), "ssi");
  EXPECT_EQ(text(login, "client"), client_.client.id.text);
  EXPECT_EQ(text(login, "time"), "2026-03-01T12:00:00Z");
  EXPECT_EQ(text(login, "access"), ledger_hash(first->access_token));
  EXPECT_EQ(text(login, "until"), to_rfc3339(*first->access_until));
  EXPECT_EQ(text(login, "request"), "r-1");
  EXPECT_EQ(text(login, "token"), "");
  EXPECT_FALSE(text(login, "family").empty());
  EXPECT_LE(*login.find("began")->as_int(), *login.find("real")->as_int());

  EXPECT_EQ(text(rotated, "op"), "refresh");
  EXPECT_EQ(text(rotated, "result"), "ok");
  EXPECT_EQ(text(rotated, "family"), text(login, "family"));
  EXPECT_EQ(text(rotated, "client"), client_.client.id.text);  // the wire does not say it
  EXPECT_EQ(text(rotated, "token"), text(login, "refresh"));
  EXPECT_EQ(text(rotated, "parent"), text(login, "refresh"));
  EXPECT_EQ(text(rotated, "refresh"), ledger_hash(second->refresh_token));
  EXPECT_EQ(text(rotated, "replayed"), "");
  EXPECT_EQ(text(rotated, "ended"), "");

  EXPECT_EQ(text(reused, "result"), "replayed");
  EXPECT_EQ(text(reused, "replayed"), "true");
  EXPECT_EQ(text(reused, "ended"), "true");
  EXPECT_EQ(text(reused, "token"), text(login, "refresh"));
  EXPECT_EQ(text(reused, "parent"), "");
}

TEST_F(BookkeeperTest, HoldsNoSecret) {
  const auto first = log_in();
  const auto second = refresh(first->refresh_token);
  ASSERT_TRUE(second);
  const std::string all = whole();
  for (const auto& secret : {client_.secret, first->access_token, first->refresh_token,
                             second->access_token, second->refresh_token})
    EXPECT_EQ(all.find(secret.reveal()), std::string::npos);
}

TEST_F(BookkeeperTest, WritesRefusalsAndWhatNobodyKnows) {
  EXPECT_FALSE(ask(engine::Login{.client = {ClientId("nobody"), Secret("wrong")}}));
  EXPECT_FALSE(refresh(Secret("nobodys-token")));
  EXPECT_EQ(text(line(0), "result"), "bad_credentials");
  EXPECT_EQ(text(line(0), "client"), "nobody");
  EXPECT_EQ(text(line(0), "access"), "");
  EXPECT_EQ(text(line(1), "result"), "invalid_token");
  EXPECT_EQ(text(line(1), "family"), "");
  EXPECT_EQ(text(line(1), "token"), ledger_hash(Secret("nobodys-token")));
}

TEST_F(BookkeeperTest, SaysHowASystemTreatsTokens) {
  ASSERT_TRUE(books_->opened(realm_->authority(), Seconds{1}, kNoon));
  EXPECT_EQ(text(line(0), "op"), "open");
  EXPECT_EQ(text(line(0), "rotation"), "single_use");
  EXPECT_EQ(text(line(0), "on_replay"), "revoke_client");
  EXPECT_EQ(text(line(0), "interval"), "1");
}

}  // namespace
}  // namespace latchkey::server
