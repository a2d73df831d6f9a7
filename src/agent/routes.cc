#include "agent/routes.h"

#include <unistd.h>

#include "agent/openapi.h"
#include "base/text.h"

namespace latchkey::agent {
namespace {

constexpr std::string_view kToken = "/v1/token/";
constexpr std::string_view kHeader = "/v1/header/";
constexpr int kLocked = 423;

/// No page of the web gets here, but a proxy in between could be talked into it.
bool is_local(const http::Headers& headers) {
  const std::string* host = headers.find("Host");
  if (host == nullptr || headers.find("Origin") != nullptr) return false;
  return *host == "localhost" || *host == "latchkey";
}

bool wants_text(const http::Headers& headers) {
  const std::string* accept = headers.find("Accept");
  return accept != nullptr && accept->find("text/plain") != std::string::npos &&
         accept->find("json") == std::string::npos;
}

http::Response plain(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", "text/plain; charset=utf-8")
      .add("Cache-Control", "no-store");
  return response;
}

http::Response nothing() {
  http::Response response{.status = 204};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

/// `text` as a JSON string, without copies that nobody wipes if it is as plain as tokens
/// are.
void append_string(std::string& out, std::string_view text) {
  bool simple = true;
  for (const char c : text) simple = simple && c >= ' ' && c < 0x7f && c != '"' && c != '\\';
  if (!simple) out += json::write(json::Value(text));
  else (out += '"').append(text) += '"';
}

std::string token_body(const ProfileName& profile, const Answer& answer) {
  std::string out;
  out.reserve(128 + profile.text.size() + answer.token.size() + answer.warning.size());
  out += "{\"profile\":";
  append_string(out, profile.text);
  out += ",\"token\":";
  append_string(out, answer.token.reveal());
  out += ",\"expires_at\":";
  out += answer.until ? std::to_string(epoch(*answer.until)) : "null";
  if (!answer.warning.empty()) {
    out += ",\"warning\":";
    append_string(out, answer.warning);
  }
  return out += "}\n";
}

std::string headers_body(const Answer& answer, bool text) {
  std::string out;
  for (const auto& [name, value] : answer.headers) {
    if (text) {
      ((out += name) += ": ").append(value.reveal()) += '\n';
      continue;
    }
    out += out.empty() ? '{' : ',';
    append_string(out, name);
    out += ':';
    append_string(out, value.reveal());
  }
  if (!text) out += out.empty() ? "{}\n" : "}\n";
  return out;
}

http::Response response_of(const Question& question, const Answer& answer, bool text) {
  std::string body;
  if (question.headers) body = headers_body(answer, text);
  else if (text) body = std::string(answer.token.reveal()) + "\n";
  else body = token_body(question.profile, answer);
  auto response = text ? plain(200, std::move(body)) : http::json_response(200, std::move(body));
  if (text && !answer.warning.empty()) response.headers.add("Latchkey-Warning", answer.warning);
  return response;
}

int status_of(Why why) {
  switch (why) {
    case Why::kMalformed:
    case Why::kUsage:
    case Why::kUnsupported: return 400;
    case Why::kPolicy: return 403;
    case Why::kUnknownName:
    case Why::kNotFound: return 404;
    case Why::kPersonNeeded:
    case Why::kOtpRequired:
    case Why::kOtpWrong:
    case Why::kPending:
    case Why::kConflict: return 409;
    case Why::kBadCredentials:
    case Why::kDeclined:
    case Why::kForbidden:
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed:
    case Why::kLostRotation:
    case Why::kBadResponse: return 502;
    case Why::kNoAnswer:
    case Why::kTooMany:
    case Why::kUnavailable: return 503;
    case Why::kStore:
    case Why::kBug: return 500;
  }
  return 500;
}

}  // namespace

http::Response problem(int status, std::string_view error, const std::string& message,
                       int exit_code) {
  const json::Object body{{"error", error}, {"message", message}, {"exit_code", exit_code}};
  return http::json_response(status, json::write(body) + "\n");
}

http::Response Routes::refusal(const Error& error) const {
  json::Object body{{"error", latchkey::name_of(error.why)},
                    {"message", error.say.empty() ? latchkey::name_of(error.why) : error.say},
                    {"exit_code", about_.exit_code(error.why)}};
  const auto pause = error.retry_after.count();
  if (pause > 0) body.add("retry_after", static_cast<long long>(pause));
  const bool busy = error.why == Why::kUnavailable && error.say == kBusy;
  if (busy) return problem(503, "busy", error.say, about_.exit_code(error.why));
  const bool locked = error.why == Why::kStore && service_.is_locked();
  const int status = locked ? kLocked : status_of(error.why);
  auto response = http::json_response(status, json::write(body) + "\n");
  if (pause > 0) response.headers.add("Retry-After", std::to_string(pause));
  return response;
}

bool Routes::wants_events(const http::Request& request) {
  return request.method == "GET" && request.target.path == "/v1/events" &&
         is_local(request.headers);
}

void Routes::ask(const http::Request& request, const std::string& name, bool headers,
                 net::Reply reply) {
  Question question{ProfileName(name), headers, {}};
  if (const std::string* need = request.target.param("need")) {
    question.need = parse_duration(*need);
    if (!question.need)
      return reply(refusal({Why::kUsage, "need takes a duration such as 60s or 1h"}));
  }
  const bool text = wants_text(request.headers);
  service_.ask(question, [this, question, text, reply](const Result<Answer>& answer) {
    reply(answer ? response_of(question, *answer, text) : refusal(answer.error()));
  });
}

void Routes::unlock(http::Request& request, net::Reply reply) {
  std::optional<Secret> passphrase;
  std::string_view text = request.body;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!text.empty()) passphrase = Secret(text);
  wipe(request.body.data(), request.body.size());
  service_.unlock(std::move(passphrase), [this, reply](const Result<>& done) {
    reply(done ? nothing() : refusal(done.error()));
  });
}

http::Response Routes::status() {
  json::Object all{
      {"agent", json::Object{{"version", about_.version},
                             {"pid", static_cast<long long>(getpid())},
                             {"started", to_rfc3339(about_.started)},
                             {"socket", about_.socket},
                             {"config", service_.config_path()},
                             {"listeners", static_cast<long long>(about_.listeners())}}}};
  for (const auto& [name, value] : service_.status()) all.add(name, value);
  return http::json_response(200, json::write(all) + "\n");
}

void Routes::handle(http::Request request, net::Reply reply) {
  const auto& headers = request.headers;
  const std::string& path = request.target.path;
  if (!is_local(headers))
    return reply(problem(403, "forbidden", "the Host is localhost, and there is no Origin",
                         about_.exit_code(Why::kPolicy)));
  const std::string* view = headers.find("Latchkey-View");
  if (view != nullptr && *view != about_.view)
    return reply(problem(409, "another_view", "this agent has another configuration",
                         about_.exit_code(Why::kPolicy)));

  const bool get = request.method == "GET", post = request.method == "POST";
  if (get && path.starts_with(kToken))
    return ask(request, path.substr(kToken.size()), false, std::move(reply));
  if (get && path.starts_with(kHeader))
    return ask(request, path.substr(kHeader.size()), true, std::move(reply));
  if (get && path == "/v1/status") return reply(status());
  if (get && path == "/livez") return reply(plain(200, "ok\n"));
  if (get && path == "/openapi.json")
    return reply(http::json_response(200, std::string(openapi())));
  if (post && path == "/v1/unlock") return unlock(request, std::move(reply));
  if (post && path == "/v1/lock") {
    service_.lock();
    return reply(nothing());
  }
  if (post && path == "/v1/stop") {
    reply(nothing());
    return about_.stop();
  }
  reply(problem(404, "not_found", "no such endpoint; see /openapi.json",
                about_.exit_code(Why::kUsage)));
}

}  // namespace latchkey::agent
