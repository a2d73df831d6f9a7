#pragma once

#include "broker/clocks.h"
#include "cli/context.h"

namespace latchkey::cli {

enum class Level { kOk, kWarn, kBad };

/// One thing that was looked at.
struct Finding {
  std::string check;  ///< "vault", "desk: clock"
  Level level = Level::kOk;
  std::string say;
  std::string mend = {};  ///< the exact command, or what to do
  int code = 0;           ///< the exit code that it is worth
};

/// What is looked at, in this order. Nothing is changed: no directory is made, no token
/// renewed, no secret shown.
class Doctor {
 public:
  explicit Doctor(Context& context) : context_(context) {}

  /// Everything of one profile, or of all.
  const std::vector<Finding>& examine(const std::string& only);

 private:
  void look_at_configuration();
  void look_at_directories();
  void look_at_vault();
  void look_at_agent();
  void look_at_profile(const broker::Profile& profile);
  void look_at_sources(const broker::Profile& profile);
  void look_at_entry(const broker::Profile& profile);
  void look_at_lock(const broker::Profile& profile);
  void look_at_provider(const broker::Profile& profile);

  void ok(std::string check, std::string say);
  void warn(std::string check, std::string say, std::string mend);
  void bad(std::string check, std::string say, std::string mend, int code);
  void bad(std::string check, const Error& error, std::string mend = {});

  Context& context_;
  const broker::Config* config_ = nullptr;
  broker::Vault* vault_ = nullptr;
  std::vector<Finding> findings_;
};

/// What the findings are worth together: the worst of them, 7 before 6 before 3.
int verdict(const std::vector<Finding>& findings);

}  // namespace latchkey::cli
