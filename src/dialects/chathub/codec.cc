#include "dialects/chathub/codec.h"

#include "base/text.h"
#include "dialects/chathub/directory.h"
#include "dialects/chathub/errors.h"
#include "dialects/chathub/tokens.h"
#include "dialects/chathub/wire.h"

namespace latchkey::dialects::chathub {
namespace {

struct Route {
  std::string_view method, path;
  Result<engine::Operation> (*decode)(const http::Request&);
};

constexpr Route kRoutes[] = {
    {"POST", kCompanyTokenPath, decode_login},
    {"POST", kOperatorTokenPath, decode_delegate},
    {"POST", kValidatePath, decode_validate},
    {"GET", kOrganizationsPath, decode_list_organizations},
    {"GET", kOperatorsPath, decode_list_operators},
    {"POST", kSynchronizePath, decode_synchronize},
    {"POST", kStatusPath, decode_set_status},
};

struct Encode {
  using Answer = Result<http::Request>;
  Answer operator()(const engine::Login& asked) const { return encode_login(asked); }
  Answer operator()(const engine::Delegate& asked) const { return encode_delegate(asked); }
  Answer operator()(const engine::Validate& asked) const { return encode_validate(asked); }
  Answer operator()(const engine::ListOrganizations& asked) const {
    return encode_list_organizations(asked);
  }
  Answer operator()(const engine::ListOperators& asked) const {
    return encode_list_operators(asked);
  }
  Answer operator()(const engine::SynchronizeOperators& asked) const {
    return encode_synchronize(asked);
  }
  Answer operator()(const engine::SetOperatorStatus& asked) const {
    return encode_set_status(asked);
  }
  Answer operator()(const auto&) const {
    return fail(Why::kUnsupported, "ChatHub has no such call");
  }
};

struct Decode {
  const http::Response& response;
  using Answer = Result<engine::Outcome>;
  Answer operator()(const engine::Login&) const { return decode_token(response, std::nullopt); }
  Answer operator()(const engine::Delegate& sent) const {
    return decode_token(response, sent.expires_at);
  }
  Answer operator()(const engine::Validate&) const { return decode_validation(response); }
  Answer operator()(const engine::ListOrganizations&) const {
    return decode_organizations(response);
  }
  Answer operator()(const engine::ListOperators&) const { return decode_operators(response); }
  Answer operator()(const engine::SynchronizeOperators&) const {
    return decode_operators(response);
  }
  Answer operator()(const engine::SetOperatorStatus&) const { return engine::Done{}; }
  Answer operator()(const auto&) const {
    return fail(Why::kUnsupported, "ChatHub has no such call");
  }
};

// ASP.NET routes without regard to case.
bool same_path(std::string_view a, std::string_view b) { return equals_ignoring_case(a, b); }

bool is_below(std::string_view path, std::string_view prefix) {
  return same_path(path.substr(0, prefix.size()), prefix) &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

bool Codec::owns(std::string_view path) const {
  return is_below(path, "/api/company") || is_below(path, "/api/operator");
}

Result<http::Request> Codec::encode_request(const engine::Operation& asked) const {
  return std::visit(Encode{}, asked);
}

Result<engine::Operation> Codec::decode_request(const http::Request& request) const {
  for (const Route& route : kRoutes) {
    if (route.method == request.method && same_path(route.path, request.target.path)) {
      return route.decode(request);
    }
  }
  return fail(Why::kUnsupported, "There is no such endpoint");
}

http::Response Codec::encode_reply(const dialect::Asked& asked,
                                   const Result<engine::Outcome>& outcome) const {
  if (!outcome) return encode_error(outcome.error());
  if (const auto* tokens = std::get_if<engine::TokenSet>(&*outcome)) return encode_token(*tokens);
  if (const auto* found = std::get_if<engine::Validation>(&*outcome)) {
    return encode_validation(*found, options_);
  }
  if (const auto* found = std::get_if<engine::Organizations>(&*outcome)) {
    return encode_organizations(*found);
  }
  if (const auto* found = std::get_if<engine::Operators>(&*outcome)) {
    const bool listed = asked.operation != nullptr &&
                        std::holds_alternative<engine::ListOperators>(*asked.operation);
    return encode_operators(*found, listed);
  }
  if (std::holds_alternative<engine::Done>(*outcome)) return encode_done();
  return encode_error(Error{.why = Why::kBug});  // an outcome that no call of this wire has
}

Result<engine::Outcome> Codec::decode_reply(const dialect::Sent& sent,
                                            const http::Response& response) const {
  if (response.status < 200 || response.status > 299) return fail(decode_error(sent, response));
  return std::visit(Decode{response}, sent.operation);
}

}  // namespace latchkey::dialects::chathub
