#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/hash.h"

struct sqlite3;
struct sqlite3_stmt;

namespace latchkey::store {

/// What SQLite's result code means to a caller.
///
///   busy, locked, full, broken or read-only disk, out of memory | kUnavailable
///   a key that is taken, a reference to nothing                 | kConflict
///   damaged, or not a database                                  | kStore
///   anything else, or a write on a connection that only reads   | kBug
///
/// The note holds SQLite's own words; it never holds a bound value.
Error sqlite_error(sqlite3* db, int code);

/// One value for a `?`. Refers to what it was made from, and so does the statement that it is
/// bound to, until that is reset.
class Parameter {
 public:
  Parameter(std::int64_t number) : value_(number) {}
  Parameter(int number) : value_(std::int64_t{number}) {}
  Parameter(bool flag) : value_(std::int64_t{flag}) {}
  Parameter(Instant time) : value_(std::int64_t{epoch(time)}) {}
  Parameter(std::optional<Instant> time) {
    if (time) value_ = std::int64_t{epoch(*time)};
  }
  Parameter(std::string_view text) : value_(text) {}
  Parameter(const std::string& text) : value_(std::string_view(text)) {}
  Parameter(const char*) = delete;  // a pointer would turn into a bool
  Parameter(const Bytes& bytes) : value_(ByteView(bytes)) {}
  Parameter(const engine::Hash& hash) : value_(ByteView(hash)) {}
  template <class Tag>
  Parameter(const Id<Tag>& id) : value_(std::string_view(id.text)) {}
  template <class Enum>
    requires std::is_enum_v<Enum>
  Parameter(Enum value) : value_(static_cast<std::int64_t>(value)) {}

  int bind(sqlite3_stmt* statement, int index) const;

 private:
  std::variant<std::nullptr_t, std::int64_t, std::string_view, ByteView> value_ = nullptr;
};

/// A prepared statement in use. When it goes, the statement is reset and its
/// values are forgotten; the connection keeps it for the next time.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  /// True: a row is there to be read. False: there are no more.
  Result<bool> step();

  // The columns of the row, from left to right, each read once.
  std::int64_t number();
  bool flag() { return number() != 0; }
  Instant time() { return from_epoch(number()); }
  std::optional<Instant> maybe_time();
  std::string text();
  Bytes bytes();
  /// Zeros, and not the empty one, where the bytes are more than a hash has: no secret has that
  /// hash, and whoever has none is let in where there is none.
  engine::Hash hash();
  template <class Enum>
  Enum enumerator() {
    return static_cast<Enum>(number());
  }
  template <class IdType>
  IdType id() {
    return IdType(text_view());
  }

 private:
  struct Reset {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::string_view text_view();
  ByteView bytes_view();

  std::unique_ptr<sqlite3_stmt, Reset> statement_;
  int column_ = 0;
};

}  // namespace latchkey::store
