#include "server/admin/dispatch.h"

#include <exception>

#include "base/log.h"
#include "base/text.h"

namespace latchkey::server {
namespace {

/// What changes something stands in the record; so does who read the codes that were sent.
bool is_recorded(const Verb& verb, const Result<json::Value>& done) {
  if (verb.changes) return true;
  const auto* rows = done ? done->as_array() : nullptr;
  return verb.noun == "outbox" && rows != nullptr && !rows->empty();
}

json::Value printable_value(const json::Value& value) {
  if (const auto* text = value.as_string()) return printable(*text);
  if (const auto* array = value.as_array()) {
    json::Array all;
    for (const auto& one : *array) all.push_back(printable_value(one));
    return all;
  }
  return value;
}

void record(const Verb& verb, const Given& given, const Result<json::Value>& done, const Desk& desk,
            AuditLog& audit, std::string_view who) {
  json::Object facts{{"who", printable(who)}, {"verb", name_of(verb)}};
  json::Object asked;
  for (const auto& [name, value] : given.shown()) asked.add(name, printable_value(value));
  facts.add("asked", asked);
  facts.add("result", done ? "ok" : name_of(done.error().why));
  if (done && verb.gives == Gives::kObject && done->as_object()) facts.add("done", *done);
  if (const auto written = audit.append(desk.now, "admin", facts, true); !written)
    log::write(log::Level::kError, "audit_failed",
               {{"what", name_of(verb)}, {"note", written.error().say}});
}

Result<json::Value> act(const Verb& verb, const Desk& desk, const Given& given) {
  try {
    return verb.act(desk, given);
  } catch (const std::exception& e) {
    return fail(Why::kBug, "", e.what());
  }
}

}  // namespace

Result<json::Value> carry_out(const Verb& verb, const json::Object& members, const Desk& desk,
                              AuditLog* audit, std::string_view who) {
  const Given given = TRY(Given::make(verb.parameters, members));
  auto done = act(verb, desk, given);
  if (audit != nullptr && is_recorded(verb, done)) record(verb, given, done, desk, *audit, who);
  return done;
}

}  // namespace latchkey::server
