#pragma once

#include "net/curl_api.h"
#include "net/http_client.h"

namespace latchkey::net {

// What every request over libcurl has in common; nobody outside this folder includes it.

/// A request's header list, freed with it.
class HeaderList {
 public:
  explicit HeaderList(const CurlApi& api) : api_(api) {}
  ~HeaderList() { api_.slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& line) {
    if (curl_slist* longer = api_.slist_append(list_, line.c_str())) list_ = longer;
  }
  /// The request's own, and what keeps libcurl from adding some. kBug for a name or value
  /// that cannot stand in a header.
  Result<> add_all(const http::Headers& headers);
  curl_slist* get() const { return list_; }

 private:
  const CurlApi& api_;
  curl_slist* list_ = nullptr;
};

/// URL, protocol, no redirects, no proxy for this machine.
void set_curl_target(const CurlApi& api, CURL* handle, const BaseUrl& base,
                     const http::Target& target);
/// Certificates and host names are verified, TLS 1.2 or later.
void set_curl_trust(const CurlApi& api, CURL* handle, const std::string& ca_file);
/// kNoAnswer if something was sent, else kUnavailable; kBadResponse for what is not HTTP.
Error curl_error(const CurlApi& api, CURL* handle, CURLcode code, const std::string& detail);

}  // namespace latchkey::net
