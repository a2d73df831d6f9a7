#pragma once

#include <toml++/toml.h>
#include <map>
#include <set>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::server {

/// Reads one table of a config file, and knows which keys were asked for. The
/// first thing that is wrong is kept, with file and line; finish() tells it.
class TomlReader {
 public:
  /// `name` is the table's, for messages ("listen"); "" at the top. A null table
  /// is an empty one.
  TomlReader(std::string file, std::string name, const toml::table* table);

  // Each leaves `value` as it is when the key is missing.
  void read(std::string_view key, std::string& value);
  void read(std::string_view key, bool& value);
  void read(std::string_view key, int& value, int least, int most);
  void read(std::string_view key, std::size_t& value, std::size_t least, std::size_t most);
  /// "90s", "31m", "25h".
  void read(std::string_view key, std::chrono::milliseconds& value);

  /// A table inside this one; an empty one if there is none.
  TomlReader table(std::string_view key);
  /// The names of the tables inside this one, in file order.
  std::vector<std::string> tables();
  /// Every key with its scalar value as text.
  std::map<std::string, std::string> texts();

  void reject(std::string_view key, std::string_view why);
  int line() const;
  bool has(std::string_view key) const;
  /// kUsage for what was wrong, or else for the first key that nobody read.
  Result<> finish() const;

 private:
  const toml::node* take(std::string_view key);
  std::string place(int line) const;
  std::string full(std::string_view key) const;

  std::string file_, name_;
  const toml::table* table_;
  std::set<std::string, std::less<>> taken_;
  std::optional<Error> wrong_;
};

/// The whole file; kUsage when it cannot be read or is larger than 1 MiB.
Result<std::string> read_text(const std::string& file);
/// kUsage with file and line when it is not TOML.
Result<toml::table> parse_toml(std::string_view text, const std::string& file);

}  // namespace latchkey::server
