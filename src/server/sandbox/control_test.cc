#include "server/sandbox/control.h"

#include <gtest/gtest.h>

#include "dialects/chathub/chathub.h"
#include "dialects/fastconnect/fastconnect.h"
#include "server/sandbox/document.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);

class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    for (const dialect::Dialect* dialect :
         {&dialects::fastconnect::dialect(), &dialects::chathub::dialect()}) {
      auto settings = dialect::Settings::make(dialect->settings());
      const RealmSpec spec{Realm(dialect->traits().name), dialect, *settings, ""};
      auto demo = make_demo(admin_, spec);
      EXPECT_TRUE(demo) << demo.error().say;
      demos_.push_back(std::move(*demo));
      const EngineParts parts{.store = store_, .keys = keys_, .cost = crypto::kCheapest};
      realms_.push_back(*ServedRealm::make(spec, parts, kNoon));
    }
  }

  http::Response get(const std::string& verb, http::Pairs query = {}) {
    return control_.answer({.target = {"/_sandbox/" + verb, std::move(query)},
                            .headers = {{"Host", "127.0.0.1:8000"}}},
                           kNoon);
  }
  http::Response post(const std::string& verb, const std::string& body) {
    return control_.answer(
        {.method = "POST",
         .target = {"/_sandbox/" + verb, {}},
         .headers = {{"Host", "127.0.0.1:8000"}, {"Content-Type", "application/json"}},
         .body = body},
        kNoon);
  }
  Result<engine::Outcome> perform(std::size_t realm, const engine::Operation& operation) {
    return realms_[realm]->authority().perform(operation, kNoon);
  }
  engine::ClientKey push_client() const {
    for (const auto& one : demos_[0].clients)
      if (one.client.otp == engine::OtpKind::kPush) return {one.client.id, one.secret};
    return {};
  }

  store::MemoryStore store_;
  engine::Keys keys_{Secret(std::string(32, 'k'))};
  engine::Admin admin_{store_, keys_, crypto::kCheapest};
  net::SettableClock clock_{kNoon};
  Recorder recorder_;
  std::vector<DemoRealm> demos_;
  std::vector<std::unique_ptr<ServedRealm>> realms_;
  Control control_{admin_, clock_, recorder_, demos_,
                   [] { return json::Object{{"base_url", "x"}}; }};
};

TEST_F(ControlTest, MovesTheClockForwardOnly) {
  EXPECT_EQ(post("advance", R"({"by":"31m"})").status, 200);
  EXPECT_GE(clock_.now(), kNoon + std::chrono::minutes(31));
  for (const char* bad :
       {R"({"by":"-1m"})", R"({"by":"0s"})", R"({"by":""})", R"({"by":31})", "{}", "[]", "x"})
    EXPECT_EQ(post("advance", bad).status, 400) << bad;
}

TEST_F(ControlTest, EndsTokens) {
  const engine::Login login{.user = {SubjectId("demo-company"), Secret("demo-password")}};
  ASSERT_TRUE(perform(1, login));
  EXPECT_EQ(post("revoke", R"({"system":"chathub","user":"somebody"})").status, 404);
  EXPECT_EQ(post("revoke", R"({"system":"chathub","client":"something"})").status, 404);
  EXPECT_EQ(post("revoke", R"({"system":"chathub"})").body, R"({"revoked":1})");
  EXPECT_EQ(post("revoke", R"({"system":"none"})").status, 404);
  EXPECT_EQ(post("revoke", "{}").status, 400);
}

TEST_F(ControlTest, LetsSuspendedAccountsInAgain) {
  const engine::Login login{.user = {SubjectId("demo-company"), Secret("demo-password")}};
  const auto suspend = [&] {
    ASSERT_TRUE(admin_.set_user_disabled(Realm("chathub"), SubjectId("demo-company"), true, "flood",
                                         kNoon));
    EXPECT_EQ(perform(1, login).error().note, "suspended: flood");
  };
  suspend();
  EXPECT_EQ(post("enable", R"({"system":"fastconnect"})").body, R"({"enabled":0})");
  EXPECT_EQ(post("enable", R"({"system":"chathub","user":"nobody"})").status, 404);
  EXPECT_EQ(post("enable", "{}").status, 400);
  EXPECT_FALSE(perform(1, login));
  EXPECT_EQ(post("enable", R"({"system":"chathub","user":"demo-company"})").body,
            R"({"enabled":1})");
  EXPECT_TRUE(perform(1, login));
  suspend();
  EXPECT_EQ(post("enable", R"({"system":"chathub"})").body, R"({"enabled":1})");
  EXPECT_TRUE(perform(1, login));
}

TEST_F(ControlTest, AnswersTheNewestPush) {
  EXPECT_EQ(post("push", R"({"approve":true})").status, 404);
  const auto sent = perform(0, engine::RequestOtp{push_client()});
  ASSERT_TRUE(sent) << sent.error().say;
  const std::string transaction = std::get<engine::OtpSent>(*sent).transaction_id;
  const auto outbox = get("outbox", {{"system", "fastconnect"}});
  EXPECT_NE(outbox.body.find(transaction), std::string::npos);
  EXPECT_EQ(post("push", R"({"approve":"yes"})").status, 400);
  EXPECT_EQ(post("push", R"({"approve":true,"transaction":"other"})").status, 404);
  EXPECT_EQ(post("push", R"({"approve":true})").body,
            R"({"transaction":")" + transaction + R"(","approved":true})");
  EXPECT_EQ(post("push", R"({"approve":false,"transaction":")" + transaction + "\"}").status, 409);
}

TEST_F(ControlTest, AnswersThePushOfAClientByItsId) {
  const auto by_id = [&](const std::string& id) {
    return post("push", R"({"approve":true,"transaction":")" + id + "\"}");
  };
  const std::string id = push_client().id.text;
  EXPECT_EQ(by_id(id).status, 404);
  const auto sent = perform(0, engine::RequestOtp{push_client()});
  ASSERT_TRUE(sent) << sent.error().say;
  EXPECT_EQ(by_id("demo-sms-key").status, 404);
  EXPECT_EQ(by_id(id).body, R"({"transaction":")" +
                                std::get<engine::OtpSent>(*sent).transaction_id +
                                R"(","approved":true})");
}

TEST_F(ControlTest, ForgetsTheDay) {
  ASSERT_TRUE(store_.transact([](engine::Tx& tx) {
    return tx.add_note(Realm("chathub"), SubjectId("demo-company"), "orders", "one", kNoon);
  }));
  EXPECT_EQ(post("restart-day", R"({"system":"fastconnect"})").body, R"({"dropped":0})");
  EXPECT_EQ(post("restart-day", "{}").body, R"({"dropped":1})");
}

TEST_F(ControlTest, ShowsTheLastRequests) {
  for (int i = 1; i <= 3; ++i)
    recorder_.add({.id = std::to_string(i), .operation = "refresh", .status = 200});
  const auto all = *json::parse(get("requests").body);
  ASSERT_EQ(all.as_array()->size(), 3u);
  const auto last = *json::parse(get("requests", {{"last", "1"}}).body);
  ASSERT_EQ(last.as_array()->size(), 1u);
  EXPECT_EQ(*json::string_field(*last.as_array()->front().as_object(), "id"), "3");
}

TEST_F(ControlTest, MovesTheClockNoFurtherThanTimeGoes) {
  const Seconds left = kEndOfTime - clock_.now();
  const auto ask = [&](Seconds by) {
    return post("advance", R"({"by":")" + std::to_string(by.count()) + R"(s"})").status;
  };
  EXPECT_EQ(ask(Seconds::max()), 400);
  EXPECT_EQ(ask(left + Seconds{60}), 400);
  EXPECT_EQ(ask(left - Seconds{60}), 200);
  EXPECT_EQ(ask(Seconds{3600}), 400);
}

TEST_F(ControlTest, IsNoUseToAPageInABrowser) {
  const auto ask = [&](http::Headers headers) {
    return control_
        .answer({.method = "POST",
                 .target = {"/_sandbox/advance", {}},
                 .headers = std::move(headers),
                 .body = R"({"by":"31m"})"},
                kNoon)
        .status;
  };
  EXPECT_EQ(ask({{"Host", "127.0.0.1:1"}, {"Content-Type", "text/plain"}}), 400);
  EXPECT_EQ(ask({{"Host", "rebound.example:1"}, {"Content-Type", "application/json"}}), 403);
  EXPECT_EQ(ask({{"Content-Type", "application/json"}}), 403);
  for (const char* host : {"127.0.0.1:1@evil.example", "127.0.0.1:", "localhost:1:1", "localhost:x",
                           "[::1]x", "127.0.0.1.evil.example:1", ":1", ""})
    EXPECT_EQ(ask({{"Host", host}, {"Content-Type", "application/json"}}), 403) << host;
  for (const char* host : {"localhost:1", "localhost", "127.0.0.1", "[::1]", "[::1]:65535"})
    EXPECT_EQ(ask({{"Host", host}, {"Content-Type", "application/json"}}), 200) << host;
  EXPECT_EQ(get("advance").status, 404);
  EXPECT_EQ(get("nothing").status, 404);
}

TEST_F(ControlTest, DescribesWhatATestNeeds) {
  const json::Object chat = system_document(demos_[1], *realms_[1], kNoon).value();
  const auto& endpoints = *chat.find("endpoints")->as_object();
  const auto& login = *endpoints.find("login")->as_object();
  EXPECT_EQ(*json::string_field(login, "path"), "/api/company/get-token");
  EXPECT_EQ(*json::string_field(*endpoints.find("proof")->as_object(), "token"), "operator");
  const auto& user = *chat.find("users")->as_array()->front().as_object();
  EXPECT_EQ(*json::string_field(user, "password"), "demo-password");
  EXPECT_GE(chat.find("organizations")->as_array()->size(), 1u);
  const json::Object ssi = system_document(demos_[0], *realms_[0], kNoon).value();
  EXPECT_EQ(ssi.find("clients")->as_array()->size(), 3u);
  json::Object systems{{"chathub", chat}, {"fastconnect", ssi}};
  const std::string table =
      sandbox_table(sandbox_document("http://127.0.0.1:1", kNoon, "", systems));
  EXPECT_NE(table.find("demo-password"), std::string::npos);
  EXPECT_NE(table.find("POST /api/company/get-token"), std::string::npos);
  std::vector<std::size_t> columns;  // whose each key is, below each other
  for (const auto& one : demos_[0].clients) {
    const auto line = table.find("client        " + one.client.id.text);
    ASSERT_NE(line, std::string::npos) << table;
    const auto owner = table.find("user " + one.client.owner.text, line);
    columns.push_back(owner - line);
  }
  EXPECT_EQ(columns, std::vector<std::size_t>(3, columns.front())) << table;
  EXPECT_LT(columns.front(), 60u) << table;
}

TEST(Demo, IsMadeAnewWithoutDoublingOrganizations) {
  store::MemoryStore store;
  const engine::Keys keys{Secret(std::string(32, 'k'))};
  engine::Admin admin(store, keys, crypto::kCheapest);
  const auto& dialect = dialects::chathub::dialect();
  const RealmSpec spec{Realm("chathub"), &dialect, *dialect::Settings::make(dialect.settings()),
                       ""};
  const auto first = make_demo(admin, spec), second = make_demo(admin, spec);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->organizations.size(), second->organizations.size());
  EXPECT_EQ(first->subjects[0].subject.number, second->subjects[0].subject.number);
}

TEST(Recorder, KeepsTheNewestInTheirOrder) {
  Recorder recorder;
  constexpr std::size_t kSeen = Recorder::kMost + Recorder::kMost / 2;
  for (std::size_t i = 0; i < kSeen; ++i) recorder.add({.id = std::to_string(i)});
  const auto all = recorder.last(kSeen);
  ASSERT_EQ(all.size(), Recorder::kMost);
  std::size_t next = kSeen - Recorder::kMost;
  for (const auto& one : all)
    ASSERT_EQ(*json::string_field(*one.as_object(), "id"), std::to_string(next++));
  EXPECT_EQ(*json::string_field(*recorder.last(2).front().as_object(), "id"),
            std::to_string(kSeen - 2));
}

}  // namespace
}  // namespace latchkey::server
