#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;
constexpr std::int64_t kMostRows = 10'000;

Result<json::Value> outbox(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto shown = TRY(desk.admin.outbox(realm->name, static_cast<int>(given.number("most"))));
  json::Array rows;
  for (const auto& [delivery, text] : shown)
    rows.emplace_back(json::Object{{"at", to_rfc3339(delivery.at)},
                                   {"client", delivery.client.text},
                                   {"address", delivery.address},
                                   {"text", std::string(text.reveal())},
                                   {"transaction", delivery.transaction_id}});
  return rows;
}

template <bool kApprove>
Result<json::Value> answer(const Desk& desk, const Given& given) {
  const RealmSpec* realm = TRY(desk.realm(given));
  const auto transaction = TRY(desk.admin.answer_push(
      realm->name, ClientId(given.text("client")), given.text("transaction"), kApprove, desk.now));
  return json::Object{{"transaction", transaction}, {"approved", kApprove}};
}

}  // namespace

std::vector<Verb> message_verbs() {
  const std::vector<Parameter> push{
      realm_parameter(),
      {.name = "client", .help = "the client that asked", .required = true, .positional = true},
      {.name = "transaction",
       .help = "which push (default: the newest open one)",
       .positional = true}};
  return {{"outbox",
           "",
           "what is to be sent by SMS, e-mail or push",
           false,
           {realm_parameter(),
            {.name = "most",
             .help = "how many, newest first",
             .kind = Kind::kNumber,
             .least = 1,
             .most = kMostRows,
             .standard = 20}},
           Gives::kRows,
           {"at", "client", "address", "text", "transaction"},
           outbox},
          {"push",
           "approve",
           "say yes",
           true,
           push,
           Gives::kObject,
           {"transaction", "approved"},
           answer<true>},
          {"push",
           "decline",
           "say no",
           true,
           push,
           Gives::kObject,
           {"transaction", "approved"},
           answer<false>}};
}

}  // namespace latchkey::server
