#include <gtest/gtest.h>

#include <future>

#include "dialects/alor/alor.h"
#include "engine/admin.h"
#include "server/site.h"
#include "store/memory/memory_store.h"

// Refreshes whose transactions the store has for a while.

namespace latchkey::server {
namespace {

constexpr Instant kNoon = from_epoch(1772366400);
const Realm kRealm("alor");
constexpr const char* kPeople[] = {"ann", "ben", "cat", "dan", "eve"};  // one login each

class FixedClock final : public Clock {
 public:
  Instant now() const override { return kNoon; }
};

/// Keeps what nobody waits for, until it is told to go on.
class HeldStore final : public engine::Store {
 public:
  std::size_t size() const { return held_.size(); }
  void go_on() {
    for (auto& [works, done] : std::exchange(held_, {})) {
      std::vector<Result<>> ended;
      for (const Work& work : works) ended.push_back(inner_.transact(work));
      done(std::move(ended));
    }
  }

 protected:
  Result<> do_transact(const Work& work) override { return inner_.transact(work); }
  Result<> do_read(const Work& work) override { return inner_.read(work); }
  void do_transact_later(std::vector<Work> works, Done done) override {
    held_.emplace_back(std::move(works), std::move(done));
  }

 private:
  store::MemoryStore inner_;
  std::vector<std::pair<std::vector<Work>, Done>> held_;
};

/// A network thread that goes on when it is told to.
class Ready final : public net::Replier {
 public:
  using Queue = std::vector<std::move_only_function<void()>>;
  Ready(Queue& queue, std::vector<int>& heard) : queue_(queue), heard_(heard) {}
  ~Ready() override {
    if (!answered_) heard_.push_back(0);
  }
  void answer(http::Response response, net::Delivery) override {
    answered_ = true;
    heard_.push_back(response.status);
  }
  void post(std::move_only_function<void()> work) override { queue_.push_back(std::move(work)); }
  static void run(Queue& queue) {
    for (auto& work : std::exchange(queue, {})) work();
  }

 private:
  Queue& queue_;
  std::vector<int>& heard_;
  bool answered_ = false;
};

class Later : public ::testing::Test {
 protected:
  void SetUp() override {
    auto settings = dialect::Settings::make(dialects::alor::dialect().settings());
    const EngineParts parts{.store = store_, .keys = keys_, .cost = crypto::kCheapest};
    auto realm =
        ServedRealm::make({kRealm, &dialects::alor::dialect(), *settings, ""}, parts, kNoon);
    ASSERT_TRUE(realm);
    site_.emplace(SiteOptions{.workers = {.commit_threads = 1}, .log_requests = false}, clock_);
    site_->add(std::move(*realm));
    engine::Admin admin(store_, keys_, crypto::kCheapest);
    ASSERT_TRUE(admin.create_client({.client = {.realm = kRealm, .id = ClientId("desk")}}));
    for (const char* who : kPeople)
      ASSERT_TRUE(
          admin.create_user({.realm = kRealm, .login = SubjectId(who)}, Secret("right"), true));
  }

  std::string refresh_token(const char* who = kPeople[0]) {
    auto& authority = site_->realms().front()->authority();
    const auto session = authority.sign_in({SubjectId(who), Secret("right")}, kNoon);
    const auto tokens = authority.issue(*session, ClientId("desk"), kNoon);
    EXPECT_TRUE(tokens) << tokens.error().say << tokens.error().note;
    return std::string(tokens->refresh_token.reveal());
  }

  void refresh(const std::string& token, net::Reply reply) {
    site_->handle({.method = "POST", .target = {"/refresh", {{"token", token}}}}, std::move(reply));
  }
  std::future<int> refresh(const std::string& token) {
    auto status = std::make_shared<std::promise<int>>();
    auto heard = status->get_future();
    refresh(token, net::Reply([status](http::Response r) { status->set_value(r.status); }));
    return heard;
  }

  static bool is_ready(std::future<int>& heard) {
    return heard.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  FixedClock clock_;
  HeldStore store_;
  engine::Keys keys_{Secret("a master key of thirty-two bytes")};
  std::optional<Site> site_;
};

TEST_F(Later, ManyWaitForTheirCommitAndHoldNoThread) {
  std::vector<std::future<int>> heard;
  for (const char* who : kPeople) heard.push_back(refresh(refresh_token(who)));
  EXPECT_EQ(store_.size(), 5u);
  for (auto& one : heard) EXPECT_FALSE(is_ready(one)) << "answered before its commit";
  store_.go_on();
  for (auto& one : heard) EXPECT_EQ(one.get(), 200);
}

TEST_F(Later, WhatIsReadyAtTheSameTimeGoesToTheStoreInOnePieceAndComesBackInOne) {
  Ready::Queue loop;
  std::vector<int> heard;
  for (const char* who : kPeople)
    refresh(refresh_token(who), net::Reply(std::make_shared<Ready>(loop, heard)));
  EXPECT_EQ(loop.size(), 1u);
  EXPECT_EQ(store_.size(), 0u);
  Ready::run(loop);
  EXPECT_EQ(store_.size(), 1u);
  store_.go_on();
  EXPECT_EQ(loop.size(), 1u);
  Ready::run(loop);
  EXPECT_EQ(heard, std::vector(std::size(kPeople), 200));
}

TEST_F(Later, ACrowdGoesToTheStoreInPartsAndEverybodyIsAnswered) {
  constexpr std::size_t kPart = 32;
  engine::Admin admin(store_, keys_, crypto::kCheapest);
  Ready::Queue loop;
  std::vector<int> heard;
  for (std::size_t i = 0; i < kPart + 1; ++i) {
    EXPECT_EQ(store_.size(), i / kPart) << "before the loop comes to it";
    const std::string who = "person " + std::to_string(i);
    ASSERT_TRUE(
        admin.create_user({.realm = kRealm, .login = SubjectId(who)}, Secret("right"), true));
    refresh(refresh_token(who.c_str()), net::Reply(std::make_shared<Ready>(loop, heard)));
  }
  Ready::run(loop);
  EXPECT_EQ(store_.size(), 2u);
  store_.go_on();
  Ready::run(loop);
  EXPECT_EQ(heard, std::vector(kPart + 1, 200));
}

TEST_F(Later, WhoComesWhileTheStoreHasOthersGoesWithTheNext) {
  Ready::Queue loop;
  std::vector<int> heard;
  for (const char* who : {"ann", "ben"}) {
    refresh(refresh_token(who), net::Reply(std::make_shared<Ready>(loop, heard)));
    Ready::run(loop);
  }
  EXPECT_EQ(store_.size(), 2u);
  store_.go_on();
  Ready::run(loop);
  EXPECT_EQ(heard, std::vector({200, 200}));
}

TEST_F(Later, WhatWasReadyWhenItsLoopEndedIsNotForgotten) {
  Ready::Queue loop;
  std::vector<int> heard;
  for (const char* who : {"ann", "ben"})
    refresh(refresh_token(who), net::Reply(std::make_shared<Ready>(loop, heard)));
  loop.clear();
  EXPECT_EQ(heard, std::vector({0, 0})) << "the connection is told that nobody answers";
  site_->stop();
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(Later, WhatNeedsNoCommitIsAnsweredAtOnce) {
  auto heard = refresh("12be28e4-0000-4000-8000-000000000000");
  EXPECT_EQ(store_.size(), 0u);
  ASSERT_TRUE(is_ready(heard));
  EXPECT_GE(heard.get(), 400);
}

TEST_F(Later, StoppingWaitsForWhatTheStoreHas) {
  auto heard = refresh(refresh_token());
  auto stopped = std::async(std::launch::async, [&] { site_->stop(); });
  EXPECT_FALSE(is_ready(heard));
  store_.go_on();
  stopped.get();
  EXPECT_EQ(heard.get(), 200);
}

}  // namespace
}  // namespace latchkey::server
