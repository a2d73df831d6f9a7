#include "server/admin/admin_openapi.h"

#include "base/text.h"
#include "server/admin/verb.h"

namespace latchkey::server {
namespace {

using json::Array;
using json::Object;
using Kind = Parameter::Kind;

Object reference(const char* what) { return {{"$ref", "#/components/" + std::string(what)}}; }

Object schema_of(const Parameter& one) {
  Object schema;
  switch (one.kind) {
    case Kind::kText: schema.add("type", "string"); break;
    case Kind::kSecret: schema.add("type", "string").add("format", "password"); break;
    case Kind::kFlag: schema.add("type", "boolean"); break;
    case Kind::kList: schema.add("type", "array").add("items", Object{{"type", "string"}}); break;
    case Kind::kNumber:
      schema.add("type", "integer").add("minimum", one.least).add("maximum", one.most);
      if (one.standard != 0) schema.add("default", one.standard);
      break;
    case Kind::kChoice: {
      Array choices;
      for (auto& choice : split(one.choices, '|')) choices.emplace_back(std::move(choice));
      schema.add("type", "string").add("enum", std::move(choices));
    }
  }
  if (!one.example.empty()) {
    const json::Value example(one.example);
    schema.add("examples", Array{one.kind == Kind::kList ? json::Value(Array{example}) : example});
  }
  return schema;
}

Object query_parameter(const Parameter& one) {
  return {{"name", one.name},
          {"in", "query"},
          {"required", one.required},
          {"description", one.help},
          {"schema", schema_of(one)}};
}

Object body_of(const Verb& verb) {
  Object properties;
  Array required;
  for (const auto& one : verb.parameters) {
    Object schema = schema_of(one);
    schema.add("description", one.help);
    properties.add(std::string(one.name), std::move(schema));
    if (one.required) required.emplace_back(one.name);
  }
  Object schema{{"type", "object"}, {"additionalProperties", false}};
  schema.add("properties", std::move(properties));
  const bool needed = !required.empty();
  if (needed) schema.add("required", std::move(required));
  return {{"required", needed},
          {"content", Object{{"application/json", Object{{"schema", std::move(schema)}}}}}};
}

/// What each column holds stands in the verbs' code: here only that it is there.
Object row_of(const Verb& verb) {
  Object properties;
  Array required;
  for (const auto& column : verb.columns) {
    properties.add(std::string(column), Object());
    required.emplace_back(column);
  }
  Object row{{"type", "object"}, {"properties", std::move(properties)}};
  if (verb.gives != Gives::kSecrets) row.add("required", std::move(required));
  return row;
}

Object success_of(const Verb& verb) {
  Object response{{"description", verb.help}};
  if (verb.gives == Gives::kNothing) return response;
  Object schema = row_of(verb);
  if (verb.gives == Gives::kRows) schema = {{"type", "array"}, {"items", schema}};
  response.add("content", Object{{"application/json", Object{{"schema", std::move(schema)}}}});
  return response;
}

Object operation_of(const Verb& verb) {
  Object operation{
      {"operationId", name_of(verb)}, {"tags", Array{verb.noun}}, {"summary", verb.help}};
  if (verb.changes) {
    operation.add("requestBody", body_of(verb));
  } else {
    Array parameters;
    for (const auto& one : verb.parameters) parameters.emplace_back(query_parameter(one));
    operation.add("parameters", std::move(parameters));
  }
  Object responses;
  responses.add(verb.gives == Gives::kNothing ? "204" : "200", success_of(verb));
  responses.add("default", reference("responses/Problem"));
  operation.add("responses", std::move(responses));
  return operation;
}

Object problem_schema() {
  const Object text{{"type", "string"}};
  return {{"type", "object"},
          {"required", Array{"type", "title", "status", "why"}},
          {"properties", Object{{"type", text},
                                {"title", text},
                                {"status", Object{{"type", "integer"}}},
                                {"detail", text},
                                {"why", text}}}};
}

}  // namespace

json::Value admin_openapi(std::string_view version) {
  Object paths;
  for (const auto& verb : verbs())
    paths.add(path_of(verb), Object{{verb.changes ? "post" : "get", operation_of(verb)}});
  const Object any{{"application/json", Object()}};
  paths.add(
      "/openapi.json",
      Object{{"get", Object{{"summary", "This text"},
                            {"responses", Object{{"200", Object{{"description", "OpenAPI 3.1"},
                                                                {"content", any}}},
                                                 {"default", reference("responses/Problem")}}}}}});
  const Object content{
      {"application/problem+json", Object{{"schema", reference("schemas/Problem")}}},
      {"text/plain", Object{{"schema", Object{{"type", "string"}}}}}};
  const Object problem{
      {"description", "RFC 9457; text/plain where the request could not be read at all"},
      {"content", content}};
  const Object responses{{"Problem", problem}};
  const Object bearer{{"type", "http"}, {"scheme", "bearer"}};
  return Object{{"openapi", "3.1.0"},
                {"info", Object{{"title", "latchkeyd, for operators"}, {"version", version}}},
                {"security", Array{Object(), Object{{"token", Array()}}}},
                {"paths", std::move(paths)},
                {"components", Object{{"securitySchemes", Object{{"token", bearer}}},
                                      {"responses", responses},
                                      {"schemas", Object{{"Problem", problem_schema()}}}}}};
}

}  // namespace latchkey::server
