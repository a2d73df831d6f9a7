#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::dialect {

/// A switchable behaviour of one dialect. What an authority's config writes under
/// `[realms.NAME.settings]` and a profile may override.
struct Setting {
  enum class Kind { kText, kBool, kInt, kDuration };
  std::string_view name;  ///< "otp_success_code"
  Kind kind = Kind::kText;
  std::string_view standard;      ///< the default, as text
  std::string_view help;          ///< one line: what it does and why one would change it
  std::string_view choices = {};  ///< "reissue|single-use"; empty: any value of the kind
};

/// Checked values for a dialect's settings: every one has a value.
class Settings {
 public:
  /// The defaults with `given` on top. kUsage, naming the setting, for a name
  /// that the dialect does not have or a value that does not fit.
  static Result<Settings> make(std::span<const Setting> known,
                               const std::map<std::string, std::string>& given = {});

  // The name is one that the dialect declared; anything else is a bug and aborts.
  const std::string& text(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  Seconds duration(std::string_view name) const;

  /// Whether the dialect has a setting of that name.
  bool has(std::string_view name) const { return values_.contains(name); }
  /// The same with another text for a setting of kind kText.
  Settings with(std::string_view name, std::string value) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace latchkey::dialect
