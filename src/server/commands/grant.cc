#include "base/text.h"
#include "server/commands/office.h"
#include "server/commands/output.h"
#include "server/secret_file.h"

#include <algorithm>

namespace latchkey::server {
namespace {

struct Which {
  std::string realm, id, client, user, token_file, why = "operator";
  std::int64_t operator_id = 0;
  int most = 200;
  bool all = false, everyone = false;
};

void bind_filter(CLI::App& verb, Which& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("--client", args.client, "only this client's");
  verb.add_option("--user", args.user, "only this user's");
  verb.add_option("--operator", args.operator_id, "only this operator's")
      ->check(CLI::PositiveNumber);
}
void bind_most(CLI::App& verb, Which& args) {
  verb.add_option("--most", args.most, "how many, newest first")->check(CLI::Range(1, 100000));
}
void bind_list(CLI::App& verb, Which& args) {
  bind_filter(verb, args);
  verb.add_flag("--all", args.all, "the revoked ones too");
  bind_most(verb, args);
}
void bind_holders(CLI::App& verb, Which& args) {
  bind_filter(verb, args);
  bind_most(verb, args);
}
void bind_revoke(CLI::App& verb, Which& args) {
  bind_filter(verb, args);
  verb.add_option("id", args.id, "one grant; without it, one of the options says which");
  verb.add_option("--token-file", args.token_file,
                  "the grant of the token in this file; - for stdin");
  verb.add_flag("--everyone", args.everyone, "everything of everybody in the realm");
  verb.add_option("--why", args.why, "the reason, for the record");
}

engine::GrantFilter filter_of(const Realm& realm, const Which& args) {
  return {.realm = realm,
          .client = ClientId(args.client),
          .subject = SubjectId(args.user),
          .operator_id = args.operator_id,
          .only_live = !args.all};
}

Result<> list(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto filter = filter_of(realm->name, args);
  const auto grants =
      TRY(office.store->read([&](engine::Tx& tx) { return tx.grants(filter, args.most); }));
  std::vector<json::Array> rows;
  for (const auto& one : grants)
    rows.push_back({one.id.text, one.client.text, one.subject.text, one.operator_id, one.tier,
                    to_rfc3339(one.created),
                    one.revoked ? json::Value(to_rfc3339(*one.revoked)) : json::Value(),
                    one.revoked_why});
  return print_rows({"id", "client", "user", "operator", "tier", "created", "revoked", "why"}, rows,
                    chosen.json);
}

json::Value maybe(const std::optional<Instant>& at) {
  return at ? json::Value(to_rfc3339(*at)) : json::Value();
}

Result<> holders(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto found =
      TRY(office.admin->holders(filter_of(realm->name, args), args.most, office.now));
  std::vector<json::Array> rows;
  for (const auto& one : found)
    rows.push_back({one.grant.id.text, one.grant.client.text, one.grant.subject.text,
                    one.grant.operator_id, one.grant.tier, to_rfc3339(one.grant.created),
                    to_rfc3339(std::max(one.grant.created, one.grant.used)), one.access_tokens,
                    maybe(one.access_until), one.refresh_tokens, maybe(one.refresh_until)});
  return print_rows({"id", "client", "user", "operator", "tier", "since", "issued", "access",
                     "access_until", "refresh", "refresh_until"},
                    rows, chosen.json);
}

/// How many grants; kUsage unless exactly one thing says which.
Result<int> end_grants(const Office& office, const Realm& realm, const Which& args) {
  engine::Admin& admin = *office.admin;
  const bool filtered = !args.client.empty() || args.operator_id != 0;
  const bool by_user = !args.user.empty() && !filtered;
  const int ways =
      !args.id.empty() + !args.token_file.empty() + args.everyone + (filtered || by_user);
  if (ways != 1)
    return fail(
        Why::kUsage,
        "which grants? give an id, --token-file, --everyone, or --client, --user, --operator");
  if (args.everyone) return admin.revoke_everyone(realm, args.why, office.now);
  if (by_user) return admin.revoke_user(realm, SubjectId(args.user), args.why, office.now);
  if (filtered) return admin.revoke(filter_of(realm, args), args.why, office.now);
  if (!args.id.empty()) {
    const bool live = TRY(admin.revoke_grant(realm, GrantId(args.id), args.why, office.now));
    if (!live) return fail(Why::kNotFound, "no live grant of that id");
    return 1;
  }
  const Secret token = TRY(read_secret_file(args.token_file));
  const bool live = TRY(admin.revoke_token(realm, token, args.why, office.now));
  if (!live) return fail(Why::kNotFound, "no live grant of that token");
  return 1;
}

Result<> revoke(const Edges& edges, const Chosen& chosen, const Which& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const int revoked = TRY(end_grants(office, realm->name, args));
  if (chosen.json) return print_json(json::Object{{"revoked", revoked}});
  return print_line("revoked " + std::to_string(revoked));
}

struct Delivered {
  std::string realm;
  int most = 20;
};
void bind_outbox(CLI::App& verb, Delivered& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("--most", args.most, "how many, newest first")->check(CLI::Range(1, 10000));
}

Result<> outbox(const Edges& edges, const Chosen& chosen, const Delivered& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto shown = TRY(office.admin->outbox(realm->name, args.most));
  std::vector<json::Array> rows;
  for (const auto& [delivery, text] : shown)
    rows.push_back({to_rfc3339(delivery.at), delivery.client.text, delivery.address,
                    std::string(text.reveal()), delivery.transaction_id});
  return print_rows({"at", "client", "address", "text", "transaction"}, rows, chosen.json);
}

struct Answer {
  std::string realm, client, transaction;
};
void bind_answer(CLI::App& verb, Answer& args) {
  verb.add_option("--realm", args.realm, "the realm; not needed if there is only one");
  verb.add_option("client", args.client, "the client that asked")->required();
  verb.add_option("transaction", args.transaction, "which push (default: the newest open one)");
}

template <bool kApprove>
Result<> answer(const Edges& edges, const Chosen& chosen, const Answer& args) {
  const Office office = TRY(open_office(edges, chosen.config));
  const RealmSpec* realm = TRY(office.realm(args.realm));
  const auto transaction = TRY(office.admin->answer_push(realm->name, ClientId(args.client),
                                                         args.transaction, kApprove, office.now));
  if (chosen.json)
    return print_json(json::Object{{"transaction", transaction}, {"approved", kApprove}});
  return print_line((kApprove ? "approved " : "declined ") + transaction);
}

}  // namespace

void add_grant(CLI::App& app, Chosen& chosen) {
  CLI::App* grant = app.add_subcommand("grant", "logins, with all tokens that came of each");
  grant->fallthrough()->require_subcommand(1);
  add_verb<Which>(*grant, chosen, "list", "show them", bind_list, list);
  add_verb<Which>(*grant, chosen, "holders", "who holds a token that is alive", bind_holders,
                  holders);
  add_verb<Which>(*grant, chosen, "revoke", "end them", bind_revoke, revoke);
}

void add_outbox(CLI::App& app, Chosen& chosen) {
  add_verb<Delivered>(app, chosen, "outbox", "what is to be sent by SMS, e-mail or push",
                      bind_outbox, outbox);
}

void add_push(CLI::App& app, Chosen& chosen) {
  CLI::App* push = app.add_subcommand("push", "logins that wait for a person's approval");
  push->fallthrough()->require_subcommand(1);
  add_verb<Answer>(*push, chosen, "approve", "say yes", bind_answer, answer<true>);
  add_verb<Answer>(*push, chosen, "decline", "say no", bind_answer, answer<false>);
}

}  // namespace latchkey::server
