// A key ring in a program of many threads, beside other programs.

#include "client/ring.h"

#include <future>

#include "client/testing.h"

namespace latchkey::client {
namespace {

using testing::Fault;
using testing::Program;
using namespace std::chrono_literals;

const std::string kOperator = "/api/operator/get-token";

class Rings : public ::testing::Test, protected Program {
 protected:
  Rings() : ring(open()) {}

  Question::Asked asked(const char* name, Seconds need = 60s,
                        std::chrono::milliseconds patience = 30s) {
    return {.kind = Question::Kind::kToken,
            .desk = ring->find(name),
            .need = need,
            .patience = patience};
  }
  Ref<Issued> token(const char* name, Seconds need = 60s) {
    auto outcome = ring->ask(asked(name, need));
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().say);
    return outcome ? std::move(outcome->token) : Ref<Issued>();
  }
  Outcome verb(Question::Kind kind, const Secret& refused = {}) {
    auto question = asked("desk");
    question.kind = kind;
    question.refused = refused;
    return ring->ask(question);
  }
  Ref<Issued> recalled(const char* name, Seconds need = 60s) {
    return ring->recall(*ring->find(name), need.count());
  }
  void go_to_the_end_of(const Issued& token) {
    provider.clock.advance(from_epoch(token.until()) - provider.clock.now());
  }

  std::unique_ptr<Ring> ring;
};

TEST_F(Rings, AskTheVaultOnceAndMemoryFromThenOn) {
  EXPECT_FALSE(recalled("desk"));
  const auto first = token("desk");
  const auto again = recalled("desk");
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first.get(), again.get()) << "the same token, not a copy";
  EXPECT_STREQ(first->headers().front().value.c_str(),
               (std::string("Bearer ") + first->text().c_str()).c_str());
  EXPECT_EQ(provider.served(kOperator), 1);
  EXPECT_FALSE(recalled("till"));
}

TEST_F(Rings, GiveFromMemoryWhatLivesLongEnough) {
  const auto first = token("desk");
  const Seconds life = from_epoch(first->until()) - provider.clock.now();
  ring.reset();
  ring = open([&](RingOptions& options) { options.recheck = life + 1h; });
  token("desk");
  EXPECT_TRUE(recalled("desk", life));
  EXPECT_FALSE(recalled("desk", life + 1s));
  provider.clock.advance(life - 60s);
  EXPECT_TRUE(recalled("desk"));
  provider.clock.advance(1s);
  EXPECT_FALSE(recalled("desk"));
  EXPECT_TRUE(recalled("desk", 59s));
  provider.clock.advance(59s);
  EXPECT_FALSE(recalled("desk", 0s)) << "dead";
}

// I3 exactly once
TEST_F(Rings, RenewOnceForManyThreads) {
  go_to_the_end_of(*token("desk"));
  std::vector<std::future<Ref<Issued>>> threads;
  for (int i = 0; i < 32; ++i)
    threads.push_back(std::async(std::launch::async, [this] { return token("desk"); }));
  std::set<std::string> texts;
  for (auto& thread : threads) texts.insert(thread.get()->text().c_str());
  EXPECT_EQ(texts.size(), 1U);
  EXPECT_EQ(provider.served(kOperator), 2);
}

TEST_F(Rings, RefreshOnceForManyThreadsThatWantANewOne) {
  const std::string old = token("desk")->text().c_str();
  gate.close("desk");
  std::vector<std::future<Outcome>> threads;
  for (int i = 0; i < 8; ++i)
    threads.push_back(
        std::async(std::launch::async, [this] { return verb(Question::Kind::kRefresh); }));
  gate.wait_for_one();
  gate.open();
  std::set<std::string> texts;
  for (auto& thread : threads) texts.insert(thread.get()->token->text().c_str());
  EXPECT_FALSE(texts.contains(old));
  EXPECT_EQ(static_cast<int>(texts.size()), provider.served(kOperator) - 1)
      << "whoever asked before a renewal ended shares it";
}

TEST_F(Rings, SeeAtOnceWhatAnotherProgramRenews) {
  token("desk");
  auto program = other();
  const auto renewed = program.broker().value()->refresh(program.profile("desk").value());
  ASSERT_TRUE(renewed);
  EXPECT_FALSE(recalled("desk"));
  EXPECT_TRUE(token("desk")->is(renewed->token));
  EXPECT_EQ(provider.served(kOperator), 2);
}

// I5 no resurrection
TEST_F(Rings, SeeAtOnceWhatAnotherProgramForgets) {
  token("desk");
  auto program = other();
  ASSERT_TRUE(program.broker().value()->forget(program.profile("desk").value()).value());
  EXPECT_FALSE(recalled("desk"));
}

TEST_F(Rings, LookAtTheVaultsFileFromTimeToTime) {
  const auto first = token("desk");
  std::filesystem::rename(home / "vault.db", home / "gone.db");
  for (const char* ending : {"-wal", "-shm"})
    std::filesystem::rename(home / ("vault.db" + std::string(ending)),
                            home / ("gone.db" + std::string(ending)));
  provider.clock.advance(9s);
  EXPECT_TRUE(recalled("desk")) << "nobody can see that in memory";
  provider.clock.advance(1s);
  EXPECT_FALSE(recalled("desk"));
  EXPECT_FALSE(token("desk")->is(first->secret())) << "of a new vault";
}

TEST_F(Rings, TrustNoMemoryThatComesFromTheFuture) {
  token("desk");
  provider.clock.advance(-1s);
  EXPECT_FALSE(recalled("desk"));
}

TEST_F(Rings, ForgetWhatTheProviderRefused) {
  const auto dead = token("desk");
  ASSERT_TRUE(verb(Question::Kind::kInvalidate, dead->secret()));
  EXPECT_FALSE(recalled("desk"));
  auto program = other();
  EXPECT_TRUE(program.vault(false).value()->load(ProfileName("desk"))->value().access_token.empty())
      << "for every program";
  const auto fresh = token("desk");
  EXPECT_FALSE(fresh->is(dead->secret()));
  ASSERT_TRUE(verb(Question::Kind::kInvalidate, dead->secret()));
  EXPECT_TRUE(token("desk")->is(fresh->secret())) << "an old refusal says nothing of the new one";
  EXPECT_EQ(provider.served(kOperator), 2);
}

TEST_F(Rings, HandOutNoTokenThatIsBoundToAKey) {
  token("desk");
  auto program = other();
  auto* vault = program.vault(false).value();
  auto entry = vault->load(ProfileName("desk")).value().value();
  entry.proof_key = Secret("key");
  ASSERT_TRUE(vault->store(ProfileName("desk"), entry));
  EXPECT_FALSE(recalled("desk")) << "not from memory either";
  for (const auto kind : {Question::Kind::kToken, Question::Kind::kRefresh}) {
    const auto refused = verb(kind);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, kDenied);
    EXPECT_NE(refused.error().say.find("latchkey request desk"), std::string::npos);
  }
  EXPECT_TRUE(verb(Question::Kind::kStatus));
}

// N11
TEST_F(Rings, LetOneProviderThatDoesNotAnswerDelayNobodyElse) {
  token("till");
  gate.close("desk");
  auto stuck = std::async(std::launch::async, [this] { return ring->ask(asked("desk")); });
  gate.wait_for_one();
  const auto late = ring->ask(asked("desk", 60s, 30ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, kTryLater);
  EXPECT_NE(late.error().say.find("desk was not ready in time"), std::string::npos);
  EXPECT_TRUE(ring->ask(asked("till", 60s, 5s)));
  EXPECT_TRUE(verb(Question::Kind::kStatus)) << "the vault can be asked";
  auto question = asked("till");
  question.kind = Question::Kind::kRefresh;
  EXPECT_TRUE(ring->ask(question));
  gate.open();
  EXPECT_TRUE(stuck.get());
}

TEST_F(Rings, GiveATokenThatLivesWhileItsRenewalIsStuck) {
  const auto first = token("desk");
  // Waiting for its turn moves the clock a little.
  const Seconds life = from_epoch(first->until()) - provider.clock.now() - 60s;
  gate.close("desk");
  auto stuck = std::async(std::launch::async, [&] { return ring->ask(asked("desk", life + 61s)); });
  gate.wait_for_one();
  const auto enough = ring->ask(asked("desk", life));
  ASSERT_TRUE(enough);
  EXPECT_EQ(enough->token->warning(), "");
  const auto old = ring->ask(asked("desk", life + 61s, 30ms));
  ASSERT_TRUE(old);
  EXPECT_NE(old->token->warning().find("not renewed in time"), std::string::npos);
  gate.open();
  stuck.wait();
}

TEST_F(Rings, AskAProviderThatFailsOnceForAllWhoWait) {
  go_to_the_end_of(*token("desk"));
  const int served = provider.served();
  gate.close("desk");
  std::vector<std::future<int>> codes;
  const auto ask_one = [&] {
    auto code = std::make_shared<std::promise<int>>();
    codes.push_back(code->get_future());
    ASSERT_TRUE(ring->ask_later(asked("desk"), [code](const Outcome& outcome) {
      code->set_value(outcome ? kOk : outcome.error().code);
    }));
  };
  ask_one();
  gate.wait_for_one();
  for (int i = 0; i < 16; ++i) ask_one();
  ASSERT_TRUE(verb(Question::Kind::kStatus)) << "all of them have been looked at";
  provider.always(Fault::kSlowDown);
  gate.open();
  for (auto& code : codes) EXPECT_EQ(code.get(), kTryLater);
  EXPECT_LE(provider.served() - served, 4) << "two attempts, and not seventeen";
}

TEST_F(Rings, SayWhatAPersonMustDo) {
  const auto refused = ring->ask(asked("nobody"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, kNeedsPerson);
  EXPECT_NE(refused.error().say.find("latchkey login nobody"), std::string::npos);
  EXPECT_EQ(ring->find("unknown"), nullptr);
  EXPECT_EQ(ring->unknown("unknown").code, kNoSuchName);
  EXPECT_NE(ring->unknown("unknown").say.find("desk"), std::string::npos);
}

TEST_F(Rings, SayHowTheClocksStand) {
  const auto before = verb(Question::Kind::kStatus);
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->status.logged_in);
  EXPECT_EQ(before->status.remedy, "latchkey login desk");
  const auto issued = token("desk");
  const auto after = verb(Question::Kind::kStatus);
  EXPECT_TRUE(after->status.alive);
  EXPECT_EQ(epoch(*after->status.access_until), issued->until());
  ASSERT_TRUE(after->status.human_action);
  EXPECT_GT(*after->status.human_action, provider.clock.now() + 24h * 30)
      << "it logs in by itself; but its password has an age";
}

// -- without waiting -----------------------------------------------------------------

class Later : public Rings {
 protected:
  std::future<Outcome> later(Question::Asked asked, QuestionPtr* question = nullptr) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    Ring* const mine = ring.get();
    auto made = mine->ask_later(std::move(asked), [promise, mine](Outcome outcome) {
      EXPECT_TRUE(mine->in_callback());
      promise->set_value(std::move(outcome));
    });
    EXPECT_TRUE(made);
    if (question != nullptr) *question = made;
    return promise->get_future();
  }
};

TEST_F(Later, GetTheTokenOnTheLibrarysThread) {
  EXPECT_FALSE(ring->in_callback());
  const auto fresh = later(asked("desk")).get();
  ASSERT_TRUE(fresh);
  const auto known = later(asked("desk")).get();
  EXPECT_EQ(known->token.get(), fresh->token.get());
}

TEST_F(Later, EndByTheirDeadline) {
  gate.close("desk");
  auto stuck = later(asked("desk"));
  gate.wait_for_one();
  const auto late = later(asked("desk", 60s, 20ms)).get();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, kTryLater);
  gate.open();
  EXPECT_TRUE(stuck.get());
}

TEST_F(Later, AreCancelledOnceAndTheRenewalGoesOn) {
  gate.close("desk");
  QuestionPtr question;
  auto first = later(asked("desk"), &question);
  gate.wait_for_one();
  cancel(question);
  cancel(question);
  const auto outcome = first.get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, kCancelled);
  auto second = later(asked("desk"));
  gate.open();
  EXPECT_TRUE(second.get());
  EXPECT_EQ(provider.served(kOperator), 1);
}

TEST_F(Later, AreCalledBackBeforeTheRingIsClosed) {
  gate.close("desk");
  auto working = later(asked("desk"));
  gate.wait_for_one();
  std::vector<std::future<Outcome>> waiting;
  for (int i = 0; i < 4; ++i) waiting.push_back(later(asked("desk")));
  ASSERT_TRUE(verb(Question::Kind::kStatus)) << "all of them have been looked at";
  std::promise<void> closed;
  std::thread closer([&] {
    ring.reset();
    closed.set_value();
  });
  auto is_closed = closed.get_future();
  EXPECT_EQ(is_closed.wait_for(20ms), std::future_status::timeout)
      << "going away in the middle of a renewal could cost the login";
  gate.open();
  is_closed.wait();
  closer.join();
  EXPECT_TRUE(working.get());
  for (auto& one : waiting) EXPECT_EQ(one.get().error().code, kCancelled);
}

}  // namespace
}  // namespace latchkey::client
