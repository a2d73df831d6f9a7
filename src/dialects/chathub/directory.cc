#include "dialects/chathub/directory.h"

#include <algorithm>

#include "base/text.h"
#include "dialects/chathub/wire.h"

namespace latchkey::dialects::chathub {
namespace {

constexpr std::string_view kOrganizationParam = "organizationId";

// ASP.NET binds query names without regard to case too.
Result<std::optional<std::int64_t>> organization_param(const http::Target& target) {
  const auto found = std::ranges::find_if(target.query, [](const auto& pair) {
    return equals_ignoring_case(pair.first, kOrganizationParam) && !pair.second.empty();
  });
  if (found == target.query.end()) return std::optional<std::int64_t>{};
  const auto id = parse_int(found->second);
  if (!id) return fail(Why::kMalformed, "\"organizationId\" must be an integer");
  return id;
}

Result<std::string> name_member(const json::Object& object) {
  const auto name = TRY(text_member(object, "name"));
  const auto control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
  if (std::ranges::any_of(name, control)) {
    return fail(Why::kMalformed, "\"name\" holds control characters");
  }
  return name;
}

Result<engine::OperatorStatus> status_of(std::int64_t number) {
  if (number < 0 || number > 2) return fail(Why::kMalformed, "\"status\" must be 0, 1 or 2");
  return static_cast<engine::OperatorStatus>(number);
}

Result<engine::NewOperator> new_operator(const json::Value& item) {
  const json::Object* object = item.as_object();
  if (object == nullptr) return fail(Why::kMalformed, "every operator must be an object");
  const auto organization = TRY(number_member(*object, "organizationId"));
  const auto name = TRY(name_member(*object));
  return engine::NewOperator{.organization_id = organization, .name = name};
}

json::Object organization_object(const engine::Organization& organization) {
  return {{"id", organization.id}, {"name", organization.name}};
}

Result<engine::Organization> organization_of(const json::Value& item) {
  const json::Object* object = item.as_object();
  if (object == nullptr) return fail(Why::kMalformed);
  const auto id = TRY(number_member(*object, "id"));
  const auto name = TRY(text_member(*object, "name", kReplyLimits.bytes));
  return engine::Organization{.id = id, .name = name};
}

Result<engine::Operator> operator_of(const json::Value& item) {
  const auto named = TRY(organization_of(item));  // it begins with the same two members
  const json::Object& object = *item.as_object();
  const auto number = TRY(number_member(object, "status"));
  const auto status = TRY(status_of(number));
  engine::Operator found{.id = named.id, .name = named.name, .status = status};
  const json::Value* organization = object.find_ignoring_case("organization");
  if (organization != nullptr && !organization->is_null()) {
    const auto its = TRY(organization_of(*organization));
    found.organization = its;
  }
  return found;
}

template <class Item, class Read>
Result<std::vector<Item>> list_of(const http::Response& response, Read read) {
  const auto bad = fail(Why::kBadResponse, "the answer is no list of that kind");
  const auto body = json::parse(response.body, kReplyLimits);
  const json::Array* array = body ? body->as_array() : nullptr;
  if (array == nullptr) return bad;
  std::vector<Item> list;
  for (const json::Value& value : *array) {
    auto item = read(value);
    if (!item) return bad;
    list.push_back(*std::move(item));
  }
  return list;
}

}  // namespace

// GET /api/company/organization     with the company's token
http::Request encode_list_organizations(const engine::ListOrganizations& asked) {
  return get(kOrganizationsPath, asked.bearer);
}

Result<engine::Operation> decode_list_organizations(const http::Request& request) {
  const auto bearer = TRY(bearer_of(request));
  return engine::ListOrganizations{.bearer = bearer};
}

// [{"id":1,"name":"Support"},{"id":2,"name":"Sales"}]
http::Response encode_organizations(const engine::Organizations& found) {
  json::Array body;
  for (const auto& organization : found.list) body.push_back(organization_object(organization));
  return http::json_response(200, json::write(std::move(body)));
}

Result<engine::Outcome> decode_organizations(const http::Response& response) {
  auto list = TRY(list_of<engine::Organization>(response, organization_of));
  return engine::Organizations{.list = std::move(list)};
}

// GET /api/operator?organizationId=1     with the company's token
// GET /api/operator                      with an operator's: its own organization
http::Request encode_list_operators(const engine::ListOperators& asked) {
  http::Request request = get(kOperatorsPath, asked.bearer);
  if (asked.organization_id) {
    request.target.query.emplace_back(kOrganizationParam, std::to_string(*asked.organization_id));
  }
  return request;
}

Result<engine::Operation> decode_list_operators(const http::Request& request) {
  const auto bearer = TRY(bearer_of(request));
  const auto organization = TRY(organization_param(request.target));
  return engine::ListOperators{.bearer = bearer, .organization_id = organization};
}

// POST /api/operator/synchronize     with the company's token
// [{"organizationId":1,"name":"Olena"},{"organizationId":1,"name":"Taras"}]
http::Request encode_synchronize(const engine::SynchronizeOperators& asked) {
  json::Array body;
  for (const auto& added : asked.operators) {
    body.push_back(json::Object{{"organizationId", added.organization_id}, {"name", added.name}});
  }
  return post(kSynchronizePath, std::move(body), asked.bearer);
}

Result<engine::Operation> decode_synchronize(const http::Request& request) {
  const auto bearer = TRY(bearer_of(request));
  const auto body = TRY(body_of(request));
  const json::Array* array = body.as_array();
  if (array == nullptr) return fail(Why::kMalformed, "the body must be a JSON array");
  if (array->size() > kMostOperators) return fail(Why::kMalformed, "too many operators");
  engine::SynchronizeOperators asked{.bearer = bearer};
  for (const json::Value& item : *array) {
    auto added = TRY(new_operator(item));
    asked.operators.push_back(std::move(added));
  }
  return asked;
}

// [{"id":7,"name":"Olena","status":0,"organization":{"id":1,"name":"Support"}}]     the list
// [{"id":7,"name":"Olena","status":0}]                                              synchronize
http::Response encode_operators(const engine::Operators& found, bool with_organization) {
  json::Array body;
  for (const auto& one : found.list) {
    json::Object item{{"id", one.id}, {"name", one.name}, {"status", static_cast<int>(one.status)}};
    if (with_organization) item.add("organization", organization_object(one.organization));
    body.push_back(std::move(item));
  }
  return http::json_response(200, json::write(std::move(body)));
}

Result<engine::Outcome> decode_operators(const http::Response& response) {
  auto list = TRY(list_of<engine::Operator>(response, operator_of));
  return engine::Operators{.list = std::move(list)};
}

// POST /api/operator/status     with the company's token
// {"id":7,"status":1}           0 active, 1 inactive, 2 deleted
http::Request encode_set_status(const engine::SetOperatorStatus& asked) {
  return post(kStatusPath,
              json::Object{{"id", asked.operator_id}, {"status", static_cast<int>(asked.status)}},
              asked.bearer);
}

Result<engine::Operation> decode_set_status(const http::Request& request) {
  const auto bearer = TRY(bearer_of(request));
  const auto body = TRY(object_of(request));
  const auto id = TRY(number_member(body, "id"));
  const auto number = TRY(number_member(body, "status"));
  const auto status = TRY(status_of(number));
  if (id < 1) return fail(Why::kMalformed, "\"id\" must be positive");
  return engine::SetOperatorStatus{.bearer = bearer, .operator_id = id, .status = status};
}

// (an empty body)
http::Response encode_done() {
  http::Response response{.status = 200};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace latchkey::dialects::chathub
