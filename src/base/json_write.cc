#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace latchkey::json {
namespace {

void write_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[static_cast<unsigned char>(c) >> 4];
  out += kDigits[static_cast<unsigned char>(c) & 0xF];
}

/// Whether a byte may stand in a JSON string as it is, whatever follows.
constexpr bool is_simple(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20) & (byte < 0x80) & (c != '"') & (c != '\\');
}

/// How many bytes at the start may stand as they are. Whole blocks are looked at without a branch
/// inside, which the compiler makes vector instructions of: tokens are a thousand bytes.
std::size_t simple_start(std::string_view text) {
  constexpr std::size_t kBlock = 16;
  std::size_t size = 0;
  for (; text.size() - size >= kBlock; size += kBlock) {
    bool simple = true;
    for (std::size_t i = 0; i < kBlock; ++i) simple &= is_simple(text[size + i]);
    if (!simple) break;
  }
  while (size < text.size() && is_simple(text[size])) ++size;
  return size;
}

// Bytes that are not UTF-8 become U+FFFD: whatever comes in, what leaves is JSON.
void write_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t simple = simple_start(text);
    out += text.substr(0, simple);
    text.remove_prefix(simple);
    if (text.empty()) break;
    const std::size_t size = utf8_sequence(text);
    const char c = text.front();
    if (size == 0) {
      out += "\xEF\xBF\xBD";
    } else if (size == 1 && (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\')) {
      write_escaped(out, c);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  out += '"';
}

// The shortest digits that read back as the same double; JSON has no infinity.
void write_double(std::string& out, double n) {
  if (!std::isfinite(n)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, n);
  const std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

/// Writes compactly, or with two spaces a level.
class Writer {
 public:
  explicit Writer(bool pretty) : pretty_(pretty) { out_.reserve(kMostAreShorter); }

  void value(const Value& v) {
    if (const bool* b = v.as_bool()) {
      out_ += *b ? "true" : "false";
    } else if (const std::int64_t* n = v.as_int()) {
      out_ += std::to_string(*n);
    } else if (const double* d = v.as_double()) {
      write_double(out_, *d);
    } else if (const std::string* s = v.as_string()) {
      write_string(out_, *s);
    } else if (const Array* a = v.as_array()) {
      array(*a);
    } else if (const Object* o = v.as_object()) {
      object(*o);
    } else {
      out_ += "null";
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void array(const Array& items) {
    begin('[');
    bool first = true;
    for (const Value& item : items) {
      next(first);
      value(item);
    }
    end(']', items.empty());
  }

  void object(const Object& members) {
    begin('{');
    bool first = true;
    for (const Member& member : members) {
      next(first);
      write_string(out_, member.name);
      out_ += pretty_ ? ": " : ":";
      value(member.value);
    }
    end('}', members.empty());
  }

  void begin(char bracket) {
    out_ += bracket;
    ++level_;
  }
  void next(bool& first) {
    if (!first) out_ += ',';
    first = false;
    new_line();
  }
  void end(char bracket, bool nothing) {
    --level_;
    if (!nothing) new_line();
    out_ += bracket;
  }
  void new_line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(level_ * 2, ' ');
  }

  static constexpr std::size_t kMostAreShorter = 256;

  bool pretty_;
  std::size_t level_ = 0;
  std::string out_;
};

std::string written(const Value& value, bool pretty) {
  Writer writer(pretty);
  writer.value(value);
  return writer.take();
}

}  // namespace

std::string write(const Value& value) { return written(value, false); }
std::string write_pretty(const Value& value) { return written(value, true); }

}  // namespace latchkey::json
