#pragma once

#include "server/admin/dispatch.h"
#include "server/side_door.h"

namespace latchkey::server {

/// Who may come in over TLS without a certificate: "NAME TOKEN", a line each.
struct AdminToken {
  std::string name;
  Secret token;
};
/// kUsage for a line of another form, and for a token of less than 32 characters.
Result<std::vector<AdminToken>> read_admin_tokens(const Secret& text);

/// The verbs as JSON over HTTP: GET with a query, POST with an object, answers as the
/// command line's --json, refusals as RFC 9457. GET /openapi.json describes it.
/// Thread-safe.
class AdminApi {
 public:
  struct Door {
    std::vector<AdminToken> tokens = {};  ///< empty: whom the listener lets in may do all
  };
  /// Referents must outlive it.
  AdminApi(const std::vector<RealmSpec>& realms, engine::Admin& admin, AuditLog* audit,
           std::string version)
      : realms_(realms), admin_(admin), audit_(audit), version_(std::move(version)) {}

  http::Response answer(const Door& door, const http::Request& request, Instant now) const;
  /// What a listener for operators serves.
  std::vector<Extra> extras(Door door) const;

 private:
  http::Response perform(const Verb& verb, const http::Request& request, std::string_view who,
                         Instant now) const;

  void record_refused(const http::Request& request, Instant now) const;

  const std::vector<RealmSpec>& realms_;
  engine::Admin& admin_;
  AuditLog* const audit_;
  const std::string version_;
};

}  // namespace latchkey::server
