// How a provider that describes itself is asked to.

#include "broker/broker.h"
#include "broker/call.h"

namespace latchkey::broker {
namespace {

constexpr std::string_view kIssuer = "issuer";

/// An old description will do: most of the time is for the call that needs it.
constexpr int kShareForNews = 4;

bool is_young(const Entry& entry, Instant now) {
  return entry.described <= now && now - entry.described < kDescriptionAge;
}

}  // namespace

Result<> Broker::describe(const Profile& profile, Entry& entry, Described described) {
  const auto* issuer = profile.dialect->issuer();
  if (issuer == nullptr || described == Described::kNo) return {};
  const bool known =
      !entry.description.empty() && issuer->codec(profile.settings, entry.description).has_value();
  if (known && (described == Described::kOnce || is_young(entry, now()))) return {};
  auto text = ask_issuer(profile, known ? left(profile) / kShareForNews : left(profile));
  if (text) {
    entry.description = std::move(*text);
    entry.described = now();
    return {};
  }
  if (known) return {};
  return fail(std::move(text).error());
}

Result<std::string> Broker::ask_issuer(const Profile& profile, Seconds most) {
  const dialect::Issuer& issuer = *profile.dialect->issuer();
  const auto name = profile.facts.find(kIssuer);
  if (name == profile.facts.end())
    return fail(Why::kUsage, "the profile " + profile.name.text + " names no issuer");
  const auto addresses = TRY(issuer.addresses(name->second));
  Profile limited = profile;
  limited.timeout = std::max(most, Seconds{1});
  Result<std::string> found =
      fail(Why::kBadResponse, "the issuer " + name->second +
                                  " does not describe itself; is that its name, to the letter?");
  for (const auto& address : addresses) {
    asked_ = true;
    const auto client = TRY(world_.connect(limited, address.origin));
    auto response =
        client->send({.target = address.target, .headers = {{"Accept", "application/json"}}});
    if (!response)
      return fail(Error{response.error().why,
                        profile.name.text + ": " + address.origin + ": " + response.error().say});
    if (response->status == 429 || response->status >= 500)
      return fail(Error{Why::kUnavailable,
                        profile.name.text + ": " + address.origin + ": the issuer answers " +
                            std::to_string(response->status),
                        {},
                        http::retry_after(response->headers, now())});
    if (response->status != 200) continue;
    found = issuer.read(name->second, *response);
    if (found) return found;
  }
  return found;
}

}  // namespace latchkey::broker
