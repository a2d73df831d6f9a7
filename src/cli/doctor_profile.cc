#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "broker/decide.h"
#include "broker/files.h"
#include "broker/lease.h"
#include "cli/doctor.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "http/date.h"

namespace latchkey::cli {
namespace {

constexpr Seconds kTolerable{5};
constexpr Seconds kTooFar{60};  // the usual skew that servers allow
constexpr Seconds kSoon{48 * 3600};

}  // namespace

void Doctor::look_at_profile(const broker::Profile& profile) {
  look_at_sources(profile);
  look_at_entry(profile);
  look_at_lock(profile);
  look_at_provider(profile);
}

/// Files and variables that the profile names. A program is not run: it might ask.
void Doctor::look_at_sources(const broker::Profile& profile) {
  using Kind = broker::SecretSource::Kind;
  const std::string check = profile.name.text + ": secrets";
  for (const auto& [name, source] : profile.sources) {
    if (source.kind == Kind::kFile) {
      const auto secret = broker::read_secret_file(source.words.front());
      if (!secret) bad(check, Error{Why::kUsage, name + "_file: " + secret.error().say, {}, {}});
    } else if (source.kind == Kind::kVariable &&
               !context_.world().environment(source.words.front().c_str())) {
      warn(check, "the variable " + source.words.front() + " for " + name + " is not set here",
           "export " + source.words.front());
    }
  }
}

void Doctor::look_at_entry(const broker::Profile& profile) {
  const std::string name = profile.name.text;
  const std::string check = name + ": login";
  const std::string login = broker::login_command(profile);
  const Instant now = context_.now();
  broker::Entry entry;
  if (vault_ != nullptr) {
    auto kept = vault_->load(profile.name);
    if (!kept) return bad(check, kept.error(), "latchkey logout --forget " + name);
    entry = kept->value_or(broker::Entry{});
  }
  const auto clocks = broker::clocks_of(profile, entry, now);
  if (clocks.human && clocks.human->at <= now && clocks.human->duty == broker::Duty::kLogIn)
    return bad(check, entry.logged_in == Instant{} ? "not logged in" : "over", login, kNeedsPerson);
  if (entry.spending_since)
    warn(check, "a renewal was cut off, and its refresh token is in doubt",
         "latchkey token " + name);
  if (clocks.human && clocks.human->at <= now + kSoon)
    return warn(check,
                std::string(broker::in_words(clocks.human->duty)) + " by " +
                    when(clocks.human->at, now, {}),
                broker::remedy(profile, clocks.human->duty));
  if (broker::alive(entry.access_token, entry.access_until, now))
    return ok(check, life_of_token(entry.access_until, now));
  ok(check, "the next token is obtained when somebody asks");
}

void Doctor::look_at_lock(const broker::Profile& profile) {
  if (vault_ == nullptr) return;
  const std::string check = profile.name.text + ": lock";
  const std::string directory = broker::directory_of(vault_->path());
  if (access((directory + "/locks").c_str(), F_OK) != 0) return ok(check, "never taken");
  const auto lease = broker::Lease::take(directory, profile.name, std::chrono::milliseconds{0});
  if (!lease && lease.error().why != Why::kUnavailable) return bad(check, lease.error());
  if (!lease)
    return warn(check, "another program is renewing at this moment",
                "latchkey doctor " + profile.name.text + " again; if it stays: fuser -v " +
                    directory + "/locks/*");
  ok(check, "free");
}

/// Any answer will do: it shows that the provider is there, and what time it has.
void Doctor::look_at_provider(const broker::Profile& profile) {
  const std::string name = profile.name.text;
  auto client = context_.world().connect(profile, profile.base_url);
  if (!client) return bad(name + ": provider", client.error());
  http::Request request;
  request.method = "HEAD";
  const Instant asked = context_.now();
  const auto answer = (*client)->send(request);
  if (!answer)
    return bad(name + ": provider", profile.base_url + ": " + answer.error().say,
               "curl -sSI " + profile.base_url, exit_code(answer.error().why));
  ok(name + ": provider", profile.base_url + " answers");
  const auto* date = answer->headers.find("Date");
  const auto theirs = date == nullptr ? std::nullopt : http::parse_http_date(*date, asked);
  if (!theirs) return;
  const Instant answered = context_.now();
  Seconds off{0};
  if (*theirs < asked) off = *theirs - asked;
  if (*theirs > answered) off = *theirs - answered;
  const std::string amount = roughly(Seconds{std::abs(off.count())});
  const std::string say =
      "this machine is " + amount + (off.count() < 0 ? " ahead of" : " behind") + " the provider";
  if (std::abs(off.count()) > kTooFar.count())
    return bad(name + ": clock", say, "timedatectl set-ntp true", kTryLater);
  if (std::abs(off.count()) > kTolerable.count())
    return warn(name + ": clock", say, "timedatectl set-ntp true");
  ok(name + ": clock", "the provider's, within " + std::to_string(kTolerable.count()) + " s");
}

}  // namespace latchkey::cli
