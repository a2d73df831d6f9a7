#include "dialects/alor/orders.h"

#include "base/text.h"
#include "dialects/alor/codec.h"

namespace latchkey::dialects::alor {
namespace {

Result<std::string> name_field(const json::Object& object, std::string_view name) {
  auto text = TRY(json::string_field(object, name));
  if (!is_name(text)) return fail(Why::kMalformed, std::string(name) + " is not a name");
  return text;
}

Result<const json::Object*> object_field(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (!value || !value->as_object())
    return fail(Why::kMalformed, std::string(name) + " is missing or not an object");
  return value->as_object();
}

Result<json::Value> price_field(const json::Object& object) {
  const json::Value* price = object.find("price");
  if (price && price->as_int() && *price->as_int() > 0) return *price;
  if (price && price->as_double() && *price->as_double() > 0) return *price;
  return fail(Why::kMalformed, "price is missing or not a positive number");
}

/// What a note and a listed order have in common.
std::optional<Order> read_flat(const json::Object& object, std::string_view quantity_name) {
  auto portfolio = json::string_field(object, "portfolio");
  auto exchange = json::string_field(object, "exchange");
  auto symbol = json::string_field(object, "symbol");
  auto side = json::string_field(object, "side");
  auto quantity = json::int_field(object, quantity_name);
  auto price = price_field(object);
  auto comment = json::optional_string_field(object, "comment");
  if (!portfolio || !exchange || !symbol || !side || !quantity || !price || !comment)
    return std::nullopt;
  return Order{*portfolio, *exchange, *symbol, *side, *quantity, *price, comment->value_or("")};
}

json::Value or_null(const std::string& text) { return text.empty() ? json::Value() : text; }

}  // namespace

// {"side":"buy","type":"limit","quantity":1,"price":191.33,
//  "instrument":{"symbol":"SBER","exchange":"MOEX"},"user":{"portfolio":"D39004"}}
std::string write_order(const Order& order) {
  json::Object body{
      {"side", order.side},
      {"type", "limit"},
      {"quantity", order.quantity},
      {"price", order.price},
      {"instrument", json::Object{{"symbol", order.symbol}, {"exchange", order.exchange}}},
      {"user", json::Object{{"portfolio", order.portfolio}}}};
  if (!order.comment.empty()) body.add("comment", order.comment);
  return json::write(body);
}

Result<Order> parse_order(std::string_view body) {
  const auto value = TRY(json::parse(body));
  if (!value.as_object()) return fail(Why::kMalformed, "the body is not a JSON object");
  const json::Object& top = *value.as_object();
  const json::Object* instrument = TRY(object_field(top, "instrument"));
  const json::Object* user = TRY(object_field(top, "user"));
  Order order;
  order.portfolio = TRY(name_field(*user, "portfolio"));
  order.exchange = TRY(name_field(*instrument, "exchange"));
  order.symbol = TRY(name_field(*instrument, "symbol"));
  const auto side = TRY(json::string_field(top, "side"));
  order.side = to_lower(side);
  if (order.side != "buy" && order.side != "sell")
    return fail(Why::kMalformed, "side is neither buy nor sell");
  order.quantity = TRY(json::int_field(top, "quantity"));
  if (order.quantity < 1 || order.quantity > kMostQuantity)
    return fail(Why::kMalformed, "quantity is out of range");
  order.price = TRY(price_field(top));
  const auto comment = TRY(json::optional_string_field(top, "comment"));
  order.comment = comment.value_or("");
  if (order.comment.size() > kLongestComment) return fail(Why::kMalformed, "comment is too long");
  return order;
}

std::string to_note(const Order& order) {
  return json::write(json::Object{{"portfolio", order.portfolio},
                                  {"exchange", order.exchange},
                                  {"symbol", order.symbol},
                                  {"side", order.side},
                                  {"quantity", order.quantity},
                                  {"price", order.price},
                                  {"comment", or_null(order.comment)}});
}

std::optional<Order> from_note(std::string_view text) {
  const auto value = json::parse(text);
  if (!value || !value->as_object()) return std::nullopt;
  return read_flat(*value->as_object(), "quantity");
}

// {"id":"1","symbol":"SBER","brokerSymbol":"MOEX:SBER","exchange":"MOEX","portfolio":"D39004",…}
json::Object to_listed(const Order& order, const engine::Note& note) {
  const std::string when = to_rfc3339(note.at);
  return {{"id", std::to_string(note.number)},
          {"symbol", order.symbol},
          {"brokerSymbol", order.exchange + ":" + order.symbol},
          {"exchange", order.exchange},
          {"portfolio", order.portfolio},
          {"comment", or_null(order.comment)},
          {"type", "limit"},
          {"side", order.side},
          {"status", "working"},
          {"transTime", when},
          {"updateTime", when},
          {"qtyUnits", order.quantity},
          {"qtyBatch", order.quantity},
          {"qty", order.quantity},
          {"filledQtyUnits", 0},
          {"filledQtyBatch", 0},
          {"filled", 0},
          {"price", order.price},
          {"existing", true},
          {"timeInForce", "oneday"}};
}

std::optional<engine::Note> from_listed(const json::Object& listed) {
  const auto order = read_flat(listed, "qty");
  const auto id = json::string_field(listed, "id");
  const auto when = json::string_field(listed, "transTime");
  if (!order || !id || !when) return std::nullopt;
  const auto number = parse_int(*id);
  const auto at = parse_rfc3339(*when);
  if (!number || !at) return std::nullopt;
  return engine::Note{*number, *at, to_note(*order)};
}

}  // namespace latchkey::dialects::alor
