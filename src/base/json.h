#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace latchkey::json {

class Value;
struct Given;
struct Member;
using Array = std::vector<Value>;

/// Members in the order in which they were written: some clients depend on it.
class Object {
 public:
  Object();
  Object(std::initializer_list<Given> members);
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  /// nullptr when there is no such member.
  const Value* find(std::string_view name) const;
  /// As ASP.NET binds names: `Token` and `token` are one. The first match wins.
  const Value* find_ignoring_case(std::string_view name) const;
  /// Appends; the caller knows that the name is new.
  Object& add(std::string name, Value value);

  std::size_t size() const;
  bool empty() const;
  const Member* begin() const;
  const Member* end() const;

  friend bool operator==(const Object&, const Object&);

 private:
  std::vector<Member> members_;
};

/// A JSON value (RFC 8259). Integers that fit std::int64_t stay exact.
class Value {
 public:
  Value() : data_(nullptr) {}
  Value(std::nullptr_t) : data_(nullptr) {}
  Value(bool b) : data_(b) {}
  Value(int n) : data_(static_cast<std::int64_t>(n)) {}
  Value(std::int64_t n) : data_(n) {}
  Value(long long n) : data_(static_cast<std::int64_t>(n)) {}
  Value(double n) : data_(n) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
  const bool* as_bool() const { return std::get_if<bool>(&data_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&data_); }
  const double* as_double() const { return std::get_if<double>(&data_); }
  const std::string* as_string() const { return std::get_if<std::string>(&data_); }
  const Array* as_array() const { return std::get_if<Array>(&data_); }
  const Object* as_object() const { return std::get_if<Object>(&data_); }

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data_;
};

/// One name and its value.
struct Member {
  std::string name;
  Value value;
  friend bool operator==(const Member&, const Member&) = default;
};

/// A member between braces. It moves into its object, though an initializer_list is of constants.
struct Given {
  Given(std::string name, Value value) : member{std::move(name), std::move(value)} {}
  mutable Member member;
};

/// What a peer may make us read. The defaults fit every body of the five systems.
struct Limits {
  std::size_t bytes = 64 * 1024;
  std::size_t depth = 16;
};

/// Reads one JSON text. Refuses (Why::kMalformed, with `say`): anything
/// RFC 8259 does not allow, invalid UTF-8, a duplicate member name, trailing
/// text, and input beyond the limits.
Result<Value> parse(std::string_view text, const Limits& limits = {});

/// Compact UTF-8 without spaces; only what must be escaped is.
std::string write(const Value& value);
/// Two spaces a level, for people and for the seed's token_cache.json.
std::string write_pretty(const Value& value);

// Typed look-ups in an object; kMalformed naming the field when it is missing
// or of another type. The optional_ forms give nullopt for a missing or null
// member and still refuse a wrong type.
Result<std::string> string_field(const Object& object, std::string_view name);
Result<std::int64_t> int_field(const Object& object, std::string_view name);
Result<std::optional<std::string>> optional_string_field(const Object& object,
                                                         std::string_view name);

}  // namespace latchkey::json
