#include "dialect/settings.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"

namespace latchkey::dialect {
namespace {

const Setting* find(std::span<const Setting> known, std::string_view name) {
  const auto found = std::ranges::find(known, name, &Setting::name);
  return found == known.end() ? nullptr : &*found;
}

const char* form_of(Setting::Kind kind) {
  switch (kind) {
    case Setting::Kind::kText: return "text";
    case Setting::Kind::kBool: return "\"true\" or \"false\"";
    case Setting::Kind::kInt: return "a whole number";
    case Setting::Kind::kDuration: return "a duration such as \"90s\" or \"1h30m\"";
  }
  return "";
}

bool has_form(Setting::Kind kind, std::string_view value) {
  switch (kind) {
    case Setting::Kind::kText: return true;
    case Setting::Kind::kBool: return value == "true" || value == "false";
    case Setting::Kind::kInt: return parse_int(value).has_value();
    case Setting::Kind::kDuration: return parse_duration(value).has_value();
  }
  return false;
}

Result<> check(const Setting& setting, std::string_view value) {
  const std::string name(setting.name);
  if (!has_form(setting.kind, value)) {
    return fail(Why::kUsage, "setting \"" + name + "\" wants " + form_of(setting.kind));
  }
  const auto choices = split(setting.choices, '|');
  if (!setting.choices.empty() && std::ranges::find(choices, value) == choices.end()) {
    return fail(Why::kUsage,
                "setting \"" + name + "\" wants one of " + std::string(setting.choices));
  }
  return {};
}

}  // namespace

Result<Settings> Settings::make(std::span<const Setting> known,
                                const std::map<std::string, std::string>& given) {
  Settings settings;
  for (const Setting& setting : known) {
    if (auto fits = check(setting, setting.standard); !fits) {
      return fail(Why::kBug, "", "default: " + fits.error().say);
    }
    settings.values_.emplace(setting.name, setting.standard);
  }
  for (const auto& [name, value] : given) {
    const Setting* setting = find(known, name);
    if (setting == nullptr) {
      return fail(Why::kUsage, "there is no setting \"" + printable(name) + "\"");
    }
    TRY(check(*setting, value));
    settings.values_[name] = value;
  }
  return settings;
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) std::abort();
  return found->second;
}

Settings Settings::with(std::string_view name, std::string value) const {
  Settings changed = *this;
  const auto found = changed.values_.find(name);
  if (found == changed.values_.end()) std::abort();
  found->second = std::move(value);
  return changed;
}

bool Settings::flag(std::string_view name) const {
  const std::string& value = text(name);
  if (!has_form(Setting::Kind::kBool, value)) std::abort();
  return value == "true";
}

std::int64_t Settings::number(std::string_view name) const {
  const auto value = parse_int(text(name));
  if (!value) std::abort();
  return *value;
}

Seconds Settings::duration(std::string_view name) const {
  const auto value = parse_duration(text(name));
  if (!value) std::abort();
  return *value;
}

}  // namespace latchkey::dialect
