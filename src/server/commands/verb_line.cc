#include "server/commands/verb_line.h"

#include <algorithm>

#include "base/text.h"
#include "server/commands/office.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

using Kind = Parameter::Kind;

std::string option_name(const Parameter& one) {
  std::string name(one.name);
  if (one.positional) return name;
  std::ranges::replace(name, '_', '-');
  return "--" + name + (one.kind == Kind::kSecret ? "-file" : "");
}

std::string help_of(const Parameter& one) {
  if (one.kind != Kind::kSecret) return std::string(one.help);
  return std::string(one.help) + ", from this file; - for stdin" +
         (one.required ? " (default: ask)" : "");
}

}  // namespace

void VerbLine::bind(CLI::App& app, const Verb& verb) {
  for (const auto& one : verb.parameters) {
    const std::string key(one.name), name = option_name(one), help = help_of(one);
    CLI::Option* option = nullptr;
    switch (one.kind) {
      case Kind::kText:
      case Kind::kSecret: option = app.add_option(name, texts_[key], help); break;
      case Kind::kChoice:
        option =
            app.add_option(name, texts_[key], help)->check(CLI::IsMember(split(one.choices, '|')));
        break;
      case Kind::kNumber:
        option = app.add_option(name, numbers_[key], help)->check(CLI::Range(one.least, one.most));
        break;
      case Kind::kFlag: option = app.add_flag(name, flags_[key], help); break;
      case Kind::kList: option = app.add_option(name, lists_[key], help); break;
    }
    if (one.required && one.kind != Kind::kSecret) option->required();
    options_[key] = option;
  }
  if (verb.gives == Gives::kSecrets)
    app.add_option("--secret-file", secret_file_, "write what is generated to this new file");
}

Result<json::Object> VerbLine::members(const Verb& verb) const {
  json::Object members;
  for (const auto& one : verb.parameters) {
    const bool given = options_.find(one.name)->second->count() > 0;
    if (one.kind == Kind::kSecret && (given || one.required)) {
      const std::string& file = texts_.find(one.name)->second;
      const Secret secret = TRY(read_password(file));
      members.add(std::string(one.name), std::string(secret.reveal()));
      continue;
    }
    if (!given) continue;
    const std::string key(one.name);
    if (one.kind == Kind::kNumber) members.add(key, numbers_.find(key)->second);
    else if (one.kind == Kind::kFlag) members.add(key, flags_.find(key)->second);
    else if (one.kind == Kind::kList) {
      json::Array all;
      for (const auto& text : lists_.find(key)->second) all.emplace_back(text);
      members.add(key, std::move(all));
    } else members.add(key, texts_.find(key)->second);
  }
  return members;
}

}  // namespace latchkey::server
