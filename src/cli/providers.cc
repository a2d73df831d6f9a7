#include "base/table.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"

namespace latchkey::cli {
namespace {

const char* how(dialect::Presence presence) {
  switch (presence) {
    case dialect::Presence::kNone: return "stored secrets";
    case dialect::Presence::kOtp: return "secrets and a one-time password or push";
    case dialect::Presence::kBrowser: return "a browser";
  }
  return "?";
}

const char* how(engine::Rotation rotation) {
  switch (rotation) {
    case engine::Rotation::kNone: return "none; a new token is asked for";
    case engine::Rotation::kReusable: return "one refresh token, used again and again";
    case engine::Rotation::kReissue: return "a new refresh token each time";
    case engine::Rotation::kSingleUse: return "single-use refresh tokens";
  }
  return "?";
}

json::Value described(const dialect::Dialect& dialect) {
  const auto& traits = dialect.traits();
  json::Array questions;
  for (const auto& question : dialect.questions())
    questions.push_back(json::Object{{"name", question.name},
                                     {"label", question.label},
                                     {"secret", question.secret},
                                     {"required", question.required}});
  return json::Object{{"name", traits.name},
                      {"title", traits.title},
                      {"base_url", traits.base_url},
                      {"login", how(traits.presence)},
                      {"renewal", how(traits.rotation)},
                      {"questions", std::move(questions)}};
}

}  // namespace

Run add_providers(CLI::App&, const dialect::Registry& registry) {
  return [&registry](Context& context) -> Result<int> {
    if (context.common().json) {
      json::Array list;
      for (const auto* dialect : registry.all()) list.push_back(described(*dialect));
      return print_json(std::move(list)) ? kOk : kTryLater;
    }
    std::vector<std::vector<std::string>> rows = {
        {"PROVIDER", "SYSTEM", "LOGIN", "RENEWAL", "PROFILE KEYS"}};
    for (const auto* dialect : registry.all()) {
      const auto& traits = dialect->traits();
      std::string keys;
      for (const auto& question : dialect->questions())
        keys +=
            (keys.empty() ? "" : " ") + std::string(question.name) + (question.secret ? "*" : "");
      rows.push_back({std::string(traits.name), std::string(traits.title), how(traits.presence),
                      how(traits.rotation), keys});
    }
    return print(table(rows)) &&
                   print_line("* a secret: give KEY_file, KEY_env or KEY_command instead")
               ? kOk
               : kTryLater;
  };
}

}  // namespace latchkey::cli
