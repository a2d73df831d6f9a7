#pragma once

#include "base/json.h"
#include "engine/operations.h"
#include "http/message.h"

namespace latchkey::dialect {

/// What a reply answers. `operation` is null when the request could not be read.
struct Asked {
  const http::Request& request;
  const engine::Operation* operation = nullptr;
  Instant at{};
  /// Client and redirect_uri of an Authorize were checked: only then may a refusal
  /// of it send the browser there (checklist 7).
  bool may_redirect = false;
};

/// What a reply was asked for, and when (lifetimes count from then).
struct Sent {
  const engine::Operation& operation;
  Instant at{};
};

/// What an authority publishes of itself.
struct Published {
  std::vector<json::Object> keys = {};  ///< public signing keys as JWK (RFC 7517)
};

/// One wire, both faces. Pure: opens nothing, reads no clock, keeps no state
/// (randomness for an IV excepted); thread-safe.
///
/// Going round the square either way gives the same value, as far as the wire
/// can carry it: decode_request(encode_request(op)) == op, and
/// decode_reply(encode_reply(outcome)) == outcome. tests/square holds it.
class Codec {
 public:
  virtual ~Codec() = default;

  /// Whether this wire has that path; the authority routes by it. True for every
  /// path under the dialect's prefixes, so that an unknown one gets the dialect's
  /// own error shape.
  virtual bool owns(std::string_view path) const = 0;

  // The broker's face.
  /// kUnsupported for an operation that the wire does not have.
  virtual Result<http::Request> encode_request(const engine::Operation&) const = 0;
  /// Where that request goes, as "https://host:port": a provider may have its endpoints
  /// at several hosts. Empty: to the base URL that a broker has for the provider.
  virtual std::string origin(const engine::Operation&) const { return {}; }
  /// The outcome, or the authority's refusal as an Error; kBadResponse when the
  /// answer is not of this wire.
  virtual Result<engine::Outcome> decode_reply(const Sent&, const http::Response&) const = 0;

  // The authority's face.
  /// The answer to a request that asks nothing of an engine: a document that anybody
  /// may read (metadata, public keys), or a browser's question whether its script may
  /// ask (CORS). nullopt for all others.
  virtual std::optional<http::Response> document(const http::Request&, const Published&) const {
    return std::nullopt;
  }
  /// kUnsupported for an unknown path or method, kMalformed for bad input.
  virtual Result<engine::Operation> decode_request(const http::Request&) const = 0;
  /// Never fails: every Why has an answer on every wire.
  virtual http::Response encode_reply(const Asked&, const Result<engine::Outcome>&) const = 0;
};

}  // namespace latchkey::dialect
