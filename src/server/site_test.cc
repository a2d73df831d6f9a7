#include "server/site.h"

#include <gtest/gtest.h>

#include <future>

#include "base/json.h"
#include "dialects/alor/alor.h"
#include "dialects/chathub/chathub.h"
#include "engine/admin.h"
#include "server/health.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return from_epoch(1772366400); }
};

/// A codec that breaks wherever it is told to.
class Broken final : public dialect::Codec {
 public:
  bool owns(std::string_view path) const override { return path.starts_with("/broken"); }
  Result<http::Request> encode_request(const engine::Operation&) const override {
    return fail(Why::kUnsupported);
  }
  Result<engine::Outcome> decode_reply(const dialect::Sent&, const http::Response&) const override {
    return fail(Why::kUnsupported);
  }
  Result<engine::Operation> decode_request(const http::Request& request) const override {
    if (request.target.path == "/broken/decode") throw std::runtime_error("in decode_request");
    return fail(Why::kMalformed);
  }
  http::Response encode_reply(const dialect::Asked& asked,
                              const Result<engine::Outcome>& result) const override {
    if (asked.request.target.path == "/broken/encode") throw std::runtime_error("in encode_reply");
    return {.status = 400, .body = name_of(result.error().why)};
  }
};

class BrokenDialect final : public dialect::Dialect {
 public:
  const dialect::Traits& traits() const override {
    static const dialect::Traits kTraits{.name = "broken"};
    return kTraits;
  }
  std::span<const dialect::Setting> settings() const override { return {}; }
  std::span<const dialect::Question> questions() const override { return {}; }
  std::unique_ptr<dialect::Codec> codec(const dialect::Settings&,
                                        const dialect::Keyring*) const override {
    return std::make_unique<Broken>();
  }
  engine::Policy policy(const dialect::Settings&) const override {
    return {.access_form = engine::TokenForm::kOpaque};
  }
  dialect::Demo demo() const override { return {}; }
  Result<engine::Operation> login(const dialect::Answers&) const override {
    return fail(Why::kUnsupported);
  }
  http::Headers token_headers(const dialect::Answers&, const Secret&) const override { return {}; }
};

class SiteTest : public ::testing::Test {
 protected:
  void start(SiteOptions options = {}) {
    options.log_requests = false;
    site_.emplace(options, clock_);
    add(dialects::chathub::dialect(), "");
    add(dialects::alor::dialect(), "/a");
    add(broken_, "");
    site_->on_served([this](const Served& one) {
      std::scoped_lock lock(mutex_);
      served_.push_back(one);
    });
    engine::Admin admin(store_, keys_, crypto::kCheapest);
    ASSERT_TRUE(admin.create_user({.realm = Realm("chathub"), .login = SubjectId("company")},
                                  Secret("right"), true));
  }
  void add(const dialect::Dialect& dialect, const std::string& prefix) {
    auto settings = dialect::Settings::make(dialect.settings());
    const EngineParts parts{.store = store_, .keys = keys_, .cost = crypto::kCheapest};
    auto realm = ServedRealm::make({Realm(dialect.traits().name), &dialect, *settings, prefix},
                                   parts, clock_.now());
    ASSERT_TRUE(realm) << realm.error().note;
    site_->add(std::move(*realm));
  }
  http::Response ask(http::Request request) {
    std::promise<http::Response> answer;
    site_->handle(std::move(request), [&](http::Response r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  }
  http::Request login(const std::string& password) {
    return {.method = "POST",
            .target = {"/api/company/get-token", {}},
            .headers = {{"Content-Type", "application/json"}},
            .body = R"({"login":"company","password":")" + password + "\"}"};
  }

  FixedClock clock_;
  BrokenDialect broken_;
  store::MemoryStore store_;
  engine::Keys keys_{Secret(std::string(32, 'k'))};
  std::mutex mutex_;
  std::vector<Served> served_;
  std::optional<Site> site_;
};

TEST_F(SiteTest, FindsTheRealmAndPerformsItsOperation) {
  start();
  const auto good = ask(login("right"));
  EXPECT_EQ(good.status, 200);
  EXPECT_TRUE(good.body.starts_with("\"ey")) << good.body;
  const auto bad = ask(login("wrong"));
  EXPECT_EQ(bad.status, 401);
  ASSERT_EQ(served_.size(), 2u);
  EXPECT_EQ(served_[0].realm, "chathub");
  EXPECT_EQ(served_[0].operation, "login");
  EXPECT_EQ(served_[0].status, 200);
  EXPECT_FALSE(served_[0].error);
  EXPECT_EQ(served_[1].error->why, Why::kBadCredentials);
}

TEST_F(SiteTest, GivesEveryAnswerAnId) {
  start();
  const auto first = ask(login("right")), second = ask({.target = {"/nowhere", {}}});
  EXPECT_EQ(*first.headers.find("X-Request-Id"), served_[0].id);
  EXPECT_EQ(*second.headers.find("X-Request-Id"), served_[1].id);
  EXPECT_NE(served_[0].id, served_[1].id);
  EXPECT_EQ(second.status, 404);
  EXPECT_EQ(*second.headers.find("X-Content-Type-Options"), "nosniff");
}

TEST_F(SiteTest, BelievesOnlyAProxysIds) {
  start();
  const http::Request asked{
      .target = {"/nowhere", {}},
      .headers = {{"X-Request-Id", "abc-1"}, {"X-Forwarded-For", "192.0.2.1"}}};
  EXPECT_NE(*ask(asked).headers.find("X-Request-Id"), "abc-1");
  EXPECT_EQ(served_[0].forwarded, "");
  served_.clear();
  start({.behind_proxy = true});
  EXPECT_EQ(*ask(asked).headers.find("X-Request-Id"), "abc-1");
  EXPECT_EQ(served_[0].forwarded, "192.0.2.1");
  const http::Request odd{.target = {"/nowhere", {}}, .headers = {{"X-Request-Id", "a\"b"}}};
  EXPECT_NE(*ask(odd).headers.find("X-Request-Id"), "a\"b");
}

TEST_F(SiteTest, StripsTheRealmsPrefix) {
  start();
  EXPECT_EQ(ask({.method = "POST", .target = {"/a/refresh", {}}}).status, 403);
  EXPECT_EQ(served_[0].realm, "alor");
  EXPECT_EQ(ask({.method = "POST", .target = {"/refresh", {}}}).status, 404);
  EXPECT_EQ(ask({.method = "POST", .target = {"/ab/refresh", {}}}).status, 404);
}

TEST_F(SiteTest, WritesNoSecretDown) {  // checklist 30, 68
  start();
  ask({.method = "POST",
       .target = {"/a/refresh", {{"token", "12be28e4-2e15-44b8-983e-e6c119a1bcac"}}}});
  EXPECT_EQ(served_[0].target, "/a/refresh?token=…");
  EXPECT_EQ(served_[0].operation, "refresh");
}

TEST_F(SiteTest, ServesPagesBeforeTheCodec) {
  start();
  const auto page = ask({.target = {"/a/tokens", {}}});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(http::media_type(page.headers), "text/html");
  EXPECT_EQ(served_[0].operation, "page");
}

TEST_F(SiteTest, TurnsWhatIsThrownIntoTheDialectsOwnAnswer) {
  start();
  const auto decode = ask({.target = {"/broken/decode", {}}});
  EXPECT_EQ(decode.status, 400);
  EXPECT_EQ(decode.body, "bug");
  EXPECT_EQ(served_[0].error->note, "in decode_request");
  const auto encode = ask({.target = {"/broken/encode", {}}});
  EXPECT_EQ(encode.status, 500);
  EXPECT_EQ(encode.body, "");
  EXPECT_EQ(served_[1].error->note, "in encode_reply");
}

TEST_F(SiteTest, AnswersAHeadAsItWouldAGet) {
  start();
  EXPECT_EQ(ask({.method = "HEAD", .target = {"/a/tokens", {}}}).status, 200);
  EXPECT_EQ(served_[0].method, "HEAD");
}

TEST_F(SiteTest, AFloodOfLoginsIsTurnedAwayAndSlowsNothingElse) {
  start({.workers = {.slow_threads = 1, .slow_queue = 1}});
  engine::Admin slow(store_, keys_, {.passes = 1, .memory_bytes = 8u << 20});
  ASSERT_TRUE(slow.create_user({.realm = Realm("chathub"), .login = SubjectId("company")},
                               Secret("right"), true));
  std::vector<std::future<http::Response>> logins;
  for (int i = 0; i < 40; ++i) {
    auto answer = std::make_shared<std::promise<http::Response>>();
    logins.push_back(answer->get_future());
    site_->handle(login("right"), [answer](http::Response r) { answer->set_value(std::move(r)); });
  }
  EXPECT_EQ(ask({.method = "POST", .target = {"/a/refresh", {}}}).status, 403);
  int busy = 0, good = 0;
  for (auto& one : logins) {
    const auto answer = one.get();
    if (answer.status == 200) ++good;
    if (answer.status == 503 && answer.headers.find("Retry-After")) ++busy;
  }
  EXPECT_EQ(busy + good, 40);
  EXPECT_GT(good, 0);
  EXPECT_GT(busy, 0);
}

TEST_F(SiteTest, KnowsWhetherItCanWrite) {
  start();
  Health health(store_);
  site_->add(
      Extra{"/readyz", [&](const http::Request& r, Instant now) { return health.readyz(r, now); }});
  EXPECT_EQ(ask({.target = {"/readyz", {}}}).status, 200);
  EXPECT_EQ(ask({.target = {"/readyz/x", {}}}).status, 404);
  EXPECT_EQ(ask({.method = "POST", .target = {"/readyz", {}}}).status, 405);
  health.set_draining();
  EXPECT_EQ(ask({.target = {"/readyz", {}}}).status, 503);
}

TEST(Lanes, KeepLookUpsHereAndPasswordsApart) {
  const engine::Policy by_password{.login = engine::LoginKind::kPassword};
  const engine::Policy by_secret{.login = engine::LoginKind::kClientSecret};
  EXPECT_EQ(lane_of(by_password, engine::Login{}), Lane::kSlow);
  EXPECT_EQ(lane_of(by_secret, engine::Login{}), Lane::kCommit);
  EXPECT_EQ(lane_of(by_password, engine::Refresh{}), Lane::kLater);
  EXPECT_EQ(lane_of(by_password, engine::Validate{}), Lane::kHere);
  EXPECT_EQ(lane_of(by_password, engine::Use{}), Lane::kHere);
  EXPECT_EQ(lane_of(by_password, engine::Use{.note = "an order"}), Lane::kCommit);
}

}  // namespace
}  // namespace latchkey::server
