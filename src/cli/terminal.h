#pragma once

#include "broker/person.h"
#include "cli/context.h"

namespace latchkey::cli {

/// Asks on the terminal without echo. kPersonNeeded without a terminal.
Result<Secret> ask_secret(std::string_view label);
/// Asks on the terminal with echo.
Result<std::string> ask_line(std::string_view label);

/// Writes "latchkey: …" to standard error.
void say(std::string_view line);
/// Colour is for people: only on a terminal, and not with NO_COLOR.
bool use_colour(int fd);

/// The person at the terminal, or the askpass program that stands for one.
class Terminal final : public broker::Person {
 public:
  Terminal(Context& context, std::string profile, bool paste)
      : context_(context), profile_(std::move(profile)), paste_(paste) {}

  Result<Secret> ask(const dialect::Question& question) override;
  Result<Secret> one_time_password(std::string_view hint) override;
  void tell(std::string_view line) override;
  Result<http::Target> browse(const std::string& url, const std::string& redirect_uri) override;
  Result<Secret> paste(const std::string& url, std::string_view what) override;

 private:
  Result<Secret> secret(std::string_view label, std::string_view name);
  /// "latchkey login desk --otp-file PATH"
  std::string command(std::string_view option) const;
  bool open_browser(const std::string& url);

  Context& context_;
  std::string profile_;
  bool paste_;
};

}  // namespace latchkey::cli
