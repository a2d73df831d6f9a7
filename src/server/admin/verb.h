#pragma once

#include <span>
#include <string_view>

#include "engine/admin.h"
#include "server/admin/given.h"
#include "server/served_realm.h"

namespace latchkey::server {

/// What the verbs work on: the authority's realms and its store.
struct Desk {
  const std::vector<RealmSpec>& realms;
  engine::Admin& admin;
  Instant now;

  /// The realm that was named; the only one there is when none was. kUsage when one must
  /// be named, kUnknownName when there is none of that name.
  Result<const RealmSpec*> realm(const Given& given) const;
};

/// What a verb gives: nothing; rows, which are objects of `columns`; one object; or what
/// was generated and is shown this once.
enum class Gives { kNothing, kRows, kObject, kSecrets };

/// One thing that an operator may do. The table of them (verbs()) makes the command
/// line, the admin API and its description.
struct Verb {
  std::string_view noun;  ///< "client"
  std::string_view name;  ///< "create"; "": the noun alone
  std::string_view help;
  bool changes = false;  ///< POST, and a line in the audit log; else GET
  std::vector<Parameter> parameters = {};
  Gives gives = Gives::kNothing;
  std::vector<std::string_view> columns = {};
  Result<json::Value> (*act)(const Desk&, const Given&);
};

/// "client.create", "outbox".
std::string name_of(const Verb& verb);
/// "/v1/client/create".
std::string path_of(const Verb& verb);

/// What a noun is, for the command line: {"client", "programs that may ask for tokens"}.
struct Noun {
  std::string_view name, help;
};
std::span<const Noun> nouns();
const std::vector<Verb>& verbs();

// Its parts, a file a noun.
std::vector<Verb> client_verbs();
std::vector<Verb> user_verbs();
std::vector<Verb> organization_verbs();
std::vector<Verb> grant_verbs();
std::vector<Verb> message_verbs();
std::vector<Verb> key_verbs();

/// The parameter that nearly all have.
Parameter realm_parameter();

}  // namespace latchkey::server
