#pragma once

#include "dialect/dialect.h"

namespace latchkey::broker {

/// Whoever sits at the terminal. Every question fails with kPersonNeeded when
/// nobody does (no terminal, --no-input).
class Person {
 public:
  virtual ~Person() = default;
  virtual Result<Secret> ask(const dialect::Question& question) = 0;
  /// A one-time password; `hint` says where it is to be found.
  virtual Result<Secret> one_time_password(std::string_view hint) = 0;
  /// One line of progress; not a question.
  virtual void tell(std::string_view line) = 0;
  /// Opens `url` in a browser and brings back where it was sent: the callback's
  /// target, by a loopback listener on `redirect_uri` or by paste.
  virtual Result<http::Target> browse(const std::string& url, const std::string& redirect_uri) = 0;
  /// Opens `url` and lets the person paste a secret that the page shows.
  virtual Result<Secret> paste(const std::string& url, std::string_view what) = 0;
};

}  // namespace latchkey::broker
