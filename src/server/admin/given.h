#pragma once

#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "http/message.h"

namespace latchkey::server {

/// One thing that a verb may be told.
struct Parameter {
  enum class Kind { kText, kNumber, kFlag, kList, kChoice, kSecret };
  std::string_view name;  ///< "redirect_uri": --redirect-uri, or "redirect_uri" in JSON
  std::string_view help;
  Kind kind = Kind::kText;
  bool required = false;
  bool positional = false;           ///< on the command line: no --name before it
  std::string_view choices = {};     ///< of kChoice: "none|outbox"
  std::int64_t least = 0, most = 0;  ///< of kNumber
  std::int64_t standard = 0;         ///< of kNumber, when it is not given
  std::string_view example = {};     ///< of kText and kList, for the description
};

/// What a verb was told, checked against its parameters.
class Given {
 public:
  /// kUsage, naming it: what the verb does not know, of another kind, or missing.
  static Result<Given> make(const std::vector<Parameter>& known, const json::Object& members);

  // Of a parameter that the verb has; "", 0, false or nothing when it was not given.
  std::string text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  Secret secret(std::string_view name) const;

  /// Everything that is not secret, for the record.
  json::Object shown() const;

 private:
  const json::Value* find(std::string_view name) const { return members_.find(name); }

  std::vector<Parameter> known_;
  json::Object members_;
};

/// What a query says, as JSON of the parameters' kinds. kUsage for what is none.
Result<json::Object> members_of(const std::vector<Parameter>& known, const http::Pairs& query);
/// The same back: what a GET asks with. Secrets are never in it.
http::Pairs query_of(const std::vector<Parameter>& known, const json::Object& members);

}  // namespace latchkey::server
