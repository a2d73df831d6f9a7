#include "net/curl_call.h"

#include <cctype>

namespace latchkey::net {
namespace {

bool is_field(std::string_view name, std::string_view value) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  if (name.empty()) return false;
  for (char c : name)
    if (!isalnum(static_cast<unsigned char>(c)) && kMarks.find(c) == kMarks.npos) return false;
  for (char c : value)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f) return false;
  return true;
}

}  // namespace

Result<> HeaderList::add_all(const http::Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_field(name, value)) return fail(Why::kBug, "a header cannot be sent", name);
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  add("Expect:");
  if (headers.find("Content-Type") == nullptr) add("Content-Type:");
  return {};
}

void set_curl_target(const CurlApi& api, CURL* handle, const BaseUrl& base,
                     const http::Target& target) {
  const std::string url = (base.tls ? "https://" : "http://") + base.host + ":" +
                          std::to_string(base.port) + base.prefix + http::write_target(target);
  api.easy_setopt(handle, CURLOPT_URL, url.c_str());
  api.easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  api.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, base.tls ? "https" : "http");
  api.easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  api.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  api.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  api.easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  // Or libcurl waits for its look-up of the name, minutes after the time is over.
  api.easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  if (is_loopback(base)) api.easy_setopt(handle, CURLOPT_NOPROXY, "*");
}

void set_curl_trust(const CurlApi& api, CURL* handle, const std::string& ca_file) {
  api.easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  api.easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  api.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) api.easy_setopt(handle, CURLOPT_CAINFO, ca_file.c_str());
}

Error curl_error(const CurlApi& api, CURL* handle, CURLcode code, const std::string& detail) {
  const std::string note = detail.empty() ? api.easy_strerror(code) : detail;
  long sent = 0;
  api.easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent);
  const Why why = sent > 0 ? Why::kNoAnswer : Why::kUnavailable;
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY: return {Why::kBadResponse, "the answer is not HTTP", note};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return {why, "the host name cannot be found", note};
    case CURLE_COULDNT_CONNECT: return {why, "no connection", note};
    case CURLE_OPERATION_TIMEDOUT: return {why, "no answer in time", note};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {why, "the host's certificate cannot be trusted", note};
    case CURLE_SSL_CACERT_BADFILE: return {why, "the CA file cannot be read", note};
    case CURLE_SSL_CONNECT_ERROR: return {why, "TLS failed", note};
    default: return {why, "the connection broke", note};
  }
}

}  // namespace latchkey::net
