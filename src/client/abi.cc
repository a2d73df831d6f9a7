// The C interface: handles in and out, and nothing thrown. What each function promises
// stands in latchkey.h.

#include "client/abi.h"

#include <cstddef>
#include <cstring>
#include <new>

#include "broker/files.h"
#include "client/abi_guard.h"

using namespace latchkey;
using namespace latchkey::client;

// One table: the exit codes of the command are the codes of the library.
static_assert(int{LATCHKEY_OK} == kOk);
static_assert(int{LATCHKEY_USAGE} == kUsageError);
static_assert(int{LATCHKEY_PERSON_NEEDED} == kNeedsPerson);
static_assert(int{LATCHKEY_UNKNOWN_PROFILE} == kNoSuchName);
static_assert(int{LATCHKEY_REJECTED} == kRejected);
static_assert(int{LATCHKEY_TRY_LATER} == kTryLater);
static_assert(int{LATCHKEY_STORE} == kStoreBroken);
static_assert(int{LATCHKEY_DENIED} == kDenied);
static_assert(int{LATCHKEY_LOST} == kLost);
static_assert(int{LATCHKEY_BAD_ANSWER} == kNotUnderstood);
static_assert(int{LATCHKEY_CANCELLED} == kCancelled);

namespace latchkey::client {
namespace {

/// Enough for a passphrase that somebody types or a manager keeps.
constexpr std::size_t kMostPassphrase = 1024;

broker::AskPassphrase passphrase_of(const latchkey_options& given, const broker::World& world) {
  if (given.passphrase != nullptr)
    return [ask = given.passphrase, context = given.context](bool is_new) -> Result<Secret> {
      char text[kMostPassphrase];
      const int size = ask(context, is_new ? 1 : 0, text, sizeof text);
      const bool known = size > 0 && static_cast<std::size_t>(size) <= sizeof text;
      Secret passphrase(known ? std::string_view(text, static_cast<std::size_t>(size)) : "");
      wipe(text, sizeof text);
      if (!known) return fail(Why::kPersonNeeded, "nobody could say the vault's passphrase");
      return passphrase;
    };
  const auto askpass = world.environment("LATCHKEY_ASKPASS");
  if (!askpass) return {};
  return [askpass](bool) -> Result<Secret> {
    return broker::secret_from_command({*askpass, "Passphrase of the vault"});
  };
}

/// The fields that the caller's structure has; the others are 0.
Result<latchkey_options> read_options(const latchkey_options* given) {
  latchkey_options options{};
  options.size = sizeof options;
  if (given == nullptr) return options;
  if (given->size < offsetof(latchkey_options, config) || given->size > 4096)
    return fail(Why::kUsage, "latchkey_options: set size to sizeof(latchkey_options)");
  std::memcpy(&options, given, std::min(given->size, sizeof options));
  if (options.timeout_ms < 0 || options.recheck_seconds < 0)
    return fail(Why::kUsage, "latchkey_options: a time is negative");
  return options;
}

}  // namespace

int open_ring(const dialect::Registry& registry, const broker::World& world, const Clock& memory,
              const latchkey_options* options, latchkey_ring** ring, latchkey_error** error) {
  return guarded(error, [&]() -> Result<> {
    if (ring == nullptr) return fail(Why::kUsage, "latchkey_open: ring is null");
    *ring = nullptr;
    const auto given = TRY(read_options(options));
    RingOptions chosen;
    if (given.config != nullptr) chosen.config = given.config;
    if (given.timeout_ms > 0) chosen.timeout = std::chrono::milliseconds{given.timeout_ms};
    if (given.recheck_seconds > 0) chosen.recheck = Seconds{given.recheck_seconds};
    chosen.ask = passphrase_of(given, world);
    chosen.clock = &memory;
    auto opened = TRY(Ring::open(registry, world, chosen));
    *ring = new latchkey_ring{registry, world, std::move(chosen), opened.get()};
    static_cast<void>(opened.release());
    return {};
  });
}

}  // namespace latchkey::client

Result<Ring*> latchkey_ring::here() {
  Ring* known = opened.load(std::memory_order_acquire);
  while (known->home() != fork_count()) {
    auto fresh = TRY(Ring::open(registry, world, options));
    // Another thread of the child may have been faster.
    if (opened.compare_exchange_strong(known, fresh.get())) return fresh.release();
  }
  return known;
}

int latchkey_abi(void) { return LATCHKEY_ABI; }
const char* latchkey_version(void) { return LATCHKEY_VERSION; }

int latchkey_error_code(const latchkey_error* error) { return error->failure.code; }
const char* latchkey_error_text(const latchkey_error* error) { return error->failure.say.c_str(); }
int64_t latchkey_error_retry_after(const latchkey_error* error) {
  return error->failure.retry_after.count();
}
void latchkey_error_free(latchkey_error* error) { delete error; }

int latchkey_close(latchkey_ring* ring) {
  if (ring == nullptr) return LATCHKEY_OK;
  Ring* opened = ring->opened.load(std::memory_order_acquire);
  const bool ours = opened->home() == fork_count();
  if (ours && opened->in_callback()) return LATCHKEY_USAGE;
  if (ours) delete opened;  // else it is the parent's
  delete ring;
  return LATCHKEY_OK;
}

int latchkey_get_status(latchkey_ring* ring, const char* profile, int64_t timeout_ms,
                        latchkey_status* status, latchkey_error** error) {
  constexpr std::size_t kFirst = offsetof(latchkey_status, remedy) + sizeof status->remedy;
  return asked(ring, profile, error, [&](Ring& here, Desk& desk) -> Outcome {
    if (status == nullptr || status->size < kFirst)
      return usage("latchkey_get_status: set size to sizeof(latchkey_status)");
    auto outcome = here.ask(
        {.kind = Question::Kind::kStatus, .desk = &desk, .patience = here.patience_of(timeout_ms)});
    if (!outcome) return outcome;
    const auto& told = outcome->status;
    const auto time = [](const std::optional<Instant>& at) {
      return at ? static_cast<int64_t>(epoch(*at)) : LATCHKEY_NEVER;
    };
    status->access_until = time(told.access_until);
    status->refresh_until = time(told.refresh_until);
    status->human_action = time(told.human_action);
    status->logged_in = told.logged_in ? 1 : 0;
    status->alive = told.alive ? 1 : 0;
    told.remedy.copy(status->remedy, sizeof status->remedy - 1);
    status->remedy[std::min(told.remedy.size(), sizeof status->remedy - 1)] = '\0';
    return outcome;
  });
}
