#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "broker/backoff.h"
#include "broker/files.h"
#include "cli/exec.h"
#include "cli/exec_place.h"
#include "cli/terminal.h"

// The two processes speak in packets: one letter, then what it says.
//   v NAME NUL VALUE    a variable of the command       r         all files are there
//   e WHY NUL TEXT      it could not begin              s TEXT    for the person

namespace latchkey::cli {
namespace {

constexpr std::size_t kMostPacket = 128 * 1024;
constexpr Seconds kLongestWait{60};  // a suspended machine's timers stand still
constexpr Seconds kMostAhead{60};
/// A write is heard of before its commit can be seen: looked at again after these.
constexpr std::chrono::milliseconds kLooks[] = {
    std::chrono::milliseconds{50}, std::chrono::milliseconds{200}, std::chrono::milliseconds{1000}};
constexpr Seconds kFirstPause{1};
constexpr Seconds kWaitsForPerson{600};

void send_packet(int channel, const std::string& text) {
  [[maybe_unused]] const auto sent = ::send(channel, text.data(), text.size(), MSG_NOSIGNAL);
}

/// One profile's files, and when to look after them again.
class Kept {
 public:
  Kept(Context& context, broker::Profile profile, const Handover& handover, Seconds need,
       const std::string& directory)
      : context_(context),
        profile_(std::move(profile)),
        handover_(handover),
        need_(need > Seconds{0} ? need : profile_.live_for),
        path_(directory + "/" + profile_.name.text) {}

  Result<Secret> begin() {
    auto handed = TRY(get(need_));
    if (!handed.warning.empty()) note_ = handed.warning;
    return handed.token;
  }
  std::string token_path() const { return path_ + ".token"; }
  std::string headers_path() const { return path_ + ".headers"; }
  Instant due() const { return due_; }

  /// Renews what is due; a line for the person, or nothing.
  std::string renew() {
    const Instant now = context_.now();
    const Secret before = token_;
    const Seconds pause = std::min(pause_ * 2, kLongestWait);
    const auto handed = get(need_ + ahead_);
    if (handed && (handed->warning.empty() || !(handed->token == before))) return told({});
    pause_ = pause;
    due_ = now + pause_;
    if (handed) return told(handed->warning);
    const auto& error = handed.error();
    if (!broker::is_passing(error.why)) due_ = now + kWaitsForPerson;
    return told(error.say.empty() ? name_of(error.why) : error.say);
  }

  /// Another program may have put a newer token into the vault.
  void look() {
    auto vault = context_.vault(false);
    if (!vault) return;
    const auto entry = (*vault)->load(profile_.name);
    if (!entry || !*entry || (*entry)->access_token == token_) return;
    if (!(*entry)->proof_key.empty()) return;  // another login, whose tokens stay here
    if (!broker::alive((*entry)->access_token, (*entry)->access_until, context_.now())) return;
    const auto taken = take({(*entry)->access_token, (*entry)->access_until, {}});
    note_ = told(taken ? std::string() : taken.error().say);
  }

  std::string take_note() { return std::exchange(note_, {}); }

 private:
  Result<broker::Handed> get(Seconds need) {
    auto* broker = TRY(context_.broker());
    auto handed = TRY(broker->token(profile_, need));
    TRY(take(handed));
    return handed;
  }

  Result<> take(const broker::Handed& handed) {
    if (!(handed.token == token_)) TRY(write(handed));
    token_ = handed.token;
    plan(handed);
    return {};
  }

  Result<> write(const broker::Handed& handed) {
    if (!handover_.token_file.empty()) TRY(write_kept(token_path(), handed.token.reveal()));
    if (handover_.headers_file.empty()) return {};
    auto* broker = TRY(context_.broker());
    const auto headers = TRY(broker->headers_of(profile_, handed.token));
    std::string lines;
    for (const auto& [name, value] : headers) lines += name + ": " + value + "\n";
    auto written = write_kept(headers_path(), lines);
    wipe(lines.data(), lines.size());
    return written;
  }

  /// Ahead of the end by what a caller needs and a bit more; never in a hurry where no
  /// token lives that long.
  void plan(const broker::Handed& handed) {
    const Instant now = context_.now();
    pause_ = kFirstPause;
    if (!handed.until) {
      due_ = kEndOfTime;
      return;
    }
    const Seconds lives = *handed.until - now;
    ahead_ = std::clamp(lives / 10, Seconds{1}, kMostAhead);
    due_ = std::max(*handed.until - need_ - ahead_, now + std::max(lives / 2, Seconds{1}));
  }

  /// The same trouble is told once.
  std::string told(const std::string& trouble) {
    const bool again = trouble == trouble_;
    trouble_ = trouble;
    return again || trouble.empty() ? std::string() : profile_.name.text + ": " + trouble;
  }

  Context& context_;
  const broker::Profile profile_;
  const Handover& handover_;
  const Seconds need_;
  const std::string path_;
  Secret token_;
  Instant due_ = kEndOfTime;
  Seconds ahead_{1};
  Seconds pause_ = kFirstPause;
  std::string trouble_;
  std::string note_;
};

/// The files for the first time, and what the command is told of them.
Result<> begin(std::vector<Kept>& kept, const std::vector<Handover>& handovers, int channel) {
  const auto tell = [&](const std::string& name, std::string_view value) {
    if (name.empty()) return;
    std::string packet = "v" + name;
    packet.push_back('\0');
    packet += value;
    send_packet(channel, packet);
    wipe(packet.data(), packet.size());
  };
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Secret token = TRY(kept[i].begin());
    tell(handovers[i].token_variable, token.reveal());
    tell(handovers[i].token_file, kept[i].token_path());
    tell(handovers[i].headers_file, kept[i].headers_path());
  }
  return {};
}

/// From now on only the other process ends this one.
void retire() {
  setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2})
    ::signal(signal, SIG_IGN);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, fd);
}

/// Watches the vault's folder: another program's renewal may have ended our token.
int watch_vault(Context& context) {
  const auto vault = context.vault(false);
  const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (vault && fd >= 0)
    inotify_add_watch(fd, broker::directory_of((*vault)->path()).c_str(), IN_MODIFY | IN_MOVED_TO);
  return fd;
}

bool drain(int fd) {
  char piece[4096];
  bool any = false;
  while (::read(fd, piece, sizeof piece) > 0) any = true;
  return any;
}

void go_on(Context& context, std::vector<Kept>& kept, int channel) {
  const int vault = watch_vault(context);
  std::size_t looks = std::size(kLooks);
  for (;;) {
    const Instant now = context.now();
    Instant next = now + kLongestWait;
    for (const auto& one : kept) next = std::min(next, one.due());
    auto wait = std::chrono::milliseconds(std::max(next - now, Seconds{0}));
    if (looks < std::size(kLooks)) wait = std::min(wait, kLooks[looks]);
    pollfd ready[2] = {{channel, POLLIN, 0}, {vault, POLLIN, 0}};
    if (poll(ready, 2, static_cast<int>(wait.count())) < 0 && errno != EINTR) return;
    if (ready[0].revents != 0) return;  // the other side has closed it
    const bool changed = drain(vault);
    const bool look = changed || looks < std::size(kLooks);
    if (look) looks = changed ? 0 : looks + 1;
    for (auto& one : kept) {
      if (look) one.look();
      if (one.due() <= context.now()) {
        const std::string text = one.renew();
        if (!text.empty()) send_packet(channel, "s" + text);
      }
      const std::string note = one.take_note();
      if (!note.empty()) send_packet(channel, "s" + note);
    }
  }
}

}  // namespace

void keep_fresh(Context& context, const std::vector<Handover>& handovers, Seconds need,
                const std::string& directory, int channel) {
  std::vector<Kept> kept;
  for (const auto& handover : handovers) {
    auto profile = context.profile(handover.profile);
    if (profile) kept.emplace_back(context, std::move(*profile), handover, need, directory);
  }
  const auto begun = begin(kept, handovers, channel);
  if (!begun) {
    std::string packet = "e" + std::to_string(static_cast<int>(begun.error().why));
    packet.push_back('\0');
    send_packet(channel, packet + begun.error().say);
    return remove_kept(directory);
  }
  retire();
  send_packet(channel, "r");
  go_on(context, kept, channel);
  remove_kept(directory);
}

Result<Keeper> Keeper::start(Context& context, std::vector<Handover> handovers, Seconds need) {
  int lock = -1;
  auto directory = TRY(make_kept(context, lock));
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(Why::kStore, std::string("cannot make a channel: ") + std::strerror(errno));
  // Before the vault is opened: a connection to it must not be carried through a fork.
  const pid_t pid = fork();
  if (pid == 0) {
    ::close(ends[0]);
    keep_fresh(context, handovers, need, directory, ends[1]);
    _exit(0);
  }
  ::close(ends[1]);
  ::close(lock);
  Keeper keeper(ends[0], std::move(directory));
  if (pid < 0) return fail(Why::kStore, std::string("cannot fork: ") + std::strerror(errno));
  std::vector<char, WipingAllocator<char>> packet(kMostPacket);
  for (;;) {
    const auto got = ::recv(keeper.channel_, packet.data(), packet.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Why::kPersonNeeded, "interrupted before the command began");
    const std::string_view text(packet.data() + 1, static_cast<std::size_t>(got) - 1);
    const auto nul = text.find('\0');
    if (packet[0] == 'r') return keeper;
    if (packet[0] == 'v')
      keeper.variables_.push_back({std::string(text.substr(0, nul)), Secret(text.substr(nul + 1))});
    if (packet[0] == 'e')
      return fail(static_cast<Why>(parse_int(text.substr(0, nul)).value_or(0)),
                  std::string(text.substr(nul + 1)));
  }
}

Keeper::Keeper(Keeper&& other) noexcept
    : channel_(std::exchange(other.channel_, -1)),
      directory_(std::exchange(other.directory_, {})),
      variables_(std::move(other.variables_)) {}

void Keeper::end() {
  if (channel_ >= 0) ::close(std::exchange(channel_, -1));
  if (!directory_.empty()) remove_kept(std::exchange(directory_, {}));
}

void Keeper::listen() {
  char packet[4096];
  const auto got = ::recv(channel_, packet, sizeof packet, MSG_DONTWAIT);
  if (got > 1 && packet[0] == 's')
    return say(printable({packet + 1, static_cast<std::size_t>(got) - 1}, sizeof packet));
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
  ::close(std::exchange(channel_, -1));
  say("the token's file is not kept fresh any more: its keeper was ended");
}

}  // namespace latchkey::cli
