#include "server/served.h"

#include "base/log.h"
#include "base/text.h"

namespace latchkey::server {

namespace {

log::Level level_of(const Served& served) {
  if (!served.error) return log::Level::kInfo;
  if (served.error->why == Why::kUnavailable) return log::Level::kWarn;
  const bool ours = served.error->why == Why::kBug || served.error->why == Why::kStore;
  return ours ? log::Level::kError : log::Level::kInfo;
}

}  // namespace

void log_served(const Served& served) {
  const log::Level level = level_of(served);
  if (!log::is_on(level)) return;
  std::vector<log::Field> fields;
  fields.reserve(12);
  fields.emplace_back("id", served.id);
  fields.emplace_back("peer", served.peer);
  if (!served.forwarded.empty()) fields.emplace_back("forwarded", printable(served.forwarded));
  fields.emplace_back("method", printable(served.method, 20));
  fields.emplace_back("target", served.target);
  if (!served.realm.empty()) fields.emplace_back("realm", served.realm);
  if (!served.operation.empty()) fields.emplace_back("operation", served.operation);
  fields.emplace_back("status", static_cast<long long>(served.status));
  fields.emplace_back("us", static_cast<long long>(served.took.count()));
  if (!served.fault.empty()) fields.emplace_back("fault", served.fault);
  if (served.error) {
    fields.emplace_back("why", std::string_view(name_of(served.error->why)));
    if (!served.error->note.empty())
      fields.emplace_back("note", printable(served.error->note, 500));
  }
  log::write(level, "request", fields);
}

}  // namespace latchkey::server
