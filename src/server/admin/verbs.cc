#include <algorithm>
#include <iterator>

#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

constexpr Noun kNouns[] = {
    {"client", "programs that may ask for tokens"},
    {"user", "people and companies with a login"},
    {"organization", "organizations of a company"},
    {"operator", "operators of an organization"},
    {"grant", "logins, with all tokens that came of each"},
    {"outbox", "what is to be sent by SMS, e-mail or push"},
    {"push", "logins that wait for a person's approval"},
    {"keys", "the keys that sign tokens"},
};

}  // namespace

std::string name_of(const Verb& verb) {
  return std::string(verb.noun) + (verb.name.empty() ? "" : "." + std::string(verb.name));
}

std::string path_of(const Verb& verb) {
  return "/v1/" + std::string(verb.noun) + (verb.name.empty() ? "" : "/" + std::string(verb.name));
}

std::span<const Noun> nouns() { return kNouns; }

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> kVerbs = [] {
    std::vector<Verb> all;
    for (auto part : {client_verbs(), user_verbs(), organization_verbs(), grant_verbs(),
                      message_verbs(), key_verbs()})
      std::ranges::move(part, std::back_inserter(all));
    return all;
  }();
  return kVerbs;
}

Parameter realm_parameter() {
  return {.name = "realm", .help = "the realm; not needed if there is only one", .example = "chat"};
}

Result<const RealmSpec*> Desk::realm(const Given& given) const {
  const std::string name = given.text("realm");
  if (name.empty() && realms.size() == 1) return &realms.front();
  std::string known;
  for (const auto& realm : realms) {
    if (realm.name.text == name) return &realm;
    known += " " + realm.name.text;
  }
  if (name.empty()) return fail(Why::kUsage, "which realm? give --realm, one of:" + known);
  return fail(Why::kUnknownName, "no such realm; there are:" + known);
}

}  // namespace latchkey::server
