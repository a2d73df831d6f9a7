#include "server/sandbox/control.h"

#include "base/text.h"
#include "server/sandbox/control_wire.h"

namespace latchkey::server {
namespace {

using json::Object;
using json::Value;

constexpr std::string_view kBelow = "/_sandbox/";
constexpr int kMostDeliveries = 200;
constexpr int kMostFamilies = 100'000;  ///< that one revoke tells of

const std::string* text_in(const Object& object, std::string_view name) {
  const auto* value = object.find(name);
  return value == nullptr ? nullptr : value->as_string();
}

/// That the client and the user that a filter names are there.
Result<> exists(engine::Tx& tx, const engine::GrantFilter& filter) {
  const auto client = TRY(tx.client(filter.realm, filter.client));
  if (!client && !filter.client.empty()) return fail(Why::kUnknownName, "no such client");
  const auto user = TRY(tx.subject(filter.realm, filter.subject));
  if (!user && !filter.subject.empty()) return fail(Why::kUnknownName, "no such user");
  return {};
}

}  // namespace

http::Response Control::answer(const http::Request& request, Instant now) {
  return control_response(dispatch(request, now));
}

Result<Value> Control::dispatch(const http::Request& request, Instant now) {
  TRY(is_from_here(request));
  const std::string verb = request.target.path.substr(kBelow.size());
  if (request.method == "GET") {
    if (verb == "info") return Value(info_());
    if (verb == "outbox") return outbox(request.target.param("system"));
    if (verb == "requests") {
      const auto* last = request.target.param("last");
      const auto most = last == nullptr ? std::nullopt : parse_int(*last);
      return Value(
          recorder_.last(most && *most >= 0 ? static_cast<std::size_t>(*most) : Recorder::kMost));
    }
  }
  if (request.method != "POST")
    return fail(Why::kUnsupported, "there is no GET " + printable(verb));
  const auto body = TRY(json::parse(request.body));
  if (!body.as_object()) return fail(Why::kMalformed, "the body must be an object");
  return post(verb, *body.as_object(), now);
}

Result<Value> Control::post(std::string_view verb, const Object& body, Instant now) {
  if (verb == "advance") return advance(body);
  if (verb == "revoke") return revoke(body, now);
  if (verb == "enable") return enable(body, now);
  if (verb == "restart-day") return restart_day(body);
  if (verb == "push") return push(body, now);
  return fail(Why::kUnsupported, "there is no POST " + printable(verb));
}

Result<std::vector<const DemoRealm*>> Control::realms_of(const std::string* system) const {
  std::vector<const DemoRealm*> found;
  for (const auto& realm : realms_)
    if (system == nullptr || realm.realm.text == *system) found.push_back(&realm);
  if (found.empty()) return fail(Why::kUnknownName, "there is no such system here");
  return found;
}

Result<Value> Control::advance(const Object& body) {
  const std::string text = TRY(json::string_field(body, "by"));
  const auto by = parse_duration(text);
  if (!by || *by <= Seconds{0})
    return fail(Why::kMalformed, "the clock moves by a duration such as 31m, and only forward");
  if (*by > kEndOfTime - clock_.now())
    return fail(Why::kMalformed, "the clock goes to the year 9999 and no further");
  clock_.advance(*by);
  return Value(Object{{"now", to_rfc3339(clock_.now())},
                      {"offset", std::to_string(clock_.offset().count()) + "s"}});
}

Result<Value> Control::revoke(const Object& body, Instant now) {
  const std::string system = TRY(json::string_field(body, "system"));
  const auto realms = TRY(realms_of(&system));
  engine::GrantFilter filter{.realm = realms.front()->realm};
  if (const auto* client = text_in(body, "client")) filter.client = ClientId(*client);
  if (const auto* user = text_in(body, "user")) filter.subject = SubjectId(*user);
  TRY(admin_.store().read([&](engine::Tx& tx) { return exists(tx, filter); }));
  const auto live =
      TRY(admin_.store().read([&](engine::Tx& tx) { return tx.grants(filter, kMostFamilies); }));
  const int revoked = TRY(admin_.revoke(filter, "sandbox", now));
  if (revoked_)
    for (const auto& grant : live) TRY(revoked_(grant, now));
  return Value(Object{{"revoked", revoked}});
}

Result<Value> Control::enable(const Object& body, Instant now) {
  const std::string system = TRY(json::string_field(body, "system"));
  const auto realms = TRY(realms_of(&system));
  const Realm& realm = realms.front()->realm;
  const auto* user = text_in(body, "user");
  const auto users = TRY(admin_.store().read([&](engine::Tx& tx) { return tx.subjects(realm); }));
  bool found = user == nullptr;
  int enabled = 0;
  for (const auto& one : users) {
    if (user != nullptr && one.login.text != *user) continue;
    found = true;
    if (!one.disabled) continue;
    TRY(admin_.set_user_disabled(realm, one.login, false, "", now));
    ++enabled;
  }
  if (!found) return fail(Why::kUnknownName, "no such user");
  return Value(Object{{"enabled", enabled}});
}

Result<Value> Control::restart_day(const Object& body) {
  const auto realms = TRY(realms_of(text_in(body, "system")));
  int dropped = 0;
  for (const auto* realm : realms) {
    const int here =
        TRY(admin_.store().transact([&](engine::Tx& tx) { return tx.drop_notes(realm->realm); }));
    dropped += here;
  }
  return Value(Object{{"dropped", dropped}});
}

Result<Value> Control::push(const Object& body, Instant now) {
  const auto* approve = body.find("approve");
  if (approve == nullptr || !approve->as_bool())
    return fail(Why::kMalformed, "\"approve\" must be true or false");
  const auto* given = text_in(body, "transaction");
  const std::string which = given == nullptr ? "" : *given;
  Result<Value> last = fail(Why::kNotFound, "no push is open");
  for (const auto& realm : realms_) {
    for (const auto& client : realm.clients) {
      if (client.client.otp != engine::OtpKind::kPush) continue;
      const bool by_client = which == client.client.id.text;  // then its newest
      auto answered = admin_.answer_push(realm.realm, client.client.id, by_client ? "" : which,
                                         *approve->as_bool(), now);
      if (answered)
        return Value(Object{{"transaction", *answered}, {"approved", *approve->as_bool()}});
      if (answered.error().why != Why::kNotFound) last = fail(answered.error());
    }
  }
  return last;
}

Result<Value> Control::outbox(const std::string* system) {
  json::Array all;
  const auto realms = TRY(realms_of(system));
  for (const auto* realm : realms) {
    const auto shown = TRY(admin_.outbox(realm->realm, kMostDeliveries));
    for (const auto& [delivery, text] : shown)
      all.emplace_back(Object{{"system", realm->realm.text},
                              {"client", delivery.client.text},
                              {"address", delivery.address},
                              {"text", std::string(text.reveal())},
                              {"transaction_id", delivery.transaction_id},
                              {"at", to_rfc3339(delivery.at)}});
  }
  return Value(std::move(all));
}

}  // namespace latchkey::server
