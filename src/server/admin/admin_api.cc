#include "server/admin/admin_api.h"

#include "base/log.h"
#include "base/text.h"
#include "server/admin/admin_openapi.h"
#include "server/admin/problem.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kShortestToken = 32;
constexpr std::size_t kLargestBody = 64 * 1024;

/// Who it is by the token; nullptr when it is nobody's. Looks at all of them, so that
/// the time says nothing.
const AdminToken* holder_of(const std::vector<AdminToken>& tokens, const Secret& shown) {
  const AdminToken* found = nullptr;
  for (const auto& one : tokens)
    if (one.token == shown) found = &one;
  return found;
}

Result<std::string> who_asks(const AdminApi::Door& door, const http::Request& request) {
  if (door.tokens.empty()) return request.peer;
  const auto shown = TRY(http::bearer(request.headers));
  const AdminToken* holder = shown ? holder_of(door.tokens, *shown) : nullptr;
  if (holder == nullptr) return fail(Why::kBadCredentials, "an admin token is needed");
  return request.peer + " token=" + holder->name;
}

http::Response unauthorized() {
  http::Response response = problem(401, "an admin token is needed");
  response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

Result<json::Object> members_in(const Verb& verb, const http::Request& request) {
  if (!verb.changes) return members_of(verb.parameters, request.target.query);
  if (!request.target.query.empty())
    return fail(Why::kMalformed, "what is changed is said in the body");
  if (request.body.empty()) return json::Object();
  if (http::media_type(request.headers) != "application/json")
    return fail(Why::kMalformed, "the body must be application/json");
  const auto body = TRY(json::parse(request.body, {.bytes = kLargestBody}));
  if (body.as_object() == nullptr) return fail(Why::kMalformed, "the body must be an object");
  return *body.as_object();
}

http::Response said(const Verb& verb, const json::Value& value) {
  if (verb.gives != Gives::kNothing) return http::json_response(200, json::write(value));
  http::Response response{.status = 204};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace

Result<std::vector<AdminToken>> read_admin_tokens(const Secret& text) {
  std::vector<AdminToken> tokens;
  std::string_view rest = text.reveal();
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const auto space = line.find(' ');
    const std::string_view token =
        space == line.npos ? std::string_view() : trim(line.substr(space + 1));
    if (token.size() < kShortestToken || token.find(' ') != token.npos)
      return fail(Why::kUsage,
                  "a line of the token file is NAME TOKEN, the token of 32 characters or more");
    tokens.push_back({printable(line.substr(0, space)), Secret(token)});
  }
  if (tokens.empty()) return fail(Why::kUsage, "the token file has no token");
  return tokens;
}

http::Response AdminApi::perform(const Verb& verb, const http::Request& request,
                                 std::string_view who, Instant now) const {
  const auto members = members_in(verb, request);
  if (!members) return problem(members.error());
  const Desk desk{realms_, admin_, now};
  const auto done = carry_out(verb, *members, desk, audit_, who);
  if (done) return said(verb, *done);
  if (!done.error().note.empty())
    log::write(log::Level::kWarn, "admin_refused",
               {{"verb", name_of(verb)}, {"note", printable(done.error().note)}});
  return problem(done.error());
}

void AdminApi::record_refused(const http::Request& request, Instant now) const {
  if (audit_ == nullptr) return;
  const auto written =
      audit_->append(now, "admin_refused", {{"who", printable(request.peer)}}, false);
  if (!written) log::write(log::Level::kError, "audit_failed", {{"what", "admin_refused"}});
}

http::Response AdminApi::answer(const Door& door, const http::Request& request, Instant now) const {
  const auto who = who_asks(door, request);
  if (!who) {
    record_refused(request, now);
    return unauthorized();
  }
  const auto refuse = [](const char* allowed) {
    http::Response response = problem(405, "");
    response.headers.add("Allow", allowed);
    return response;
  };
  if (request.target.path == "/openapi.json") {
    if (request.method != "GET") return refuse("GET, HEAD");
    return http::json_response(200, json::write(admin_openapi(version_)));
  }
  for (const Verb& verb : verbs()) {
    if (request.target.path != path_of(verb)) continue;
    if (verb.changes ? request.method != "POST" : request.method != "GET")
      return refuse(verb.changes ? "POST" : "GET, HEAD");
    return perform(verb, request, *who, now);
  }
  return problem(404, "no such verb; GET /openapi.json has them");
}

std::vector<Extra> AdminApi::extras(Door door) const {
  const auto answers = [this, door = std::move(door)](const http::Request& r, Instant now) {
    return answer(door, r, now);
  };
  return {{"/v1/", answers}, {"/openapi.json", answers}};
}

}  // namespace latchkey::server
