#include "server/commands/sandbox_remote.h"

#include "net/http_client.h"
#include "server/commands/output.h"
#include "server/commands/sandbox_place.h"

namespace latchkey::server {

using json::Object;
using json::Value;

namespace {

constexpr std::size_t kLargestAnswer = 16 << 20;

}  // namespace

Result<RemoteSandbox> RemoteSandbox::make(const Edges& edges, const Remote& remote,
                                          std::uint16_t port) {
  std::string url = remote.url;
  if (url.empty()) {
    const auto place = TRY(SandboxPlace::make(edges.environment("XDG_RUNTIME_DIR")));
    url = TRY(place.find(port));
  }
  auto client = TRY(net::HttpClient::make({.base_url = url, .user_agent = "latchkeyd"}));
  return RemoteSandbox(std::move(client));
}

Result<Value> RemoteSandbox::get(const std::string& verb, http::Pairs query) {
  return send({.method = "GET", .target = {"/_sandbox/" + verb, std::move(query)}});
}

Result<Value> RemoteSandbox::post(const std::string& verb, const Object& body) {
  return send({.method = "POST",
               .target = {"/_sandbox/" + verb, {}},
               .headers = {{"Content-Type", "application/json"}},
               .body = json::write(body)});
}

Result<Value> RemoteSandbox::send(const http::Request& request) {
  const auto response = TRY(client_->send(request));
  auto value = json::parse(response.body, {.bytes = kLargestAnswer});
  if (!value) return fail(Why::kBadResponse, "that is no sandbox");
  if (response.status == 200) return value;
  const auto* refusal = value->as_object();
  if (refusal == nullptr) return fail(Why::kBadResponse, "that is no sandbox");
  const auto why = TRY(json::string_field(*refusal, "error"));
  const auto say = TRY(json::string_field(*refusal, "message"));
  for (const Why one : kEveryWhy)
    if (why == name_of(one)) return fail(one, say);
  return fail(Why::kBadResponse, say);
}

Result<> print_object(const Value& value, const Chosen& chosen) {
  if (chosen.json || !value.as_object()) return print_json(value);
  for (const auto& [name, member] : *value.as_object()) {
    const auto* text = member.as_string();
    TRY(print_line(name + " " + (text ? *text : json::write(member))));
  }
  return {};
}

Result<> print_array(const Value& value, const Chosen& chosen,
                     const std::vector<std::string>& columns) {
  if (chosen.json || !value.as_array()) return print_json(value);
  std::vector<json::Array> rows;
  for (const auto& one : *value.as_array()) {
    auto& row = rows.emplace_back();
    for (const auto& column : columns) {
      const auto* member = one.as_object() ? one.as_object()->find(column) : nullptr;
      row.push_back(member == nullptr ? Value() : *member);
    }
  }
  return print_rows(columns, rows, false);
}

}  // namespace latchkey::server
