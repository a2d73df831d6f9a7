#include "server/sandbox/hostile.h"

#include "base/text.h"

namespace latchkey::server {
namespace {

using json::Value;

constexpr const char* kPage =
    "<!doctype html>\n<title>Maintenance</title>\n<h1>We will be back soon</h1>\n";
constexpr const char* kInjected = "\r\nX-Injected: 1";
constexpr const char* kAnother = "another";

bool has_word(std::string_view name, std::string_view word) {
  return to_lower(name).find(word) != std::string::npos;
}

bool is_end(std::string_view name) { return has_word(name, "expir"); }
bool is_token(std::string_view name) { return has_word(name, "token") && !has_word(name, "type"); }

Value another(const Value& value) {
  if (value.as_int() || value.as_double()) return 0;
  return kAnother;
}

/// JSON as the library does not write it, because it should not be.
class Writer {
 public:
  explicit Writer(const Fault& fault) : fault_(fault) {}

  std::string write(const Value& value, std::string_view name = "token") const {
    if (const auto* object = value.as_object()) return members(*object);
    if (const auto* array = value.as_array()) return elements(*array);
    if (fault_.kind == FaultKind::kAbsurdExpiry && is_end(name))
      return fault_.value.empty() ? kAbsurdEnd : fault_.value;
    if (fault_.kind == FaultKind::kCrlfToken && is_token(name) && value.as_string())
      return json::write(*value.as_string() + kInjected);
    return json::write(value);
  }

 private:
  std::string members(const json::Object& object) const {
    std::string out;
    const auto add = [&out](const std::string& name, const std::string& text) {
      out += (out.empty() ? "{" : ",") + json::write(name) + ":" + text;
    };
    for (const auto& [name, value] : object) {
      add(name, write(value, name));
      if (fault_.kind == FaultKind::kTwice) add(name, json::write(another(value)));
    }
    return out.empty() ? "{}" : out + "}";
  }
  std::string elements(const json::Array& array) const {
    std::string out;
    for (const auto& value : array) out += (out.empty() ? "[" : ",") + write(value, "");
    return out.empty() ? "[]" : out + "]";
  }

  const Fault& fault_;
};

void rewrite(const Fault& fault, std::string& body) {
  const auto value = json::parse(body);
  if (!value) return;
  const bool bare = fault.kind == FaultKind::kTwice && value->as_object() == nullptr;
  body = Writer(fault).write(bare ? Value(json::Object{{"token", *value}}) : *value);
}

void ok(http::Response& response, const char* type, std::string body) {
  response.status = 200;
  response.headers.remove("Retry-After");
  response.headers.set("Content-Type", type);
  response.body = std::move(body);
}

}  // namespace

net::Delivery spoil(const Fault& fault, http::Response& response) {
  using Way = net::Delivery::Way;
  net::Delivery how{.delay =
                        fault.kind == FaultKind::kDelay && fault.before ? Seconds{0} : fault.after};
  switch (fault.kind) {
    case FaultKind::kDrop: how.way = Way::kNothing; break;
    case FaultKind::kReset: how.way = Way::kReset; break;
    case FaultKind::kCut: how.way = Way::kCut; break;
    case FaultKind::kDelay:
    case FaultKind::kRevoke: break;
    case FaultKind::kFail:
      response.status = fault.status;
      response.headers.remove("Retry-After");
      if (!fault.retry_after.empty()) response.headers.add("Retry-After", fault.retry_after);
      break;
    case FaultKind::kHtml: ok(response, "text/html; charset=utf-8", kPage); break;
    case FaultKind::kEmpty: ok(response, "application/json", ""); break;
    case FaultKind::kTruncated: response.body.resize(response.body.size() / 2); break;
    case FaultKind::kTwice:
    case FaultKind::kAbsurdExpiry:
    case FaultKind::kCrlfToken: rewrite(fault, response.body); break;
    case FaultKind::kWrongType:
      response.headers.set("Content-Type", "application/octet-stream");
      break;
    case FaultKind::kHuge:
      if (fault.before) ok(response, "application/json", "{}");
      how.padding = fault.bytes;
      break;
    case FaultKind::kEndless:
      if (fault.before) ok(response, "application/json", "{}");
      how.padding = net::kMostPadding;
      how.chunked = true;
      break;
  }
  return how;
}

}  // namespace latchkey::server
