#pragma once

#include "server/admin/verb.h"
#include "server/commands/command.h"

namespace latchkey::server {

/// One verb's arguments on the command line.
class VerbLine {
 public:
  /// Declares them on the verb's App: --redirect-uri for redirect_uri; of a secret a
  /// file, --password-file, because no flag takes one.
  void bind(CLI::App& app, const Verb& verb);
  /// What was given, secrets read from their files; one that the verb needs and nobody
  /// named is asked for.
  Result<json::Object> members(const Verb& verb) const;
  /// Where generated secrets go; "": to standard output.
  const std::string& secret_file() const { return secret_file_; }

 private:
  std::map<std::string, std::string, std::less<>> texts_;  ///< secrets: their files
  std::map<std::string, std::int64_t, std::less<>> numbers_;
  std::map<std::string, bool, std::less<>> flags_;
  std::map<std::string, std::vector<std::string>, std::less<>> lists_;
  std::map<std::string, const CLI::Option*, std::less<>> options_;
  std::string secret_file_;
};

/// Adds every verb of the table. A verb goes to the authority that runs on the
/// configured state, through its socket, or to the state itself when none runs.
void add_verbs(CLI::App& app, Chosen& chosen);

}  // namespace latchkey::server
