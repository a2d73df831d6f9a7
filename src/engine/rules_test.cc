#include "engine/rules.h"

#include <gtest/gtest.h>

#include <functional>

namespace latchkey::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNoon{Seconds{1'772'366'400}};

std::optional<Why> why(const Result<>& may) {
  return may ? std::nullopt : std::optional(may.error().why);
}

template <class Row>
class Table : public ::testing::TestWithParam<Row> {};
template <class Row>
std::string name_of_row(const ::testing::TestParamInfo<Row>& info) {
  std::string name = info.param.name;
  for (char& c : name) {
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

struct TokenRow {
  const char* name;
  std::function<void(Holding&)> change;
  Instant now;
  std::optional<Why> use;      // of it as an access token
  std::optional<Why> refresh;  // of it as a refresh token
};
void PrintTo(const TokenRow& row, std::ostream* out) { *out << row.name; }

class TokenRules : public Table<TokenRow> {};

Holding sample(TokenKind kind) {
  return {
      .token = {.hash = Hash(Bytes(32, 1)), .kind = kind, .issued = kNoon, .until = kNoon + 60s},
      .grant = {.id = GrantId{"g"}, .client = ClientId{"app"}}};
}

TEST_P(TokenRules, AreTheTable) {
  const TokenRow& row = GetParam();
  Holding access = sample(TokenKind::kAccess);
  Holding refresh = sample(TokenKind::kRefresh);
  row.change(access);
  row.change(refresh);
  EXPECT_EQ(why(may_use(access, row.now)), row.use);
  EXPECT_EQ(why(may_refresh(refresh, ClientId{"app"}, row.now)), row.refresh);
  EXPECT_EQ(why(may_refresh(refresh, ClientId{}, row.now)), row.refresh);
  EXPECT_EQ(why(may_refresh(refresh, ClientId{"other"}, row.now)), Why::kInvalidToken);
  EXPECT_EQ(why(may_use(refresh, row.now)), Why::kInvalidToken);
  EXPECT_EQ(why(may_refresh(access, ClientId{"app"}, row.now)), Why::kInvalidToken);
}

INSTANTIATE_TEST_SUITE_P(
    , TokenRules,
    ::testing::Values(
        TokenRow{"a second before its end", [](Holding&) {}, kNoon + 59s, {}, {}},
        TokenRow{"at its end", [](Holding&) {}, kNoon + 60s, Why::kExpired, Why::kExpired},
        TokenRow{"a second past its end", [](Holding&) {}, kNoon + 61s, Why::kExpired,
                 Why::kExpired},
        TokenRow{"family revoked", [](Holding& h) { h.grant.revoked = kNoon; }, kNoon,
                 Why::kRevoked, Why::kRevoked},
        TokenRow{"ended by itself", [](Holding& h) { h.token.ended = kNoon; }, kNoon, Why::kRevoked,
                 Why::kRevoked},
        TokenRow{"spent", [](Holding& h) { h.token.spent = kNoon; }, kNoon, {}, Why::kReplayed},
        TokenRow{"spent and old", [](Holding& h) { h.token.spent = kNoon; }, kNoon + 60s,
                 Why::kExpired, Why::kReplayed},
        TokenRow{"spent and revoked", [](Holding& h) { h.token.spent = h.grant.revoked = kNoon; },
                 kNoon, Why::kRevoked, Why::kRevoked},
        TokenRow{"revoked and old", [](Holding& h) { h.grant.revoked = kNoon; }, kNoon + 60s,
                 Why::kRevoked, Why::kRevoked}),
    name_of_row<TokenRow>);

struct CodeRow {
  const char* name;
  Code code;
  Instant now;
  std::optional<Why> answer;
};
void PrintTo(const CodeRow& row, std::ostream* out) { *out << row.name; }

class CodeRules : public Table<CodeRow> {};

Code code(std::string_view client = "app", std::string_view uri = "https://a/cb",
          std::optional<Instant> spent = {}) {
  return {.client = ClientId{client},
          .redirect_uri = std::string(uri),
          .until = kNoon + 300s,
          .spent = spent};
}

TEST_P(CodeRules, AreTheTable) {
  const CodeRow& row = GetParam();
  EXPECT_EQ(why(may_exchange(row.code, ClientId{"app"}, "https://a/cb", row.now)), row.answer);
}

INSTANTIATE_TEST_SUITE_P(
    , CodeRules,  // checklist 4, 5
    ::testing::Values(
        CodeRow{"a second before its end", code(), kNoon + 299s, {}},
        CodeRow{"at its end", code(), kNoon + 300s, Why::kExpired},
        CodeRow{"a second past its end", code(), kNoon + 301s, Why::kExpired},
        CodeRow{"another clients", code("other"), kNoon, Why::kInvalidToken},
        CodeRow{"another clients and spent", code("other", "https://a/cb", kNoon), kNoon,
                Why::kInvalidToken},
        CodeRow{"spent", code("app", "https://a/cb", kNoon), kNoon, Why::kReplayed},
        CodeRow{"spent and old", code("app", "https://a/cb", kNoon), kNoon + 300s, Why::kReplayed},
        CodeRow{"another address", code("app", "https://a/cb/"), kNoon, Why::kMalformed},
        CodeRow{"another address and old", code("app", "https://b"), kNoon + 300s, Why::kExpired}),
    name_of_row<CodeRow>);

struct PushRow {
  const char* name;
  ChallengeState state;
  Instant now;
  std::optional<Why> answer;
};
void PrintTo(const PushRow& row, std::ostream* out) { *out << row.name; }

class PushRules : public Table<PushRow> {};

TEST_P(PushRules, AreTheTable) {
  const PushRow& row = GetParam();
  const Challenge push{
      .client = ClientId{"app"}, .kind = OtpKind::kPush, .until = kNoon + 60s, .state = row.state};
  EXPECT_EQ(why(may_use_push(push, ClientId{"app"}, 60s, row.now)), row.answer);
  EXPECT_EQ(why(may_use_push(push, ClientId{"other"}, 60s, row.now)), Why::kForbidden);
}

INSTANTIATE_TEST_SUITE_P(
    , PushRules,
    ::testing::Values(
        PushRow{"open", ChallengeState::kOpen, kNoon + 59s, Why::kPending},
        PushRow{"open at its end", ChallengeState::kOpen, kNoon + 60s, Why::kDeclined},
        PushRow{"declined", ChallengeState::kDeclined, kNoon, Why::kDeclined},
        PushRow{"used", ChallengeState::kUsed, kNoon, Why::kNotFound},
        PushRow{"approved", ChallengeState::kApproved, kNoon, {}},
        PushRow{"approved and polled late", ChallengeState::kApproved, kNoon + 119s, {}},
        PushRow{"approved and polled too late", ChallengeState::kApproved, kNoon + 120s,
                Why::kDeclined}),
    name_of_row<PushRow>);

struct GuessRow {
  const char* name;
  Challenge sent;
  Instant now;
  std::optional<Why> answer;
};
void PrintTo(const GuessRow& row, std::ostream* out) { *out << row.name; }

class GuessRules : public Table<GuessRow> {};

TEST_P(GuessRules, AreTheTable) {
  const GuessRow& row = GetParam();
  EXPECT_EQ(why(may_guess(row.sent, 5, row.now)), row.answer);
}

Challenge sent(int attempts, ChallengeState state = ChallengeState::kOpen,
               OtpKind kind = OtpKind::kOutbox) {
  return {.kind = kind, .until = kNoon + 300s, .state = state, .attempts = attempts};
}

INSTANTIATE_TEST_SUITE_P(
    , GuessRules,
    ::testing::Values(
        GuessRow{"the last guess", sent(4), kNoon + 299s, {}},
        GuessRow{"one guess too many", sent(5), kNoon, Why::kOtpWrong},
        GuessRow{"at its end", sent(0), kNoon + 300s, Why::kOtpWrong},
        GuessRow{"used", sent(0, ChallengeState::kUsed), kNoon, Why::kOtpWrong},
        GuessRow{"superseded", sent(0, ChallengeState::kDeclined), kNoon, Why::kOtpWrong},
        GuessRow{"a push", sent(0, ChallengeState::kOpen, OtpKind::kPush), kNoon, Why::kOtpWrong}),
    name_of_row<GuessRow>);

TEST(RedirectRules, RefuseWhatCouldLeakACode) {  // checklist 8
  for (const char* good : {"https://a.example/cb", "https://a.example", "https://a.example/cb?x=1",
                           "http://127.0.0.1:8000/cb", "http://[::1]:1/cb", "http://localhost/cb",
                           "http://localhost", "com.example.app:/cb"}) {
    EXPECT_TRUE(may_register_redirect(good)) << good;
  }
  for (const char* bad : {"",
                          "/cb",
                          "a.example/cb",
                          "https:",
                          "https://",
                          "https:///cb",
                          "https://a.example/cb#x",
                          "https://*.example/cb",
                          "https://a b/",
                          "https://a/\n",
                          "https://a\\b/",
                          "https://u@a.example/",
                          "http://a.example/cb",
                          "http://localhost.evil/cb",
                          "http://127.0.0.1@evil/",
                          "http://127.0.0.10/",
                          "javascript:alert(1)",
                          "JavaScript:alert(1)",
                          "data:text/html,x",
                          "vbscript:x",
                          ":x"}) {
    EXPECT_EQ(why(may_register_redirect(bad)), Why::kMalformed) << bad;
  }
}

TEST(Narrow, KeepsWhatIsHadAndNamed) {
  EXPECT_EQ(narrow("A B C", {}).value(), "A B C");
  EXPECT_EQ(narrow("A B C", {"C", "A"}).value(), "A C");
  EXPECT_EQ(narrow("A B C", {"C", "Z"}).value(), "C");
  EXPECT_EQ(narrow("", {}).value(), "");
  EXPECT_EQ(narrow("A B C", {"Z"}).error().why, Why::kForbidden);
  EXPECT_EQ(narrow("", {"A"}).error().why, Why::kForbidden);
  EXPECT_EQ(narrow("A B C", {"A B"}).error().why, Why::kMalformed);
  EXPECT_EQ(narrow("A B C", {""}).error().why, Why::kMalformed);
}

}  // namespace
}  // namespace latchkey::engine
