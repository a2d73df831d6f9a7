#include "net/http_client.h"

#include "base/text.h"
#include "net/curl_api.h"

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

/// The request's header list, freed with it.
class HeaderList {
 public:
  explicit HeaderList(const CurlApi& api) : api_(api) {}
  ~HeaderList() { api_.slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  void add(const std::string& line) {
    if (curl_slist* longer = api_.slist_append(list_, line.c_str())) list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  const CurlApi& api_;
  curl_slist* list_ = nullptr;
};

bool is_field(std::string_view name, std::string_view value) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  if (name.empty()) return false;
  for (char c : name)
    if (!isalnum(static_cast<unsigned char>(c)) && kMarks.find(c) == kMarks.npos) return false;
  for (char c : value)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f) return false;
  return true;
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

  Result<http::Response> run(const http::Request& request) {
    TRY(set_headers(request));
    set_target(request);
    set_limits();
    set_trust();
    set_method(request);
    const CURLcode code = api_.easy_perform(handle_);
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
    for (const auto& [name, value] : request.headers) {
      if (!is_field(name, value)) return fail(Why::kBug, "a header cannot be sent", name);
      headers_.add(value.empty() ? name + ";" : name + ": " + value);
    }
    headers_.add("Expect:");
    if (request.headers.find("Content-Type") == nullptr) headers_.add("Content-Type:");
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    return {};
  }

  void set_target(const http::Request& request) {
    const std::string url = (base_.tls ? "https://" : "http://") + base_.host + ":" +
                            std::to_string(base_.port) + base_.prefix +
                            http::write_target(request.target);
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_PROTOCOLS_STR, base_.tls ? "https" : "http");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    if (is_loopback(base_)) set(CURLOPT_NOPROXY, "*");
  }

  void set_limits() {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_time.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_time.count()));
    // Or libcurl waits for its look-up of the name, minutes after the time is over.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&answer_));
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&answer_));
    set(CURLOPT_ERRORBUFFER, detail_);
  }

  void set_trust() {
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
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
    const std::string note = *detail_ != 0 ? detail_ : api_.easy_strerror(code);
    if (answer_.broken != nullptr) return {Why::kBadResponse, answer_.broken, note};
    long sent = 0;
    api_.easy_getinfo(handle_, CURLINFO_REQUEST_SIZE, &sent);
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

HttpClient::~HttpClient() {
  for (void* handle : idle_) curl_api()->easy_cleanup(handle);
}

void* HttpClient::borrow() {
  {
    std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      void* handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
  }
  return curl_api()->easy_init();
}

void HttpClient::give_back(void* handle) {
  curl_api()->easy_reset(handle);  // keeps its connections
  std::scoped_lock lock(mutex_);
  idle_.push_back(handle);
}

Result<http::Response> HttpClient::send(const http::Request& request) {
  const CurlApi* api = curl_api();
  if (api == nullptr) return fail(Why::kUnavailable, "libcurl.so.4 is missing or too old");
  void* handle = borrow();
  if (handle == nullptr) return fail(Why::kUnavailable, "no memory");
  auto result = Call(*api, handle, options_, base_).run(request);
  give_back(handle);
  return result;
}

}  // namespace latchkey::net
