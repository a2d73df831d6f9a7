// The C interface: handles, codes, texts, and callers who make mistakes.

#include "client/abi.h"

#include <signal.h>

#include <future>

#include "client/testing.h"

namespace latchkey::client {
namespace {

using testing::Program;

class Abi : public ::testing::Test, protected Program {
 protected:
  Abi() : config(home / "config.toml") {
    options.size = sizeof options;
    options.config = config.c_str();
    EXPECT_EQ(open(&options), LATCHKEY_OK) << said();
  }
  ~Abi() override {
    EXPECT_EQ(latchkey_close(ring), LATCHKEY_OK);
    latchkey_error_free(error);
  }
  int open(const latchkey_options* given) {
    return open_ring(registry, world(), provider.clock, given, &ring, fresh());
  }
  int get(const char* profile, int64_t timeout = 20'000) {
    latchkey_token_free(std::exchange(token, nullptr));
    return latchkey_get_token(ring, profile, 60, timeout, &token, fresh());
  }
  latchkey_error** fresh() {
    latchkey_error_free(std::exchange(error, nullptr));
    return &error;
  }
  std::string said() const { return error == nullptr ? "" : latchkey_error_text(error); }
  void let_go() { latchkey_token_free(std::exchange(token, nullptr)); }

  const std::string config;
  latchkey_options options{};
  latchkey_ring* ring = nullptr;
  latchkey_token* token = nullptr;
  latchkey_error* error = nullptr;
};

TEST_F(Abi, GivesATokenWithEverythingThatACallNeeds) {
  ASSERT_EQ(get("desk"), LATCHKEY_OK) << said();
  const std::string text = latchkey_token_text(token);
  EXPECT_EQ(text.size(), latchkey_token_size(token));
  EXPECT_GT(latchkey_token_until(token), epoch(provider.clock.now()));
  EXPECT_STREQ(latchkey_token_warning(token), "");
  ASSERT_EQ(latchkey_token_headers(token), 1U);
  EXPECT_STREQ(latchkey_token_header_name(token, 0), "Authorization");
  EXPECT_EQ(latchkey_token_header_value(token, 0), "Bearer " + text);
  EXPECT_EQ(latchkey_token_header_name(token, 1), nullptr);
  latchkey_token* copy = latchkey_token_copy(token);
  let_go();
  EXPECT_EQ(latchkey_token_text(copy), text) << "lives with its last handle";
  latchkey_token_free(copy);
}

TEST_F(Abi, TellsWhatIsWrongAndWhatToDo) {
  EXPECT_EQ(get("unknown"), LATCHKEY_UNKNOWN_PROFILE);
  EXPECT_NE(said().find("desk"), std::string::npos);
  EXPECT_EQ(latchkey_error_code(error), LATCHKEY_UNKNOWN_PROFILE);
  EXPECT_EQ(token, nullptr);
  EXPECT_EQ(get("nobody"), LATCHKEY_PERSON_NEEDED);
  EXPECT_NE(said().find("latchkey login nobody"), std::string::npos);
  EXPECT_EQ(get("desk", 0), LATCHKEY_TRY_LATER) << "not in memory";
  EXPECT_EQ(latchkey_get_token(ring, "nobody", 60, -1, &token, nullptr), LATCHKEY_PERSON_NEEDED)
      << "who wants no text gets the code";
}

TEST_F(Abi, RefusesWhatMakesNoSense) {
  latchkey_ring* none = nullptr;
  EXPECT_EQ(get(nullptr), LATCHKEY_USAGE);
  EXPECT_EQ(latchkey_get_token(nullptr, "desk", 60, -1, &token, fresh()), LATCHKEY_USAGE);
  EXPECT_EQ(latchkey_get_token(ring, "desk", 60, -1, nullptr, fresh()), LATCHKEY_USAGE);
  EXPECT_EQ(latchkey_invalidate(ring, "desk", nullptr, -1, fresh()), LATCHKEY_USAGE);
  EXPECT_EQ(latchkey_request_token(ring, "desk", 60, -1, nullptr, nullptr, nullptr, fresh()),
            LATCHKEY_USAGE);
  latchkey_status status{};
  EXPECT_EQ(latchkey_get_status(ring, "desk", -1, &status, fresh()), LATCHKEY_USAGE);
  latchkey_options bad = options;
  bad.size = 0;
  EXPECT_EQ(open_ring(registry, world(), provider.clock, &bad, &none, fresh()), LATCHKEY_USAGE);
  EXPECT_NE(said().find("sizeof"), std::string::npos);
  bad = options;
  bad.timeout_ms = -1;
  EXPECT_EQ(open_ring(registry, world(), provider.clock, &bad, &none, fresh()), LATCHKEY_USAGE);
  bad = options;
  bad.config = "/nowhere/config.toml";
  EXPECT_EQ(open_ring(registry, world(), provider.clock, &bad, &none, fresh()), LATCHKEY_USAGE);
  EXPECT_EQ(none, nullptr);
  EXPECT_EQ(latchkey_close(nullptr), LATCHKEY_OK);
  latchkey_token_free(nullptr);
  latchkey_error_free(nullptr);
  latchkey_cancel(nullptr);
  latchkey_request_free(nullptr);
}

TEST_F(Abi, TakesTheOptionsOfAnOlderHeader) {
  latchkey_options older = options;
  older.size = offsetof(latchkey_options, timeout_ms);
  older.timeout_ms = -5;  // not read: that structure ended before it
  latchkey_ring* opened = nullptr;
  EXPECT_EQ(open_ring(registry, world(), provider.clock, &older, &opened, fresh()), LATCHKEY_OK);
  latchkey_close(opened);
}

/// Says these, one after the other.
struct Sayings {
  std::vector<std::string> texts;
  std::size_t asked = 0;
  static int say(void* context, int, char* buffer, size_t size) {
    auto& mine = *static_cast<Sayings*>(context);
    return static_cast<int>(mine.texts.at(mine.asked++).copy(buffer, size));
  }
};

TEST_F(Abi, AsksForThePassphraseOnceUnlessItWasWrong) {
  latchkey_close(std::exchange(ring, nullptr));
  const std::string other = home / "sealed.toml";
  broker::testing::write_file(other, "[vault]\nkey = \"passphrase\"\npath = \"" +
                                         (home / "sealed.db") + "\"\n[profiles.desk]\n" +
                                         "provider = \"chathub\"\nlogin = \"demo-company\"\n" +
                                         "password_env = \"PASSWORD\"\noperator = 1\n");
  Sayings first{{"open sesame"}};
  options.config = other.c_str();
  options.context = &first;
  options.passphrase = &Sayings::say;
  ASSERT_EQ(open(&options), LATCHKEY_OK) << said();
  EXPECT_EQ(get("desk"), LATCHKEY_OK) << said();
  let_go();
  EXPECT_EQ(latchkey_refresh(ring, "desk", -1, &token, fresh()), LATCHKEY_OK) << said();
  let_go();
  EXPECT_EQ(first.asked, 1U);
  latchkey_close(std::exchange(ring, nullptr));

  Sayings second{{"open barley", "open sesame"}};
  options.context = &second;
  ASSERT_EQ(open(&options), LATCHKEY_OK) << said();
  EXPECT_EQ(get("desk"), LATCHKEY_STORE);
  EXPECT_EQ(said(), "wrong passphrase");
  EXPECT_EQ(get("desk"), LATCHKEY_OK) << said();
  EXPECT_EQ(second.asked, 2U);
  let_go();
}

TEST_F(Abi, InvalidatesAndRefreshes) {
  ASSERT_EQ(get("desk"), LATCHKEY_OK);
  latchkey_token* dead = std::exchange(token, nullptr);
  EXPECT_EQ(latchkey_invalidate(ring, "desk", dead, -1, fresh()), LATCHKEY_OK) << said();
  EXPECT_EQ(get("desk", 0), LATCHKEY_TRY_LATER);
  ASSERT_EQ(get("desk"), LATCHKEY_OK);
  EXPECT_STRNE(latchkey_token_text(token), latchkey_token_text(dead));
  latchkey_token* newer = nullptr;
  ASSERT_EQ(latchkey_refresh(ring, "desk", -1, &newer, fresh()), LATCHKEY_OK) << said();
  EXPECT_STRNE(latchkey_token_text(token), latchkey_token_text(newer));
  latchkey_token_free(newer);
  latchkey_token_free(dead);
  let_go();
}

TEST_F(Abi, TellsTheTwoClocks) {
  latchkey_status status{};
  status.size = sizeof status;
  ASSERT_EQ(latchkey_get_status(ring, "nobody", -1, &status, fresh()), LATCHKEY_OK) << said();
  EXPECT_EQ(status.logged_in, 0);
  EXPECT_EQ(status.access_until, 0);
  EXPECT_LE(status.human_action, epoch(provider.clock.now()));
  EXPECT_STREQ(status.remedy, "latchkey login nobody");
}

struct Heard {
  latchkey_ring* ring;
  int closed = -1;
  std::promise<int> code;
};

TEST_F(Abi, IsNotClosedFromACallback) {
  Heard heard{ring, -1, {}};
  const auto callback = [](void* context, int code, latchkey_token* given, latchkey_error* why) {
    auto& told = *static_cast<Heard*>(context);
    told.closed = latchkey_close(told.ring);
    latchkey_token_free(given);
    latchkey_error_free(why);
    told.code.set_value(code);
  };
  ASSERT_EQ(latchkey_request_token(ring, "desk", 60, -1, callback, &heard, nullptr, fresh()),
            LATCHKEY_OK);
  EXPECT_EQ(heard.code.get_future().get(), LATCHKEY_OK);
  EXPECT_EQ(heard.closed, LATCHKEY_USAGE);
}

TEST_F(Abi, LeavesSignalsToTheProgram) {
  struct sigaction before{}, after{};
  for (const int signal : {SIGPIPE, SIGCHLD, SIGINT, SIGTERM, SIGALRM}) {
    sigaction(signal, nullptr, &before);
    ASSERT_EQ(get("till"), LATCHKEY_OK);
    sigaction(signal, nullptr, &after);
    EXPECT_EQ(before.sa_handler, after.sa_handler);
  }
  let_go();
  // Each of its threads blocks them all, so that the program's handlers run on its own.
  latchkey_request* request = nullptr;
  std::promise<bool> blocked;
  const auto callback = [](void* context, int, latchkey_token* given, latchkey_error* why) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    latchkey_token_free(given);
    latchkey_error_free(why);
    static_cast<std::promise<bool>*>(context)->set_value(sigismember(&mask, SIGTERM) == 1);
  };
  ASSERT_EQ(latchkey_request_token(ring, "till", 60, -1, callback, &blocked, &request, fresh()),
            LATCHKEY_OK);
  EXPECT_TRUE(blocked.get_future().get());
  latchkey_request_free(request);
}

}  // namespace
}  // namespace latchkey::client
