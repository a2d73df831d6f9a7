#include "broker/budget.h"

#include "base/text.h"
#include "crypto/digest.h"

namespace latchkey::broker {
namespace {

std::string first_plain_answer(const Profile& profile, const Entry& entry) {
  for (const auto& question : profile.dialect->questions()) {
    if (question.secret) continue;
    const auto fact = profile.facts.find(question.name);
    if (fact != profile.facts.end()) return fact->second;
    const auto kept = entry.kept.find(question.name);
    if (kept != entry.kept.end()) return std::string(kept->second.reveal());
  }
  return {};
}

}  // namespace

std::string origin_of(const std::string& base_url) {
  std::string url = to_lower(base_url);
  const auto mark = url.find("://");
  if (mark == std::string::npos) return url;
  url = url.substr(0, url.find('/', mark + 3));
  const std::string usual = url.starts_with("https:") ? ":443" : ":80";
  if (url.ends_with(usual)) url.resize(url.size() - usual.size());
  return url;
}

std::string account_of(const Profile& profile, const Entry& entry) {
  const std::string who = origin_of(profile.base_url) + "\n" + first_plain_answer(profile, entry);
  return "account " + to_hex(ByteView(crypto::sha256(bytes_of(who))).first(16));
}

std::string record_of(const Profile& profile) { return "profile " + profile.name.text; }
std::string logins_of(const Profile& profile) { return "logins " + profile.name.text; }

}  // namespace latchkey::broker
