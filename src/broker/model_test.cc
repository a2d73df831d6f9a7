// Chance decides what happens to two programs with one vault, their provider and
// their clock; a model of the family of tokens says after each step whether a token
// was spent twice or lost. The seed is printed when it fails: RC_PARAMS="seed=N".

#include <rapidcheck.h>

#include <set>

#include "base/json.h"
#include "broker/testing.h"
#include "dialects/fastconnect/fastconnect.h"

namespace latchkey::broker {
namespace {

using namespace std::chrono_literals;
using testing::Fault;
using testing::Provider;

enum class Act {
  kAsk,         ///< `latchkey token`
  kAskForMore,  ///< … for a token that lives longer
  kRefresh,     ///< `latchkey refresh`
  kDieBefore,   ///< the next request never leaves: its sender is killed
  kDieAfter,    ///< … its sender is killed when the provider has done it
  kFault,       ///< something happens to the next refresh
  kPass,        ///< time goes by
  kStepClock,   ///< somebody sets our clock
  kReboot,
  kRevoke,  ///< at the provider
  kLogIn,   ///< a person does
  kSteal,   ///< the lock files are removed under a sender, and the other one asks
};
constexpr int kActs = static_cast<int>(Act::kSteal) + 1;
constexpr const char* kActNames[] = {"ask",       "ask for more", "refresh", "die before",
                                     "die after", "fault",        "pass",    "step clock",
                                     "reboot",    "revoke",       "log in",  "steal"};
static_assert(std::size(kActNames) == kActs);

struct Event {
  Act act;
  int who;     ///< which of the two programs
  int amount;  ///< 0 to 99, what it means depends on the act
};

std::ostream& operator<<(std::ostream& out, const Event& event) {
  return out << kActNames[static_cast<int>(event.act)] << " by " << event.who << " ("
             << event.amount << ")";
}

rc::Gen<Event> any_event() {
  return rc::gen::exec([] {
    // Asking is what programs do most.
    const int drawn = *rc::gen::inRange(0, kActs + 8);
    Event event{drawn < kActs ? static_cast<Act>(drawn) : Act::kAsk, *rc::gen::inRange(0, 2),
                *rc::gen::inRange(0, 100)};
    return event;
  });
}

/// Thrown through a program that is killed: it takes its locks along, as death does.
struct Killed {};

/// Ours is the provider's, set wrong.
class OurClock final : public Clock {
 public:
  explicit OurClock(const Clock& right) : right_(right) {}
  Instant now() const override { return right_.now() + wrong; }
  Seconds wrong{0};

 private:
  const Clock& right_;
};

/// What is true of the tokens, from the provider's side of the wire.
class Family {
 public:
  explicit Family(Seconds window) : window_(window) {}

  /// True when a login began a new family.
  bool answered(const http::Request& request, const http::Response& response, Seconds now) {
    const std::string sent = text_in(request.body, "refreshToken");
    const bool done = response.status == 200;
    const std::string access = text_in(response.body, "accessToken");
    const std::string refresh = text_in(response.body, "refreshToken");
    if (sent.empty()) {
      if (done && !refresh.empty()) begin(access, refresh);
      return done && !refresh.empty();
    }
    const auto spent = spent_.find(sent);
    if (spent == spent_.end()) {
      if (!done) return false;
      spent_.emplace(sent, Spent{now, refresh});
      issued_.insert(access);
      head_ = refresh;
      return false;
    }
    RC_ASSERT(now - spent->second.at < window_);               // sent again outside its window
    RC_ASSERT((!done || refresh == spent->second.successor));  // I1 single successor
    return false;
  }
  void begin(const std::string& access, const std::string& refresh) {
    issued_.insert(access);
    head_ = refresh;
    revoked_ = false;
  }
  void revoke() { revoked_ = true; }
  bool revoked() const { return revoked_; }
  bool is_head(const Secret& token) const { return token == Secret(head_); }
  bool issued(const Secret& token) const { return issued_.contains(std::string(token.reveal())); }

 private:
  static std::string text_in(const std::string& body, std::string_view name) {
    const auto read = json::parse(body);
    if (!read || !read->as_object()) return {};
    return json::string_field(*read->as_object(), name).value_or("");
  }
  struct Spent {
    Seconds at;
    std::string successor;
  };
  Seconds window_;
  std::map<std::string, Spent> spent_;
  std::set<std::string> issued_;
  std::string head_;
  bool revoked_ = false;
};

/// Two programs over one vault.
class House {
 public:
  explicit House(Seconds window)
      : dialect_(dialects::fastconnect::dialect()),
        provider_(dialect_),
        clock_(provider_.clock),
        family_(window) {
    dialect_.facts.replay_window = provider_.replay_window = window;
    profile_ = testing::profile_of(dialect_, {{"api_key", "demo-sms-key"}});
    profile_.sources["api_secret"] = {SecretSource::Kind::kVariable, {"SECRET"}};
    profile_.timeout = 5s;
    provider_.on_serve = [this] {
      if (std::exchange(dies_before_, false)) throw Killed{};
      if (auto steal = std::exchange(thief_, nullptr)) steal();
    };
    provider_.on_answer = [this](const http::Request& request, const http::Response& response) {
      const bool begun = family_.answered(request, response, provider_.clock.uptime().seconds);
      if (!std::exchange(dies_after_, false)) return;
      // Nobody heard of the new family, and it has ended the one that is kept.
      if (begun) family_.revoke();
      throw Killed{};
    };
    login();
  }

  void happen(const Event& event) {
    switch (event.act) {
      case Act::kAsk: return ask(60s);
      case Act::kAskForMore: return ask(Seconds{event.amount * 600});
      case Act::kRefresh: return run([&](Broker& b) { return b.refresh(profile_); });
      case Act::kDieBefore: dies_before_ = mishap_ = true; return;
      case Act::kDieAfter: dies_after_ = mishap_ = true; return;
      case Act::kFault: return fault(event.amount);
      case Act::kPass: provider_.clock.advance(Seconds{event.amount * event.amount * 6}); return;
      case Act::kStepClock:
        clock_.wrong = Seconds{(event.amount - 50) * 1800};
        mishap_ = true;
        return;
      case Act::kReboot: provider_.clock.boot += "'"; return;
      case Act::kRevoke: return revoke();
      case Act::kLogIn: return login();
      case Act::kSteal: return steal();
    }
  }

  /// All is well again: one plain `token` gives a token, or says what is lost.
  void come_to_rest() {
    provider_.heal();
    dies_before_ = dies_after_ = false;
    thief_ = nullptr;
    clock_.wrong = 0s;
    provider_.clock.advance(2h);  // pauses of our own and the provider's are over
    const bool quiet = !mishap_ && !family_.revoked() && provider_.clock.now() - handed_ < 24h;
    ask(60s);
    if (quiet) RC_ASSERT(!last_);  // it was handed a token
    const std::set<Why> honest = {Why::kPersonNeeded, Why::kLostRotation, Why::kRevoked,
                                  Why::kReplayed,     Why::kInvalidToken, Why::kExpired};
    RC_ASSERT((!last_ || honest.contains(*last_)));
  }

 private:
  void ask(Seconds need) {
    run([&](Broker& broker) { return broker.token(profile_, need); });
  }

  void login() {
    testing::Script person;
    provider_.clock.advance(3601s);  // whatever the provider said is over
    run([&](Broker& broker) { return broker.login(profile_, {}, SecondFactor::kNone, person); });
  }

  void revoke() {
    RC_ASSERT(provider_.admin()
                  .revoke({.realm = provider_.realm()}, "chance", provider_.clock.now())
                  .has_value());
    family_.revoke();
  }

  void fault(int amount) {
    constexpr Fault kFaults[] = {Fault::kUnreachable, Fault::kAnswerLost, Fault::kNotThere,
                                 Fault::kComeBack,    Fault::kSlowDown,   Fault::kBroken,
                                 Fault::kNonsense};
    mishap_ = true;
    provider_.next("/api/v3/auth/refresh", kFaults[amount % std::size(kFaults)]);
  }

  // Who removes the files takes the lock away from a sender whose request is out.
  void steal() {
    mishap_ = true;
    thief_ = [this] {
      std::filesystem::remove_all(home_ / "locks");
      ask(60s);
    };
  }

  void run(const std::function<Result<Handed>(Broker&)>& command) {
    auto vault = Vault::open(testing::chain_in(home_), true);
    RC_ASSERT(vault.has_value());
    World world = provider_.world({{"SECRET", "demo-sms-secret"}});
    world.clock = &clock_;
    Broker broker(*vault, std::move(world));
    try {
      judge(command(broker));
    } catch (const Killed&) {
      return;  // nobody has heard anything
    }
  }

  Entry stored() {
    auto vault = Vault::open(testing::chain_in(home_), false);
    RC_ASSERT(vault.has_value());
    auto entry = vault->load(profile_.name);
    RC_ASSERT(entry.has_value());
    return entry->value_or(Entry{});
  }

  void judge(const Result<Handed>& result) {
    const Entry entry = stored();
    last_ = result ? std::nullopt : std::optional(result.error().why);
    if (!entry.refresh_token.empty()) said_lost_ = false;
    if (result) {
      RC_ASSERT(family_.issued(result->token));        // I11 no wrong success
      RC_ASSERT(result->token == entry.access_token);  // I4 acknowledged means durable
      handed_ = provider_.clock.now();
      const bool waits = dies_before_ || dies_after_ || thief_ || provider_.has_faults();
      const bool well = !entry.spending_since && family_.is_head(entry.refresh_token);
      if (well) mishap_ = waits || clock_.wrong != 0s;
    } else {
      RC_LOG() << name_of(*last_) << ": " << result.error().say << "\n";
      RC_ASSERT((last_ != Why::kStore && last_ != Why::kConflict));
    }
    if (last_ == Why::kLostRotation) {
      RC_ASSERT(mishap_);      // nothing is lost when nothing went wrong
      RC_ASSERT(!said_lost_);  // and it is said once
      said_lost_ = true;
      RC_ASSERT(entry.refresh_token.empty());
    }
    // I2 no orphan: what is kept is the head of its family, unless somebody ended that
    // or it is marked as being spent.
    if (!entry.refresh_token.empty() && !entry.spending_since && !family_.revoked())
      RC_ASSERT(family_.is_head(entry.refresh_token));
  }

  testing::TempDir home_;
  testing::Tuned dialect_;
  Provider provider_;
  OurClock clock_;
  Family family_;
  Profile profile_;
  bool dies_before_ = false;
  bool dies_after_ = false;
  std::function<void()> thief_ = nullptr;
  bool mishap_ = false;           ///< something went wrong since all was well, or is about to
  bool said_lost_ = false;        ///< since there was a refresh token
  std::optional<Why> last_ = {};  ///< of the last command; nullopt: it gave a token
  Instant handed_ = {};
};

void check_with(Seconds window) {
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = 25;
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = "a family of tokens";
  const auto result = rc::detail::checkTestable(
      [window] {
        const auto events = *rc::gen::container<std::vector<Event>>(any_event());
        House house(window);
        for (const Event& event : events) house.happen(event);
        house.come_to_rest();
      },
      metadata, params);
  std::ostringstream told;
  rc::detail::printResultMessage(result, told);
  const bool well = result.is<rc::detail::SuccessResult>();
  EXPECT_TRUE(well) << "seed " << params.seed << "\n" << told.str();
}

// I1 single successor, I2 no orphan, I4 acknowledged means durable, I11 no wrong success
TEST(Model, OfAFamilyHoldsWithoutAReplayWindow) { check_with(0s); }
TEST(Model, OfAFamilyHoldsWithAReplayWindow) { check_with(30s); }

// Found by chance, with a seed: the lock was taken from a sender, another one sent the token again
// and died, and the first was then told that nothing had been spent.
TEST(Model, WhoSendsATokenAgainLeavesNoSenderTheRightToSayThatItIsUnspent) {
  House house(30s);
  house.happen({Act::kSteal, 0, 0});
  house.happen({Act::kDieAfter, 0, 0});
  house.happen({Act::kPass, 0, 70});
  house.happen({Act::kFault, 0, 17});
  house.happen({Act::kAsk, 0, 0});
  house.come_to_rest();
}

}  // namespace
}  // namespace latchkey::broker
