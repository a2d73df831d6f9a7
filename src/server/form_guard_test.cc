#include "server/form_guard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace latchkey::server {
namespace {

using Verdict = FormGuard::Verdict;
constexpr Instant kNoon = from_epoch(1772366400);
const Secret kKey("0123456789abcdef0123456789abcdef");

TEST(FormGuard, KnowsItsOwnForms) {
  const FormGuard guard(kKey);
  const std::string token = guard.issue("/login", "browser", kNoon);
  EXPECT_EQ(guard.check(token, "/login", "browser", kNoon), Verdict::kGood);
  EXPECT_EQ(FormGuard(kKey).check(token, "/login", "browser", kNoon), Verdict::kGood)
      << "another process with the same key";
}

// checklist 18
TEST(FormGuard, RefusesAFormOfAnotherBrowserPurposeOrKey) {
  const FormGuard guard(kKey);
  const std::string token = guard.issue("/login", "browser", kNoon);
  EXPECT_EQ(guard.check(token, "/login", "another", kNoon), Verdict::kForged);
  EXPECT_EQ(guard.check(token, "/consent", "browser", kNoon), Verdict::kForged);
  EXPECT_EQ(guard.check(token, "/logi", "nbrowser", kNoon), Verdict::kForged);
  EXPECT_EQ(
      FormGuard(Secret("another key, also long enough")).check(token, "/login", "browser", kNoon),
      Verdict::kForged);
}

TEST(FormGuard, RefusesEveryChangedByte) {
  const FormGuard guard(kKey);
  const std::string token = guard.issue("/login", "browser", kNoon);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_EQ(guard.check(changed, "/login", "browser", kNoon), Verdict::kForged) << i;
  }
  for (const std::string& other :
       {std::string(), token.substr(1), token + "00", std::string(token.size(), 'z')})
    EXPECT_EQ(guard.check(other, "/login", "browser", kNoon), Verdict::kForged);
}

TEST(FormGuard, AFormIsGoodForItsLifetime) {
  const FormGuard guard(kKey);
  const std::string token = guard.issue("/login", "browser", kNoon);
  EXPECT_EQ(guard.check(token, "/login", "browser", kNoon + kFormLifetime - Seconds{1}),
            Verdict::kGood);
  EXPECT_EQ(guard.check(token, "/login", "browser", kNoon + kFormLifetime), Verdict::kStale);
}

TEST(FormGuard, ASpentFormIsUsed) {
  FormGuard guard(kKey);
  const std::string token = guard.issue("/consent", "session", kNoon);
  EXPECT_EQ(guard.spend(token, "/consent", "foreign", kNoon), Verdict::kForged);
  EXPECT_EQ(guard.spend(token, "/consent", "session", kNoon), Verdict::kGood);
  EXPECT_EQ(guard.spend(token, "/consent", "session", kNoon), Verdict::kUsed);
  EXPECT_EQ(guard.spend(token, "/consent", "session", kNoon + kFormLifetime), Verdict::kStale);
  EXPECT_EQ(guard.spend(guard.issue("/consent", "session", kNoon), "/consent", "session", kNoon),
            Verdict::kGood);
}

TEST(FormGuard, OfManyThatSpendOneFormOneSucceeds) {
  FormGuard guard(kKey);
  const std::string token = guard.issue("/consent", "session", kNoon);
  std::atomic<int> good{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      if (guard.spend(token, "/consent", "session", kNoon) == Verdict::kGood) ++good;
    });
  threads.clear();
  EXPECT_EQ(good, 1);
}

}  // namespace
}  // namespace latchkey::server
