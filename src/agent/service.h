#pragma once

#include <array>

#include "agent/crew.h"
#include "agent/events.h"
#include "agent/keys.h"
#include "agent/schedule.h"

namespace latchkey::agent {

/// What somebody wants of a profile.
struct Question {
  ProfileName profile;
  bool headers = false;              ///< the headers that carry the token, else the token
  std::optional<Seconds> need = {};  ///< how long it must live; nullopt: as the profile says
};

struct Answer {
  Secret token = {};
  std::optional<Instant> until = {};
  std::vector<std::pair<std::string, Secret>> headers = {};
  std::string warning = {};  ///< as broker::Handed
};

/// Who waits too long for a thread is told kUnavailable with this, and does without.
inline constexpr const char* kBusy = "the agent has too much to do";

/// What the agent does, without its socket: hands out what lives from memory, has the
/// rest renewed by the crew, renews ahead what somebody asks for, and tells what
/// happens. All methods on one thread, the one that `post` leads to; none of them waits
/// for a provider. Guarantees are the broker's: the vault and its lease decide, what is
/// in memory is used only while nobody has written to the vault since.
class Service {
 public:
  using Reply = std::function<void(Result<Answer>)>;
  using Stamp = std::array<long long, 8>;
  struct Edges {
    const dialect::Registry* registry = nullptr;
    broker::World world;
    std::string config;  ///< as broker::KeyRing::Options
    /// Runs something later on the service's thread. From any thread.
    std::function<void(std::function<void()>)> post;
    std::function<void(const broker::Config&, const broker::Profile&, const Event&)> tell;
  };

  explicit Service(Edges edges);
  ~Service();

  /// Answers once, now or later. Coalesces those who want the same.
  void ask(const Question& question, Reply reply);
  /// About every second: notices what others wrote, renews ahead, reminds.
  void tick();
  /// Forgets tokens and keys. Who asks is refused with kStore until unlock().
  void lock();
  void unlock(std::optional<Secret> passphrase, std::function<void(Result<>)> reply);
  bool is_locked() const { return locked_; }
  const std::string& config_path() const { return config_path_; }
  /// Begins nothing more and waits for the crew. The last call.
  void stop();
  /// {"vault": …, "profiles": […]}
  json::Object status();

 private:
  enum class State { kClosed, kOpening, kOpen };
  struct Wish;  // what some wait for
  struct Slot;  // what is known of a profile

  void look_at_config();
  /// Who waits for the vault, and whether it is to be made for him if there is none.
  struct Opener {
    bool create;
    std::function<void(Result<>)> reply;
  };
  void begin_opening(bool create, std::optional<Secret> passphrase, std::function<void(Result<>)>);
  void opened(std::uint64_t round, const Result<>& result);
  void close();
  /// Reads what is there unless it is known. An error: the vault is gone or cannot be read.
  Result<Slot*> look(const broker::Profile& profile);
  void learn(const broker::Profile& profile, Slot& slot, std::optional<broker::Entry> entry);
  void serve(const broker::Profile& profile, const Question& question, Reply reply);
  void wish_for(const broker::Profile& profile, Slot& slot, const Question& question, Seconds need,
                bool ahead, Reply reply);
  void finish(const ProfileName& name, const std::shared_ptr<Wish>& wish, Result<Answer> answer);
  void note_failure(const broker::Profile& profile, Slot& slot, const std::optional<Error>& error);
  void renew_ahead(const broker::Profile& profile, Slot& slot);
  void remind(const broker::Profile& profile, Slot& slot);
  void give_up_waiting();
  void tell(const broker::Profile& profile, const Slot& slot, What what,
            std::optional<Error> error = {});
  const broker::Profile* find(const ProfileName& name) const;
  json::Object described(const broker::Profile& profile, const Slot* slot) const;
  Instant now() const { return edges_.world.clock->now(); }

  const Edges edges_;
  std::shared_ptr<Keys> keys_;
  Crew crew_;
  std::optional<broker::Config> config_;
  Error config_error_;
  const std::string config_path_;
  Stamp config_stamp_{};
  State state_ = State::kClosed;
  bool locked_ = false;
  std::uint64_t round_ = 0;  // of opening; what an older one brings is not taken
  Error closed_because_;
  Instant closed_at_ = {};
  bool creating_ = false;  ///< whether the opening under way makes a vault if there is none
  std::vector<Opener> when_opened_;
  std::optional<broker::Vault> watch_;
  std::int64_t seen_version_ = -1;
  std::map<ProfileName, Slot> slots_;
};

}  // namespace latchkey::agent
