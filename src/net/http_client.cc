#include "net/http_client.h"

#include "base/text.h"
#include "net/curl_call.h"

namespace latchkey::net {
namespace {

/// What the callbacks of one request fill.
struct Answer {
  const ClientOptions& options;
  http::Response response = {};
  std::size_t header_bytes = 0;
  std::size_t fields = 0;
  bool has_head = false;
  const char* broken = nullptr;  ///< why we stopped reading
};

/// Whoever wants to know when the connection stands.
struct Waiting {
  const http::Client::Ready& ready;
  bool asked = false;
  Result<> said = {};

  bool ask() {
    if (!std::exchange(asked, true)) said = ready();
    return said.has_value();
  }
};

int on_connected(void* user, char*, char*, int, int) {
  return static_cast<Waiting*>(user)->ask() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
  Answer& answer = *static_cast<Answer*>(user);
  if (answer.response.body.size() + size > answer.options.body_bytes) {
    answer.broken = "the answer is too large";
    return 0;
  }
  answer.response.body.append(bytes, size);
  return size;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* user) {
  Answer& answer = *static_cast<Answer*>(user);
  std::string_view line(bytes, size);
  answer.header_bytes += size;
  if (line.starts_with("HTTP/")) {  // also after a "100 Continue" or a proxy's answer
    answer.response.headers = {};
    answer.has_head = false;
    return size;
  }
  const auto colon = line.find(':');
  if (colon == line.npos) {
    answer.has_head = answer.has_head || trim(line).empty();
    return size;
  }
  if (answer.header_bytes > answer.options.header_bytes ||
      ++answer.fields > answer.options.header_fields) {
    answer.broken = "the answer's header is too large";
    return 0;
  }
  answer.response.headers.add(std::string(trim(line.substr(0, colon))),
                              std::string(trim(line.substr(colon + 1))));
  return size;
}

/// One request on one easy handle.
class Call {
 public:
  Call(const CurlApi& api, CURL* handle, const ClientOptions& options, const BaseUrl& base)
      : api_(api),
        handle_(handle),
        options_(options),
        base_(base),
        headers_(api),
        answer_{options} {}

  Result<http::Response> run(const http::Request& request, Waiting* waiting) {
    TRY(set_headers(request));
    set_curl_target(api_, handle_, base_, request.target);
    set_limits();
    set_curl_trust(api_, handle_, options_.ca_file);
    set_method(request);
    if (waiting != nullptr) TRY(set_ready(*waiting));
    const CURLcode code = api_.easy_perform(handle_);
    if (waiting != nullptr && !waiting->said) return fail(std::move(waiting->said).error());
    if (code != CURLE_OK) return fail(error_of(code));
    // libcurl takes a head that breaks off for a whole one.
    if (!answer_.has_head) return fail(error_of(CURLE_PARTIAL_FILE));
    long status = 0;
    api_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    answer_.response.status = static_cast<int>(status);
    return std::move(answer_.response);
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    api_.easy_setopt(handle_, option, value);
  }

  Result<> set_headers(const http::Request& request) {
    TRY(headers_.add_all(request.headers));
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    return {};
  }

  /// A libcurl before 7.80 cannot tell when: there it is asked before anything is done.
  Result<> set_ready(Waiting& waiting) {
    const bool tells =
        api_.easy_setopt(handle_, CURLOPT_PREREQFUNCTION, &on_connected) == CURLE_OK &&
        api_.easy_setopt(handle_, CURLOPT_PREREQDATA, static_cast<void*>(&waiting)) == CURLE_OK;
    if (!tells && !waiting.ask()) return fail(std::move(waiting.said).error());
    return {};
  }

  void set_limits() {
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_time.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_time.count()));
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&answer_));
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&answer_));
    set(CURLOPT_ERRORBUFFER, detail_);
  }

  void set_method(const http::Request& request) {
    if (request.method == "HEAD") return set(CURLOPT_NOBODY, 1L);
    const bool is_get = request.method == "GET";
    if (!is_get) set(CURLOPT_FRESH_CONNECT, 1L);  // or libcurl might send it twice
    if (is_get && request.body.empty()) return set(CURLOPT_HTTPGET, 1L);
    if (request.method == "POST" || !request.body.empty()) {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, request.body.c_str());
      set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    }
    if (request.method != "POST") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  Error error_of(CURLcode code) {
    if (answer_.broken != nullptr) return {Why::kBadResponse, answer_.broken, detail_};
    return curl_error(api_, handle_, code, detail_);
  }

  const CurlApi& api_;
  CURL* handle_;
  const ClientOptions& options_;
  const BaseUrl& base_;
  HeaderList headers_;
  Answer answer_;
  char detail_[CURL_ERROR_SIZE] = "";
};

}  // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::make(ClientOptions options) {
  auto base = TRY(parse_base_url(options));
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(options), std::move(base)));
}

HttpClient::HttpClient(ClientOptions options, BaseUrl base)
    : options_(std::move(options)), base_(std::move(base)) {}

Result<http::Response> HttpClient::send(const http::Request& request) {
  return send_when({}, request);
}

Result<http::Response> HttpClient::send_when(const Ready& ready, const http::Request& request) {
  const CurlApi* api = curl_api();
  if (api == nullptr) return fail(Why::kUnavailable, "libcurl.so.4 is missing or too old");
  void* handle = handles_.borrow();
  if (handle == nullptr) return fail(Why::kUnavailable, "no memory");
  Waiting waiting{ready};
  auto result = Call(*api, handle, options_, base_).run(request, ready ? &waiting : nullptr);
  handles_.give_back(handle);
  return result;
}

}  // namespace latchkey::net
