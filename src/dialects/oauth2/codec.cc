#include "dialects/oauth2/codec.h"

#include <algorithm>

#include "dialects/oauth2/client_wire.h"

namespace latchkey::dialects::oauth2 {
namespace {

constexpr std::string_view kScriptPaths[] = {
    kServerMetadataPath, kOpenidMetadataPath, kTokenPath,    kDevicePath, kRevokePath,
    kRegisterPath,       kPushPath,           kUserInfoPath, kKeysPath};

bool is_document(std::string_view path) {
  return path == kServerMetadataPath || path == kOpenidMetadataPath || path == kKeysPath;
}

// No cookie is read at these paths, so any origin may ask (checklist 17).
http::Response open_to_scripts(http::Response response, std::string_view path) {
  if (allows_scripts(path)) {
    response.headers.set("Access-Control-Allow-Origin", "*")
        .set("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After, DPoP-Nonce");
  }
  return response;
}

http::Response preflight(std::string_view path) {
  http::Response response{.status = 204};
  response.headers
      .add("Access-Control-Allow-Methods", is_document(path)       ? "GET, HEAD"
                                           : path == kUserInfoPath ? "GET, POST"
                                                                   : "POST")
      .add("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP")
      .add("Access-Control-Max-Age", "600");
  return open_to_scripts(std::move(response), path);
}

}  // namespace

bool allows_scripts(std::string_view path) {
  return std::ranges::find(kScriptPaths, path) != std::end(kScriptPaths);
}

bool Codec::owns(std::string_view path) const {
  return path.starts_with("/oauth2/") || path == kServerMetadataPath || path == kOpenidMetadataPath;
}

std::optional<http::Response> Codec::document(const http::Request& request,
                                              const dialect::Published& published) const {
  const std::string& path = request.target.path;
  if (request.method == "OPTIONS" && allows_scripts(path)) return preflight(path);
  if (!is_document(path)) return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    auto refused = http::json_response(405, R"({"error":"invalid_request"})");
    refused.headers.add("Pragma", "no-cache");
    refused.headers.add("Allow", "GET, HEAD, OPTIONS");
    return open_to_scripts(std::move(refused), path);
  }
  json::Object body;
  if (path == kKeysPath) {
    json::Array keys;
    for (const json::Object& key : published.keys) keys.emplace_back(key);
    body.add("keys", std::move(keys));
  } else {
    body = metadata(options_);
  }
  auto response = http::json_response(200, json::write(body));
  response.headers.set("Cache-Control", "public, max-age=300");
  return open_to_scripts(std::move(response), path);
}

Result<engine::Operation> Codec::decode_request(const http::Request& request) const {
  return reader_.read(request);
}

http::Response Codec::encode_reply(const dialect::Asked& asked,
                                   const Result<engine::Outcome>& outcome) const {
  auto response = outcome ? write_outcome(options_, asked, *outcome)
                          : write_refusal(options_, asked, outcome.error());
  // RFC 9449 section 8: whoever shows a key is told the nonce for the next time.
  if (options_.proof_nonce && keyring_ && asked.request.headers.find("DPoP")) {
    response.headers.set("DPoP-Nonce", keyring_->proof_nonce(asked.at));
  }
  return open_to_scripts(std::move(response), asked.request.target.path);
}

Result<http::Request> Codec::encode_request(const engine::Operation& asked) const {
  return encode_client_request(asked);
}

Result<engine::Outcome> Codec::decode_reply(const dialect::Sent& sent,
                                            const http::Response& response) const {
  return decode_client_reply(sent, response);
}

}  // namespace latchkey::dialects::oauth2
