#include <toml++/toml.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "base/toml_text.h"
#include "broker/hosts.h"
#include "broker/profile.h"
#include "dialect/issuer.h"

namespace latchkey::broker {
namespace {

constexpr std::size_t kMostNameBytes = 64;
// No limit would be no deadline.
constexpr Seconds kLeastTimeout{1};
constexpr Seconds kMostTimeout{300};

std::unexpected<Error> wrong(const std::string& file, const toml::node& at,
                             const std::string& what) {
  return fail(Why::kUsage, file + ":" + std::to_string(at.source().begin.line) + ": " + what);
}

Result<std::string> text_at(const std::string& file, const std::string& key,
                            const toml::node& node) {
  if (const auto* text = node.as_string()) {
    if (text->get().empty() || text->get().find('\0') != std::string::npos)
      return wrong(file, node, key + " must not be empty and holds no NUL");
    return text->get();
  }
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return std::string(flag->get() ? "true" : "false");
  return wrong(file, node, key + " must be a text, a number or a truth value");
}

/// A path as the file means it: a relative one begins where the file is, wherever
/// the program was started.
Result<std::string> path_at(const std::string& file, const std::string& key,
                            const toml::node& node) {
  auto text = TRY(text_at(file, key, node));
  const auto slash = file.rfind('/');
  if (text.front() == '/' || slash == std::string::npos) return text;
  return file.substr(0, slash + 1) + text;
}

/// An empty one is none: the usual place, the system's trust.
Result<std::string> path_or_none_at(const std::string& file, const std::string& key,
                                    const toml::node& node) {
  if (const auto* text = node.as_string(); text != nullptr && text->get().empty()) return {};
  return path_at(file, key, node);
}

Result<bool> flag_at(const std::string& file, const std::string& key, const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  return wrong(file, node, key + " must be true or false");
}

Result<Seconds> duration_at(const std::string& file, const std::string& key,
                            const toml::node& node) {
  const auto* text = node.as_string();
  auto duration = text == nullptr ? std::nullopt : parse_duration(text->get());
  if (!duration) return wrong(file, node, key + " must be a duration such as \"90s\" or \"2h\"");
  return *duration;
}

Result<std::vector<std::string>> words_at(const std::string& file, const std::string& key,
                                          const toml::node& node) {
  const auto* array = node.as_array();
  std::vector<std::string> words;
  if (array != nullptr) {
    for (const auto& word : *array) {
      if (const auto* text = word.as_string(); text != nullptr && !text->get().empty())
        words.push_back(text->get());
    }
  }
  if (array == nullptr || words.empty() || words.size() != array->size())
    return wrong(file, node, key + R"( must be a list of words such as ["pass", "show", "ssi"])");
  return words;
}

Result<std::vector<std::string>> hosts_at(const std::string& file, const std::string& key,
                                          const toml::node& node) {
  auto hosts = TRY(words_at(file, key, node));
  for (const auto& host : hosts) {
    const auto origin = origin_of("https://" + host);
    if (!origin || !origin->path.empty() || host.find_first_of("?#") != std::string::npos)
      return wrong(file, node, key + R"( must be a list of hosts such as ["api.example.com"])");
  }
  return hosts;
}

/// "api_secret_file" → the question "api_secret" and kFile.
struct SourceKey {
  std::string question;
  SecretSource::Kind kind;
};
std::optional<SourceKey> source_key(std::string_view key) {
  const std::pair<std::string_view, SecretSource::Kind> endings[] = {
      {"_file", SecretSource::Kind::kFile},
      {"_env", SecretSource::Kind::kVariable},
      {"_command", SecretSource::Kind::kCommand}};
  for (const auto& [ending, kind] : endings) {
    if (key.ends_with(ending))
      return SourceKey{std::string(key.substr(0, key.size() - ending.size())), kind};
  }
  return std::nullopt;
}

const dialect::Question* question_of(const dialect::Dialect& dialect, std::string_view name) {
  for (const auto& question : dialect.questions()) {
    if (question.name == name) return &question;
  }
  return nullptr;
}

Result<> read_answer(Profile& profile, const std::string& file, const std::string& key,
                     const toml::node& node) {
  if (const auto* question = question_of(*profile.dialect, key)) {
    if (question->secret)
      return wrong(file, node,
                   key + " is a secret and may not stand here: use " + key + "_file, " + key +
                       "_env or " + key + "_command");
    profile.facts[key] = TRY(text_at(file, key, node));
    return {};
  }
  const auto source = source_key(key);
  if (!source || question_of(*profile.dialect, source->question) == nullptr)
    return wrong(
        file, node,
        "unknown key " + key + " for provider " + std::string(profile.dialect->traits().name));
  if (profile.sources.contains(source->question))
    return wrong(file, node, source->question + " comes from two places; keep one of them");
  SecretSource from{source->kind, {}};
  if (source->kind == SecretSource::Kind::kCommand) {
    from.words = TRY(words_at(file, key, node));
  } else {
    const bool is_path = source->kind == SecretSource::Kind::kFile;
    auto word = TRY(is_path ? path_at(file, key, node) : text_at(file, key, node));
    from.words.push_back(std::move(word));
  }
  profile.sources[source->question] = std::move(from);
  return {};
}

bool is_setting(const dialect::Dialect& dialect, std::string_view name) {
  return std::ranges::any_of(dialect.profile_settings(),
                             [&](const auto& setting) { return setting.name == name; });
}

/// One setting, wherever in the profile it stands.
Result<> check_setting(Profile& profile, std::map<std::string, std::string>& given,
                       const std::string& file, const std::string& key, const toml::node& node) {
  if (given.contains(key)) return wrong(file, node, key + " stands here twice");
  given[key] = TRY(text_at(file, key, node));
  auto settings = dialect::Settings::make(profile.dialect->profile_settings(), given);
  if (!settings) return wrong(file, node, settings.error().say);
  profile.settings = std::move(*settings);
  return {};
}

/// `[profiles.NAME.settings]`, and what of it stands in the profile itself.
Result<> read_settings(Profile& profile, const std::string& file, const toml::table& table) {
  std::map<std::string, std::string> given;
  for (const auto& [key, value] : table)
    if (is_setting(*profile.dialect, key.str()))
      TRY(check_setting(profile, given, file, std::string(key.str()), value));
  const toml::node* own = table.get("settings");
  if (own == nullptr) return {};
  if (own->as_table() == nullptr) return wrong(file, *own, "settings must be a table");
  for (const auto& [key, value] : *own->as_table())
    TRY(check_setting(profile, given, file, std::string(key.str()), value));
  return {};
}

constexpr const char* kIssuer = "issuer";

/// A provider that describes itself is known by its name, which is its address too.
Result<> read_issuer(Profile& profile, const std::string& file, const toml::table& table) {
  const auto* issuer = profile.dialect->issuer();
  if (issuer == nullptr) return {};
  const auto* node = table.get(kIssuer);
  if (node == nullptr)
    return wrong(file, table, "profile " + profile.name.text + " names no issuer");
  if (const auto* own = table.get("base_url"))
    return wrong(file, *own, "base_url is for other providers; this one's address is its issuer");
  const auto& name = profile.facts[kIssuer];
  const auto addresses = issuer->addresses(name);
  if (!addresses) return wrong(file, *node, addresses.error().say);
  profile.base_url = name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
  return {};
}

Result<> read_key(Profile& profile, const std::string& file, const std::string& key,
                  const toml::node& node) {
  if (key == "provider") return {};
  if (key == "base_url") profile.base_url = TRY(text_at(file, key, node));
  else if (key == "api_url") profile.api_url = TRY(text_at(file, key, node));
  else if (key == "ca_file") profile.ca_file = TRY(path_or_none_at(file, key, node));
  else if (key == "keep_secrets") profile.keep_secrets = TRY(flag_at(file, key, node));
  else if (key == "validate_first") profile.validate_first = TRY(flag_at(file, key, node));
  else if (key == "live_for") profile.live_for = TRY(duration_at(file, key, node));
  else if (key == "timeout") profile.timeout = TRY(duration_at(file, key, node));
  else if (key == "hosts") profile.hosts = TRY(hosts_at(file, key, node));
  else if (key == "default") profile.is_default = TRY(flag_at(file, key, node));
  else if (key == "rotate_credentials_after")
    profile.rotate_credentials_after = TRY(duration_at(file, key, node));
  else if (key == "settings" || is_setting(*profile.dialect, key)) return {};
  else TRY(read_answer(profile, file, key, node));
  return {};
}

/// https anywhere, http on this machine only. No user information: before an '@'
/// may stand what looks like another host, or a password.
bool allowed_url(std::string_view url) {
  const bool secure = url.starts_with("https://");
  if (!secure && !url.starts_with("http://")) return false;
  const bool plain = std::ranges::all_of(url, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!plain || url.find_first_of("@?#\\\"'<>") != std::string_view::npos) return false;
  url.remove_prefix(url.find("//") + 2);
  const auto authority = url.substr(0, url.find('/'));
  // The colons of "[::1]" are not the one before a port.
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const auto colon = authority.find(':', bracket);
  const auto host = authority.substr(0, colon);
  if (host.empty()) return false;
  if (colon != std::string_view::npos) {
    const auto port = parse_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return false;
  }
  return secure || host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

/// The URL is not shown: it may hold a password.
Result<> check_url(const std::string& file, const toml::table& table, const char* key,
                   const std::string& url) {
  if (allowed_url(url)) return {};
  const toml::node* node = table.get(key);
  return wrong(file, node == nullptr ? table : *node,
               std::string(key) +
                   " must be https://host, or http:// on 127.0.0.1, localhost or "
                   "[::1], without a user's name in it");
}

/// Names stand in commands and in files' places: letters, digits, ". _ - @ +" and
/// everything beyond ASCII; no dash in front.
bool allowed_name(std::string_view name) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c >= 0x80 ||
           std::string_view("._-@+").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kMostNameBytes && name.front() != '-' &&
         printable(name, kMostNameBytes) == name && std::ranges::all_of(name, fits);
}

Result<Profile> read_profile(const std::string& name, const std::string& file,
                             const toml::node& node, const dialect::Registry& registry) {
  const auto* table = node.as_table();
  if (table == nullptr) return wrong(file, node, "profiles." + name + " must be a table");
  if (!allowed_name(name))
    return wrong(file, node,
                 "\"" + printable(name) +
                     "\" is no name for a profile: letters, digits "
                     "and . _ - @ +");
  const auto* provider = table->get_as<std::string>("provider");
  if (provider == nullptr) return wrong(file, node, "profile " + name + " names no provider");
  Profile profile;
  profile.name = ProfileName(name);
  profile.dialect = registry.find(provider->get());
  if (profile.dialect == nullptr)
    return fail(Why::kUnknownName,
                wrong(file, *provider,
                      "no provider \"" + printable(provider->get()) + "\"; see: latchkey providers")
                    .error()
                    .say);
  profile.settings = TRY(dialect::Settings::make(profile.dialect->profile_settings()));
  profile.base_url = profile.dialect->traits().base_url;
  profile.rotate_credentials_after = profile.dialect->traits().rotate_credentials_after;
  for (const auto& [key, value] : *table)
    TRY(read_key(profile, file, std::string(key.str()), value));
  TRY(read_settings(profile, file, *table));
  TRY(read_issuer(profile, file, *table));
  if (profile.api_url.empty()) {
    const bool own_host = table->contains("base_url") || table->contains(kIssuer);
    const auto documented = profile.dialect->traits().api_url;
    profile.api_url = own_host || documented.empty() ? profile.base_url : std::string(documented);
  }
  TRY(check_url(file, *table, "base_url", profile.base_url));
  TRY(check_url(file, *table, "api_url", profile.api_url));
  if (profile.timeout < kLeastTimeout || profile.timeout > kMostTimeout)
    return wrong(file, *table->get("timeout"), "timeout must be from 1s to 5m");
  return profile;
}

Result<VaultChoice::Key> key_choice(const std::string& file, const toml::node& node) {
  const std::pair<std::string_view, VaultChoice::Key> choices[] = {
      {"auto", VaultChoice::Key::kAuto},
      {"credential", VaultChoice::Key::kCredential},
      {"secret-service", VaultChoice::Key::kSecretService},
      {"passphrase", VaultChoice::Key::kPassphrase},
      {"file", VaultChoice::Key::kFile}};
  const auto* text = node.as_string();
  for (const auto& [name, key] : choices) {
    if (text != nullptr && text->get() == name) return key;
  }
  return wrong(file, node, "key must be auto, credential, secret-service, passphrase or file");
}

Result<VaultChoice> read_vault(const std::string& file, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr) return wrong(file, node, "vault must be a table");
  VaultChoice choice;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    if (name == "key") choice.key = TRY(key_choice(file, value));
    else if (name == "path") choice.path = TRY(path_or_none_at(file, name, value));
    else if (name == "key_file") choice.key_file = TRY(path_or_none_at(file, name, value));
    else if (name == "askpass") choice.askpass = TRY(words_at(file, name, value));
    else return wrong(file, value, "unknown key vault." + name);
  }
  return choice;
}

Result<AgentChoice> read_agent(const std::string& file, const toml::node& node) {
  const auto* table = node.as_table();
  if (table == nullptr) return wrong(file, node, "agent must be a table");
  AgentChoice choice;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    if (name == "auto_start") choice.auto_start = TRY(flag_at(file, name, value));
    else if (name == "socket") choice.socket = TRY(path_or_none_at(file, name, value));
    else if (name == "refresh_ahead") choice.refresh_ahead = TRY(duration_at(file, name, value));
    else if (name == "notify") choice.notify = TRY(words_at(file, name, value));
    else if (name == "remind") choice.remind = TRY(duration_at(file, name, value));
    else return wrong(file, value, "unknown key agent." + name);
  }
  return choice;
}

Result<std::map<ProfileName, Profile>> read_profiles(const std::string& file,
                                                     const toml::node& node,
                                                     const dialect::Registry& registry) {
  const auto* table = node.as_table();
  if (table == nullptr) return wrong(file, node, "profiles must be a table");
  std::map<ProfileName, Profile> profiles;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    auto profile = TRY(read_profile(name, file, value, registry));
    profiles.emplace(ProfileName(name), std::move(profile));
  }
  return profiles;
}

Result<toml::table> parse(std::string_view text, const std::string& file) {
  TRY(may_parse_toml(text, file));
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return fail(Why::kUsage, file + ":" + std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description()));
  }
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& file,
                            const dialect::Registry& registry) {
  auto table = TRY(parse(text, file));
  Config config;
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    if (name == "vault") config.vault = TRY(read_vault(file, value));
    else if (name == "agent") config.agent = TRY(read_agent(file, value));
    else if (name == "profiles") config.profiles = TRY(read_profiles(file, value, registry));
    else return wrong(file, value, "unknown key " + name);
  }
  return config;
}

Result<Profile> find_profile(const Config& config, const ProfileName& name) {
  const auto found = config.profiles.find(name);
  if (found != config.profiles.end()) return found->second;
  std::string known;
  for (const auto& [other, profile] : config.profiles)
    known += (known.empty() ? "" : ", ") + other.text;
  return fail(Why::kUnknownName, "no profile \"" + printable(name.text) + "\"" +
                                     (known.empty() ? "" : "; there is " + known));
}

}  // namespace latchkey::broker
