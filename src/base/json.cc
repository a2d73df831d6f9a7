// The one door to the JSON library: no other file may include it. The library is
// compiled here, into this file, so that nothing else needs to be installed or linked.
#include "base/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace latchkey::json {

// --- Object ---------------------------------------------------------------------

Object::Object() = default;
Object::Object(std::initializer_list<Given> members) {
  members_.reserve(members.size());
  for (const Given& one : members) members_.push_back(std::move(one.member));
}
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

const Value* Object::find_ignoring_case(std::string_view name) const {
  for (const Member& member : members_) {
    if (equals_ignoring_case(member.name, name)) return &member.value;
  }
  return nullptr;
}

Object& Object::add(std::string name, Value value) {
  members_.push_back({std::move(name), std::move(value)});
  return *this;
}

std::size_t Object::size() const { return members_.size(); }
bool Object::empty() const { return members_.empty(); }
const Member* Object::begin() const { return members_.data(); }
const Member* Object::end() const { return members_.data() + members_.size(); }

bool operator==(const Object& a, const Object& b) { return a.members_ == b.members_; }

// --- reading --------------------------------------------------------------------

namespace {

namespace bj = boost::json;
using Ec = bj::error_code;
using Text = bj::string_view;

/// An array or object whose end has not come yet.
struct Open {
  bool is_object = false;
  std::string name = {};  // of the member that is being read
  Array array = {};
  Object object = {};
};

/// Sorted instead of looked up one by one: a peer may send thousands of members.
bool has_duplicate_name(const Object& object) {
  std::vector<std::string_view> names;
  names.reserve(object.size());
  for (const Member& member : object) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// What basic_parser calls as it reads; its names and shapes are the library's.
struct Builder {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  std::vector<Open> open;
  std::string text;  // of the string or name that is being read
  Value root;
  const char* refusal = nullptr;  // ours, when the grammar had no objection

  bool refuse(const char* why, Ec& ec) {
    refusal = why;
    ec = bj::error::syntax;
    return false;
  }

  bool put(Value value) {
    if (open.empty()) {
      root = std::move(value);
    } else if (open.back().is_object) {
      open.back().object.add(std::move(open.back().name), std::move(value));
    } else {
      open.back().array.push_back(std::move(value));
    }
    return true;
  }

  bool on_document_begin(Ec&) { return true; }
  bool on_document_end(Ec&) { return true; }

  bool on_object_begin(Ec&) {
    open.push_back({.is_object = true});
    return true;
  }
  bool on_object_end(std::size_t, Ec& ec) {
    Object object = std::move(open.back().object);
    open.pop_back();
    if (has_duplicate_name(object)) return refuse("a member name comes twice", ec);
    return put(std::move(object));
  }
  bool on_array_begin(Ec&) {
    open.push_back({.is_object = false});
    return true;
  }
  bool on_array_end(std::size_t, Ec&) {
    Array array = std::move(open.back().array);
    open.pop_back();
    return put(std::move(array));
  }

  bool on_key_part(Text part, std::size_t, Ec&) {
    text += part;
    return true;
  }
  bool on_key(Text part, std::size_t, Ec&) {
    text += part;
    open.back().name = std::exchange(text, {});
    return true;
  }
  bool on_string_part(Text part, std::size_t, Ec&) {
    text += part;
    return true;
  }
  bool on_string(Text part, std::size_t, Ec&) {
    text += part;
    return put(std::exchange(text, {}));
  }

  // The library's own doubles are off by some units in the last place; read the
  // digits again. They come in one piece because the whole text does.
  bool put_double(double rough, Text digits, Ec& ec) {
    double exact = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, exact);
    if (error == std::errc::result_out_of_range && std::abs(rough) < 1) {
      return put(std::copysign(0.0, rough));
    }
    if (error != std::errc{} || stop != end || !std::isfinite(exact)) {
      return refuse("a number is out of range", ec);
    }
    return put(exact);
  }

  bool on_number_part(Text, Ec&) { return true; }
  bool on_int64(std::int64_t n, Text, Ec&) { return put(n); }
  bool on_uint64(std::uint64_t n, Text digits, Ec& ec) {
    return put_double(static_cast<double>(n), digits, ec);
  }
  bool on_double(double n, Text digits, Ec& ec) { return put_double(n, digits, ec); }
  bool on_bool(bool b, Ec&) { return put(b); }
  bool on_null(Ec&) { return put(nullptr); }
  bool on_comment_part(Text, Ec&) { return true; }
  bool on_comment(Text, Ec&) { return true; }
};

std::unexpected<Error> malformed(std::string_view why) {
  return fail(Why::kMalformed, "not acceptable JSON: " + std::string(why));
}

}  // namespace

Result<Value> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) {
    return malformed("longer than " + std::to_string(limits.bytes) + " bytes");
  }
  bj::parse_options options;
  options.max_depth = limits.depth;
  bj::basic_parser<Builder> parser(options);
  Ec ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (parser.handler().refusal != nullptr) return malformed(parser.handler().refusal);
  if (ec == bj::error::too_deep) {
    return malformed("deeper than " + std::to_string(limits.depth) + " levels");
  }
  if (ec) return malformed(ec.message() + " at byte " + std::to_string(used));
  if (used < text.size()) return malformed("more text at byte " + std::to_string(used));
  return std::move(parser.handler().root);
}

// --- typed look-ups -------------------------------------------------------------

namespace {

std::unexpected<Error> bad_field(std::string_view name, std::string_view what) {
  return fail(Why::kMalformed, "field \"" + std::string(name) + "\" " + std::string(what));
}

}  // namespace

Result<std::string> string_field(const Object& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr) return bad_field(name, "is missing");
  if (value->as_string() == nullptr) return bad_field(name, "is not a string");
  return *value->as_string();
}

Result<std::int64_t> int_field(const Object& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr) return bad_field(name, "is missing");
  if (value->as_int() == nullptr) return bad_field(name, "is not an integer");
  return *value->as_int();
}

Result<std::optional<std::string>> optional_string_field(const Object& object,
                                                         std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>{};
  if (value->as_string() == nullptr) return bad_field(name, "is not a string");
  return std::optional<std::string>{*value->as_string()};
}

}  // namespace latchkey::json
