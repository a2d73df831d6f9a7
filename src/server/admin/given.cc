#include "server/admin/given.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;

std::unexpected<Error> wrong(std::string_view name, const std::string& why) {
  return fail(Why::kUsage, printable(name, 60) + " " + why);
}

bool is_choice(std::string_view choices, const std::string& text) {
  const auto all = split(choices, '|');
  return std::ranges::find(all, text) != all.end();
}

bool is_list(const json::Value& value) {
  const auto* array = value.as_array();
  return array != nullptr && std::ranges::all_of(*array, [](const json::Value& one) {
           return one.as_string() != nullptr;
         });
}

Result<> check(const Parameter& known, const json::Value& value) {
  switch (known.kind) {
    case Kind::kText:
    case Kind::kSecret:
      if (value.as_string() == nullptr) return wrong(known.name, "must be a text");
      return {};
    case Kind::kChoice:
      if (value.as_string() == nullptr || !is_choice(known.choices, *value.as_string()))
        return wrong(known.name, "must be one of " + std::string(known.choices));
      return {};
    case Kind::kNumber:
      if (value.as_int() == nullptr || *value.as_int() < known.least ||
          *value.as_int() > known.most)
        return wrong(known.name, "must be a number from " + std::to_string(known.least) + " to " +
                                     std::to_string(known.most));
      return {};
    case Kind::kFlag:
      if (value.as_bool() == nullptr) return wrong(known.name, "must be true or false");
      return {};
    case Kind::kList:
      if (!is_list(value)) return wrong(known.name, "must be a list of texts");
      return {};
  }
  return fail(Why::kBug, "", "a kind of parameter that is none");
}

const Parameter* find(const std::vector<Parameter>& known, std::string_view name) {
  const auto at = std::ranges::find(known, name, &Parameter::name);
  return at == known.end() ? nullptr : &*at;
}

}  // namespace

Result<Given> Given::make(const std::vector<Parameter>& known, const json::Object& members) {
  Given given;
  given.known_ = known;
  for (const auto& [name, value] : members) {
    const Parameter* one = server::find(known, name);
    if (one == nullptr) return wrong(name, "is nothing that this verb knows");
    if (value.is_null()) continue;
    TRY(check(*one, value));
    given.members_.add(name, value);
  }
  for (const auto& one : known)
    if (one.required && given.find(one.name) == nullptr) return wrong(one.name, "is missing");
  return given;
}

std::string Given::text(std::string_view name) const {
  const auto* value = find(name);
  return value == nullptr ? "" : *value->as_string();
}

std::int64_t Given::number(std::string_view name) const {
  if (const auto* value = find(name)) return *value->as_int();
  const Parameter* one = server::find(known_, name);
  return one == nullptr ? 0 : one->standard;
}

bool Given::flag(std::string_view name) const {
  const auto* value = find(name);
  return value != nullptr && *value->as_bool();
}

std::vector<std::string> Given::list(std::string_view name) const {
  std::vector<std::string> all;
  if (const auto* value = find(name))
    for (const auto& one : *value->as_array()) all.push_back(*one.as_string());
  return all;
}

Secret Given::secret(std::string_view name) const {
  const auto* value = find(name);
  return Secret(value == nullptr ? "" : *value->as_string());
}

json::Object Given::shown() const {
  json::Object shown;
  for (const auto& [name, value] : members_)
    if (server::find(known_, name)->kind != Kind::kSecret) shown.add(name, value);
  return shown;
}

Result<json::Object> members_of(const std::vector<Parameter>& known, const http::Pairs& query) {
  TRY(http::refuse_repeats(query));
  json::Object members;
  for (const auto& [name, text] : query) {
    const Parameter* one = find(known, name);
    if (one == nullptr || one->kind == Kind::kSecret || one->kind == Kind::kList)
      return wrong(name, "is nothing that this verb knows");
    if (one->kind == Kind::kNumber) {
      const auto number = parse_int(text);
      if (!number) return wrong(name, "must be a number");
      members.add(name, *number);
    } else if (one->kind == Kind::kFlag) {
      if (text != "true" && text != "false") return wrong(name, "must be true or false");
      members.add(name, text == "true");
    } else {
      members.add(name, text);
    }
  }
  return members;
}

http::Pairs query_of(const std::vector<Parameter>& known, const json::Object& members) {
  http::Pairs query;
  for (const auto& [name, value] : members) {
    const Parameter* one = find(known, name);
    if (one == nullptr || one->kind == Kind::kSecret) continue;
    query.emplace_back(name, value.as_string() ? *value.as_string() : json::write(value));
  }
  return query;
}

}  // namespace latchkey::server
