#include "dialects/alor/resources.h"

#include <algorithm>

#include "crypto/jws.h"
#include "dialects/alor/codec.h"
#include "dialects/alor/orders.h"

namespace latchkey::dialects::alor {
namespace {

using engine::Use;
using engine::Used;

constexpr std::string_view kLimitPath =
    "/commandapi/warptrans/TRADE/v2/client/orders/actions/limit";
constexpr std::string_view kNotebook = "orders";

std::string argument(const Use& use, std::string_view name) {
  for (const auto& [key, value] : use.arguments)
    if (key == name) return value;
  return {};
}

bool has_word(std::string_view list, std::string_view word) {
  const auto words = split(list, ' ');
  return !word.empty() && std::ranges::find(words, word) != words.end();
}

/// May a token act for that portfolio? Its own claim decides, because a refresh
/// may have narrowed it; the engine has checked the token by the time it counts.
bool covers(const Secret& bearer, std::string_view portfolio, const std::string& otherwise) {
  const auto claims = crypto::peek_claims(bearer.reveal());
  if (!claims) return has_word(otherwise, portfolio);
  const auto portfolios = json::string_field(*claims, "portfolios");
  return portfolios && has_word(*portfolios, portfolio);
}

bool is_list(std::string_view what) {
  return what == "summary" || what == "positions" || what == "orders";
}

// GET /md/v2/Clients/MOEX/D39004/summary   Authorization: Bearer ey…
// Clients write "Clients" and "clients".
Result<Use> decode_list(const std::vector<std::string>& parts) {
  const std::string what = to_lower(parts[6]);
  if (!is_list(what)) return fail(Why::kNotFound, "no such list");
  if (!is_name(parts[4]) || !is_name(parts[5])) return fail(Why::kMalformed, "not a portfolio");
  Use use{.resource = what, .arguments = {{"exchange", parts[4]}, {"portfolio", parts[5]}}};
  if (what == "orders") use.notebook = kNotebook;
  return use;
}

// POST /commandapi/warptrans/TRADE/v2/client/orders/actions/limit   X-REQID: D39004;1
// The order is noted only if the token is for its portfolio: the 403 comes with
// the reply, and by then it would stand in the book.
Result<Use> decode_limit(const http::Request& request, const Secret& bearer) {
  const auto order = TRY(parse_order(request.body));
  Use use{.resource = "limit",
          .arguments = {{"exchange", order.exchange}, {"portfolio", order.portfolio}},
          .notebook = std::string(kNotebook)};
  if (covers(bearer, order.portfolio, order.portfolio)) use.note = to_note(order);
  return use;
}

Result<Use> decode_by_path(const http::Request& request, const Secret& bearer) {
  const auto& path = request.target.path;
  if (equals_ignoring_case(path, kLimitPath)) {
    if (request.method != "POST") return fail(Why::kUnsupported, "POST only");
    return decode_limit(request, bearer);
  }
  if (request.method != "GET" && request.method != "HEAD")
    return fail(Why::kUnsupported, "GET only");
  const auto parts = split(path, '/');  // "", "md", "v2", "Clients", exchange, portfolio, what
  if (parts.size() == 7 && equals_ignoring_case(parts[1], "md") &&
      equals_ignoring_case(parts[2], "v2") && equals_ignoring_case(parts[3], "clients"))
    return decode_list(parts);
  // "", "client", "v1.0", "users", login, "portfolios"
  if (parts.size() == 6 && equals_ignoring_case(parts[1], "client") &&
      equals_ignoring_case(parts[2], "v1.0") && equals_ignoring_case(parts[3], "users") &&
      equals_ignoring_case(parts[5], "portfolios"))
    return Use{.resource = "portfolios", .arguments = {{"login", parts[4]}}};
  return fail(Why::kNotFound, "no such endpoint");
}

http::Response refuse(int status) {
  http::Response response{.status = status};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

// {"buyingPowerAtMorning":…,"buyingPower":…,"profit":…,…}: a simulated account.
json::Value summary() {
  constexpr std::int64_t kMoney = 1'000'000;
  return json::Object{{"buyingPowerAtMorning", kMoney},
                      {"buyingPower", kMoney},
                      {"profit", 0},
                      {"profitRate", 0},
                      {"portfolioEvaluation", kMoney},
                      {"portfolioLiquidationValue", kMoney},
                      {"initialMargin", 0},
                      {"riskBeforeForcePositionClosing", kMoney},
                      {"commission", 0}};
}

json::Value orders(const Use& use, const Used& used) {
  json::Array list;
  for (const auto& note : used.notes) {
    const auto order = from_note(note.text);
    if (order && order->portfolio == argument(use, "portfolio") &&
        equals_ignoring_case(order->exchange, argument(use, "exchange")))
      list.push_back(to_listed(*order, note));
  }
  return list;
}

/// Which of the three of an agreement a portfolio is, by its first character.
std::string market_of(std::string_view portfolio) {
  if (portfolio.starts_with('D')) return "Фондовый рынок";
  if (portfolio.starts_with('G')) return "Валютный рынок";
  return "Срочный рынок";
}

// {"Фондовый рынок":[{"agreement":"39004","portfolio":"D39004","tks":"D39004"}],…}
json::Value portfolios(const Used& used) {
  const auto agreements = split(engine::attribute(used.who.attributes, "agreements"), ' ');
  const auto all = split(engine::attribute(used.who.attributes, "portfolios"), ' ');
  std::vector<std::pair<std::string, json::Array>> markets;
  for (std::size_t i = 0; i < all.size() && !all[i].empty() && !agreements.empty(); ++i) {
    const std::size_t agreement = i * agreements.size() / all.size();
    const std::string market = market_of(all[i]);
    auto at = std::ranges::find(markets, market, &std::pair<std::string, json::Array>::first);
    if (at == markets.end()) at = markets.insert(at, {market, {}});
    at->second.push_back(
        json::Object{{"agreement", agreements[agreement]}, {"portfolio", all[i]}, {"tks", all[i]}});
  }
  json::Object out;
  for (auto& [market, list] : markets) out.add(market, std::move(list));
  return out;
}

// {"message":"success","orderNumber":"1"}
json::Value placed(const Used& used) {
  std::int64_t number = 0;
  for (const auto& note : used.notes) number = std::max(number, note.number);
  return json::Object{{"message", "success"}, {"orderNumber", std::to_string(number)}};
}

}  // namespace

bool is_resource(std::string_view path) {
  const std::string lower = to_lower(path);
  return lower.starts_with("/md/") || lower.starts_with("/client/") ||
         lower.starts_with("/commandapi/");
}

Result<http::Request> encode_use(const Use& use) {
  http::Request request;
  if (is_list(use.resource)) {
    request.target.path = "/md/v2/Clients/" + argument(use, "exchange") + "/" +
                          argument(use, "portfolio") + "/" + use.resource;
  } else if (use.resource == "portfolios") {
    request.target.path = "/client/v1.0/users/" + argument(use, "login") + "/portfolios";
  } else if (const auto order = from_note(use.note.value_or(""));
             use.resource == "limit" && order) {
    request.method = "POST";
    request.target.path = kLimitPath;
    request.headers.add("Content-Type", "application/json");
    request.body = write_order(*order);
  } else {
    return fail(Why::kUnsupported, "alor has no such resource: " + use.resource);
  }
  if (!use.bearer.empty())
    request.headers.add("Authorization", "Bearer " + std::string(use.bearer.reveal()));
  return request;
}

Result<engine::Operation> decode_use(const http::Request& request) {
  auto bearer = http::bearer(request.headers);
  if (!bearer) return fail(Why::kInvalidToken, "the Authorization header cannot be read");
  Secret token = bearer->value_or(Secret());
  auto use = TRY(decode_by_path(request, token));
  use.bearer = std::move(token);
  return use;
}

http::Response encode_used(const Use& use, const Used& used) {
  if (use.resource == "portfolios") {
    if (!equals_ignoring_case(argument(use, "login"), used.who.subject.text)) return refuse(403);
    return http::json_response(200, json::write(portfolios(used)));
  }
  if (!covers(use.bearer, argument(use, "portfolio"),
              engine::attribute(used.who.attributes, "portfolios")))
    return refuse(403);
  if (use.resource == "orders") return http::json_response(200, json::write(orders(use, used)));
  if (use.resource == "limit") return http::json_response(200, json::write(placed(used)));
  if (use.resource == "summary") return http::json_response(200, json::write(summary()));
  return http::json_response(200, "[]");  // positions: nothing is ever filled
}

Result<engine::Outcome> decode_used(const Use& use, const http::Response& response) {
  const auto body = json::parse(response.body);
  if (!body) return fail(Why::kBadResponse, "alor: the answer is not JSON");
  Used used;
  if (use.resource == "orders") {
    if (!body->as_array()) return fail(Why::kBadResponse, "alor: the orders are not a list");
    for (const auto& listed : *body->as_array()) {
      auto note = listed.as_object() ? from_listed(*listed.as_object()) : std::nullopt;
      if (!note) return fail(Why::kBadResponse, "alor: an order that cannot be read");
      used.notes.push_back(std::move(*note));
    }
  }
  if (use.resource == "limit") {
    const auto number =
        body->as_object() ? json::string_field(*body->as_object(), "orderNumber").value_or("") : "";
    if (!parse_int(number)) return fail(Why::kBadResponse, "alor: no orderNumber");
    used.notes.push_back({.number = *parse_int(number), .text = use.note.value_or("")});
  }
  return used;
}

}  // namespace latchkey::dialects::alor
