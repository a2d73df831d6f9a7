#include "store/sqlite/statement.h"

#include <sqlite3.h>

namespace latchkey::store {

namespace {

Why meaning_of(sqlite3* db, int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return Why::kConflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT: return Why::kStore;
    case SQLITE_READONLY:  // the disk's doing, or a write on a connection that only reads
      return db != nullptr && sqlite3_db_readonly(db, "main") == 0 && code == SQLITE_READONLY
                 ? Why::kBug
                 : Why::kUnavailable;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS: return Why::kUnavailable;
    default: return Why::kBug;
  }
}

}  // namespace

Error sqlite_error(sqlite3* db, int code) {
  std::string note = "sqlite: ";
  note += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  note += " (" + std::to_string(code) + ")";
  return {.why = meaning_of(db, code), .note = std::move(note)};
}

int Parameter::bind(sqlite3_stmt* statement, int index) const {
  if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  // Not copied: see Parameter. A null pointer would bind NULL instead of the empty text or blob.
  if (const auto* text = std::get_if<std::string_view>(&value_)) {
    return sqlite3_bind_text64(statement, index, text->empty() ? "" : text->data(), text->size(),
                               SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* bytes = std::get_if<ByteView>(&value_)) {
    const void* data = bytes->empty() ? static_cast<const void*>("") : bytes->data();
    return sqlite3_bind_blob64(statement, index, data, bytes->size(), SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

void Statement::Reset::operator()(sqlite3_stmt* statement) const {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

Result<bool> Statement::step() {
  column_ = 0;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(sqlite_error(sqlite3_db_handle(statement_.get()), code));
}

std::int64_t Statement::number() { return sqlite3_column_int64(statement_.get(), column_++); }

std::optional<Instant> Statement::maybe_time() {
  if (sqlite3_column_type(statement_.get(), column_) == SQLITE_NULL) {
    ++column_;
    return std::nullopt;
  }
  return time();
}

std::string_view Statement::text_view() {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column_));
  const int size = sqlite3_column_bytes(statement_.get(), column_++);
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(size));
}

std::string Statement::text() { return std::string(text_view()); }

ByteView Statement::bytes_view() {
  const auto* data =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column_));
  const int size = sqlite3_column_bytes(statement_.get(), column_++);
  return data == nullptr ? ByteView() : ByteView(data, static_cast<std::size_t>(size));
}

Bytes Statement::bytes() {
  const ByteView bytes = bytes_view();
  return {bytes.begin(), bytes.end()};
}

engine::Hash Statement::hash() {
  const ByteView bytes = bytes_view();
  if (bytes.size() <= engine::Hash::kMost) return engine::Hash(bytes);
  static const engine::Hash kDamaged{Bytes(engine::Hash::kMost, 0)};
  return kDamaged;
}

}  // namespace latchkey::store
