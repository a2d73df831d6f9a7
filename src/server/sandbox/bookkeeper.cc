#include "server/sandbox/bookkeeper.h"

#include "net/clock.h"

namespace latchkey::server {
namespace {

using json::Object;

const char* name_of(engine::Rotation rotation) {
  switch (rotation) {
    case engine::Rotation::kNone: return "none";
    case engine::Rotation::kReusable: return "reusable";
    case engine::Rotation::kReissue: return "reissue";
    case engine::Rotation::kSingleUse: return "single_use";
  }
  return "";
}

const char* name_of(engine::OnReplay on_replay) {
  switch (on_replay) {
    case engine::OnReplay::kRefuse: return "refuse";
    case engine::OnReplay::kRevokeFamily: return "revoke_family";
    case engine::OnReplay::kRevokeClient: return "revoke_client";
  }
  return "";
}

Object begun(const Realm& realm, const char* operation, Instant now) {
  return {{"op", operation}, {"system", realm.text}, {"time", to_rfc3339(now)}};
}

void add(Object& line, const char* name, const std::string& value) {
  if (!value.empty()) line.add(name, value);
}

void add_whose(Object& line, const Whose& whose) {
  add(line, "client", whose.client.text);
  add(line, "user", whose.subject.text);
  add(line, "family", whose.family.text);
}

void add_tokens(Object& line, const engine::TokenSet& tokens) {
  add(line, "access", ledger_hash(tokens.access_token));
  if (tokens.access_until) line.add("until", to_rfc3339(*tokens.access_until));
  add(line, "refresh", ledger_hash(tokens.refresh_token));
  if (tokens.refresh_until) line.add("refresh_until", to_rfc3339(*tokens.refresh_until));
}

bool gives_for_it(const engine::Operation& operation) {
  return std::holds_alternative<engine::Refresh>(operation) ||
         std::holds_alternative<engine::Exchange>(operation);
}

std::string result_of(const Result<engine::Outcome>& result) {
  if (!result) return latchkey::name_of(result.error().why);
  const auto* validation = std::get_if<engine::Validation>(&*result);
  if (validation != nullptr && !validation->valid) return latchkey::name_of(validation->why_not);
  return "ok";
}

}  // namespace

Bookkeeper::Asked Bookkeeper::asked(const engine::LocalAuthority& authority,
                                    const engine::Operation& operation) const {
  return {authority, operation, whose_is(store_, keys_, authority.realm(), operation),
          net::real_microseconds()};
}

Object Bookkeeper::line_of(const Asked& asked, Instant now) const {
  Object line = begun(asked.authority.realm(), engine::name_of(asked.operation), now);
  return line.add("began", asked.began);
}

Result<> Bookkeeper::finish(Object line, const Told& told) {
  add(line, "request", told.request);
  add(line, "fault", told.fault);
  if (told.retry_after > Seconds{0})
    line.add("retry_after", std::int64_t{told.retry_after.count()});
  line.add("real", net::real_microseconds());
  return ledger_.append(line);
}

Result<> Bookkeeper::performed(const Asked& asked, const Result<engine::Outcome>& result,
                               const Told& told, Instant now) {
  const Realm& realm = asked.authority.realm();
  const Secret& token = token_in(asked.operation);
  const auto* tokens = result ? std::get_if<engine::TokenSet>(&*result) : nullptr;
  // Whose family it is now: what came of a login has one only since then.
  Whose whose = whose_is(store_, keys_, realm, tokens != nullptr ? tokens->access_token : token);
  if (whose.family.empty()) whose = asked.whose;
  Object line = line_of(asked, now);
  add_whose(line, whose);
  add(line, "token", ledger_hash(token));
  if (tokens != nullptr) {
    add_tokens(line, *tokens);
    if (gives_for_it(asked.operation)) add(line, "parent", ledger_hash(token));
  }
  line.add("result", result_of(result));
  if (!result && result.error().why == Why::kReplayed) line.add("replayed", true);
  if (whose.ended) line.add("ended", true);
  return finish(std::move(line), told);
}

Result<> Bookkeeper::prevented(const Asked& asked, const Told& told, Instant now) {
  Object line = line_of(asked, now);
  add_whose(line, asked.whose);
  add(line, "token", ledger_hash(token_in(asked.operation)));
  line.add("result", "prevented");
  return finish(std::move(line), told);
}

Result<> Bookkeeper::opened(const engine::LocalAuthority& authority, Seconds interval,
                            Instant now) {
  const engine::Policy& policy = authority.policy();
  Object line = begun(authority.realm(), "open", now);
  line.add("rotation", name_of(policy.rotation))
      .add("on_replay", name_of(policy.on_replay))
      .add("interval", std::int64_t{std::max(interval, policy.auth_interval).count()});
  return finish(std::move(line), {});
}

Result<> Bookkeeper::issued(const engine::LocalAuthority& authority, const engine::TokenSet& tokens,
                            Instant now) {
  Object line = begun(authority.realm(), "issue", now);
  add_whose(line, whose_is(store_, keys_, authority.realm(), tokens.access_token));
  add_tokens(line, tokens);
  line.add("result", "ok");
  return finish(std::move(line), {});
}

Result<> Bookkeeper::revoked(const engine::Grant& grant, Instant now) {
  Object line = begun(grant.realm, "revoke", now);
  add_whose(line, {grant.client, grant.subject, grant.id, true});
  line.add("result", "ok").add("ended", true);
  return finish(std::move(line), {});
}

}  // namespace latchkey::server
