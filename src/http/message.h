#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::http {

/// Name and value pairs in wire order: a query, a form or a set of headers.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Header fields; names compare without regard to case (RFC 9110 section 5.1).
/// CR, LF and NUL in a value become spaces (section 5.5): no value that a peer
/// chose can begin a field of its own (checklist 65).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Pairs::value_type> fields);

  /// The first field of that name, or nullptr.
  const std::string* find(std::string_view name) const;
  /// How many fields of that name there are; a second Authorization is an attack.
  std::size_t count(std::string_view name) const;
  Headers& add(std::string name, std::string value);
  /// Replaces every field of that name by one.
  Headers& set(std::string name, std::string value);
  void remove(std::string_view name);

  Pairs::const_iterator begin() const { return fields_.begin(); }
  Pairs::const_iterator end() const { return fields_.end(); }
  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  Pairs fields_;
};

/// Path and query, decoded. `param` names compare exactly.
struct Target {
  std::string path = "/";
  Pairs query = {};

  /// The first parameter of that name; an empty value counts as absent
  /// (RFC 6749 section 3.1). nullptr when absent.
  const std::string* param(std::string_view name) const;
  friend bool operator==(const Target&, const Target&) = default;
};

/// Reads an origin-form request target ("/refresh?token=…"). Refuses
/// (kMalformed) bad percent-encoding, control characters, a fragment, dot
/// segments, an encoded slash or NUL, a path that begins with two slashes, text
/// that is not UTF-8, and more than kMostParams parameters. The query is read as
/// a form is: '+' is a space (RFC 6749 appendix B).
Result<Target> parse_target(std::string_view text);
/// Percent-encodes everything outside RFC 3986 unreserved (and "/" in the path).
std::string write_target(const Target& target);
/// The target for a log: the path, printable, and the names of the parameters
/// without their values ("/refresh?token=…"). A name that does not look like
/// one is "…" too: it may be a token in the wrong place.
std::string loggable_target(const Target& target);

inline constexpr std::size_t kMostParams = 64;

/// application/x-www-form-urlencoded, both ways. A repeated name is kept as it
/// came; `refuse_repeats` is for endpoints where RFC 6749 section 3.2 holds.
/// Refused (kMalformed): bad percent-encoding, NUL, text that is not UTF-8, more
/// than kMostParams parameters.
Result<Pairs> parse_form(std::string_view body);
std::string write_form(const Pairs& pairs);
Result<> refuse_repeats(const Pairs& pairs);
/// As Target::param, for a parsed form.
const std::string* find_param(const Pairs& pairs, std::string_view name);

std::string percent_encode(std::string_view text);

struct Request {
  std::string method = "GET";
  Target target = {};
  Headers headers = {};
  std::string body = {};
  /// Where it came from, as the server saw it; empty on the client's side.
  std::string peer = {};
  friend bool operator==(const Request&, const Request&) = default;
};

struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};
  friend bool operator==(const Response&, const Response&) = default;
};

const char* reason_phrase(int status);

/// The media type of Content-Type, lower case, without parameters; "" if none.
std::string media_type(const Headers& headers);

/// "Bearer x" → x. nullopt when there is no Authorization header; kMalformed
/// when there are two of them or the scheme or the token68 is wrong
/// (RFC 6750 section 2.1).
Result<std::optional<Secret>> bearer(const Headers& headers);

/// The first of `known` that Accept-Language prefers (RFC 9110 section 12.5.4),
/// or `known.front()`. "zh-TW" and "zh" match "zh-Hant".
std::string preferred_language(const Headers& headers, const std::vector<std::string>& known);

/// Retry-After in seconds or as an HTTP date (RFC 9110 section 10.2.3), never
/// negative and at most a day; zero when absent or unreadable.
std::chrono::seconds retry_after(const Headers& headers, std::chrono::sys_seconds now);

/// JSON with Content-Type and Cache-Control: no-store (checklist 31).
Response json_response(int status, std::string body);

}  // namespace latchkey::http
