#pragma once

#include "base/json.h"
#include "engine/operations.h"

namespace latchkey::dialects::alor {

/// A limit order as the sandbox keeps it.
struct Order {
  std::string portfolio = {};
  std::string exchange = {};
  std::string symbol = {};
  std::string side = {};  ///< "buy" or "sell"
  std::int64_t quantity = 0;
  json::Value price = {};
  std::string comment = {};
};

inline constexpr std::int64_t kMostQuantity = 1'000'000'000;
inline constexpr std::size_t kLongestComment = 256;

/// The body of the order call; kMalformed naming the field.
Result<Order> parse_order(std::string_view body);
std::string write_order(const Order& order);

/// An order as a note's text, and back.
std::string to_note(const Order& order);
std::optional<Order> from_note(std::string_view text);

/// One element of the list of orders, and back.
json::Object to_listed(const Order& order, const engine::Note& note);
std::optional<engine::Note> from_listed(const json::Object& listed);

}  // namespace latchkey::dialects::alor
