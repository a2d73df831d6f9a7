#include "broker/clocks.h"

#include <ctime>

#include "broker/broker.h"
#include "crypto/digest.h"

namespace latchkey::broker {
namespace {

constexpr std::size_t kMarkDigits = 4;

std::string mark_of(const Profile& profile, const dialect::Answers& answers) {
  Bytes all;
  for (const auto& question : profile.dialect->questions()) {
    if (!question.secret || !question.required) continue;
    const auto one = crypto::sha256(bytes_of(dialect::answer(answers, question.name)));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all.empty() ? std::string() : to_hex(crypto::sha256(all)).substr(0, kMarkDigits);
}

const char* kind_of(Duty duty) { return duty == Duty::kLogIn ? "log-in" : "rotate-credentials"; }

json::Object clock_face(Instant at, Instant now) {
  return {{"until", to_rfc3339(at)},
          {"local", to_local_rfc3339(at)},
          {"epoch", epoch(at)},
          {"seconds", static_cast<long long>((at - now).count())}};
}

}  // namespace

Clocks clocks_of(const Profile& profile, const Entry& entry, Instant now) {
  Clocks clocks;
  if (!entry.access_token.empty()) clocks.access_until = entry.access_until;
  if (const auto login = next_human_action(entry, Broker::means_of(profile, entry), now))
    clocks.human = HumanAction{Duty::kLogIn, *login};
  const Seconds age = profile.rotate_credentials_after;
  if (age <= Seconds{0} || !entry.credentials_since) return clocks;
  const Instant due = expiry(*entry.credentials_since, Lifetime{age});
  if (!clocks.human || due < clocks.human->at)
    clocks.human = HumanAction{Duty::kRotateCredentials, due};
  return clocks;
}

std::string_view in_words(Duty duty) {
  return duty == Duty::kLogIn ? "log in again" : "change the credentials";
}

std::string remedy(const Profile& profile, Duty duty) {
  if (duty == Duty::kLogIn) return login_command(profile);
  return "get new credentials from " + std::string(profile.dialect->traits().title) +
         ", then: " + login_command(profile);
}

json::Value described(const std::optional<Instant>& at, Instant now) {
  return at ? json::Value(clock_face(*at, now)) : json::Value();
}

json::Value described(const Profile& profile, const std::optional<HumanAction>& human,
                      Instant now) {
  if (!human) return {};
  json::Object face = clock_face(human->at, now);
  face.add("kind", kind_of(human->duty));
  face.add("what", in_words(human->duty));
  face.add("remedy", remedy(profile, human->duty));
  return face;
}

std::string to_local_rfc3339(Instant at) {
  const std::time_t seconds = epoch(at);
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return to_rfc3339(at);
  const long offset = local.tm_gmtoff;
  if (at + Seconds{offset} > kEndOfTime) return to_rfc3339(at).replace(19, 1, "+00:00");
  std::string text = to_rfc3339(at + Seconds{offset});
  text.pop_back();  // the Z
  const long minutes = std::abs(offset) / 60;
  const auto two = [](long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return text + (offset < 0 ? '-' : '+') + two(minutes / 60) + ':' + two(minutes % 60);
}

void note_credentials(Entry& entry, const Profile& profile, const dialect::Answers& answers,
                      Instant now) {
  const std::string mark = mark_of(profile, answers);
  if (mark.empty()) {
    entry.credentials_since.reset();
  } else if (!entry.credentials_since || entry.credentials_mark != mark) {
    entry.credentials_since = now;
  }
  entry.credentials_mark = mark;
}

}  // namespace latchkey::broker
