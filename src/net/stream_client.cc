#include "net/stream_client.h"

#include "base/text.h"
#include "net/curl_call.h"

namespace latchkey::net {
namespace {

using Steady = std::chrono::steady_clock;

constexpr long kPieceBytes = 64 * 1024;

/// One request on one easy handle.
class StreamCall {
 public:
  StreamCall(const CurlApi& api, CURL* handle, const ClientOptions& options, const BaseUrl& base,
             Streams& streams)
      : api_(api),
        handle_(handle),
        options_(options),
        base_(base),
        streams_(streams),
        headers_(api) {}

  Result<> run(const http::Request& request) {
    TRY(headers_.add_all(request.headers));
    has_body_ = !streams_.length || *streams_.length > 0;
    if (!streams_.length) headers_.add("Transfer-Encoding: chunked");
    set_curl_target(api_, handle_, base_, request.target);
    set_curl_trust(api_, handle_, options_.ca_file);
    set(CURLOPT_HTTPHEADER, headers_.get());
    if (request.headers.find("User-Agent") == nullptr)
      set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    set_method(request);
    set_calls();
    const CURLcode code = api_.easy_perform(handle_);
    if (broken_ != nullptr) return fail(Why::kBadResponse, broken_, detail_);
    if (code == CURLE_ABORTED_BY_CALLBACK && too_late_)
      return fail(curl_error(api_, handle_, CURLE_OPERATION_TIMEDOUT, detail_));
    if (code != CURLE_OK) return fail(curl_error(api_, handle_, code, detail_));
    // libcurl takes a head that breaks off for a whole one.
    if (!told_) return fail(curl_error(api_, handle_, CURLE_PARTIAL_FILE, detail_));
    return {};
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    api_.easy_setopt(handle_, option, value);
  }

  void set_method(const http::Request& request) {
    if (request.method == "HEAD") return set(CURLOPT_NOBODY, 1L);
    const bool is_get = request.method == "GET";
    if (!is_get || has_body_) set(CURLOPT_FRESH_CONNECT, 1L);  // or libcurl might send it twice
    if (has_body_) {
      set(CURLOPT_UPLOAD, 1L);
      set(CURLOPT_READFUNCTION, &StreamCall::on_read);
      set(CURLOPT_READDATA, static_cast<void*>(this));
      set(CURLOPT_UPLOAD_BUFFERSIZE, kPieceBytes);
      if (streams_.length) set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(*streams_.length));
    } else if (request.method == "POST") {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, "");
      set(CURLOPT_POSTFIELDSIZE, 0L);
    }
    if (!is_get || has_body_) set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  void set_calls() {
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_time.count()));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's on the way are not the answer's
    set(CURLOPT_HEADERFUNCTION, &StreamCall::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &StreamCall::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &StreamCall::on_progress);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, detail_);
    touch();
  }

  /// The head's time begins again: a body that goes on being sent is no silence.
  void touch() { head_due_ = Steady::now() + options_.total_time; }

  static std::size_t on_read(char* into, std::size_t, std::size_t most, void* user) {
    auto& me = *static_cast<StreamCall*>(user);
    const auto got = me.streams_.read(into, most);
    me.touch();
    return got ? *got : CURL_READFUNC_ABORT;
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* user) {
    auto& me = *static_cast<StreamCall*>(user);
    const std::string_view line(bytes, size);
    me.header_bytes_ += size;
    if (line.starts_with("HTTP/")) {  // also after a "100 Continue" or a proxy's answer
      me.head_ = {};
      return size;
    }
    const auto colon = line.find(':');
    if (colon == line.npos) return !trim(line).empty() || me.tell() ? size : 0;
    if (me.header_bytes_ > me.options_.header_bytes || ++me.fields_ > me.options_.header_fields) {
      me.broken_ = "the answer's header is too large";
      return 0;
    }
    me.head_.headers.add(std::string(trim(line.substr(0, colon))),
                         std::string(trim(line.substr(colon + 1))));
    return size;
  }

  /// The head is whole. Trailer fields end with an empty line too.
  bool tell() {
    long status = 0;
    api_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    if (told_ || status < 200) return true;
    told_ = true;
    head_.status = static_cast<int>(status);
    return streams_.on_head(head_);
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
    auto& me = *static_cast<StreamCall*>(user);
    return me.told_ && me.streams_.on_body({bytes, size}) ? size : 0;
  }

  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& me = *static_cast<StreamCall*>(user);
    me.too_late_ = !me.told_ && Steady::now() > me.head_due_;
    return me.too_late_ || (me.streams_.go_on && !me.streams_.go_on()) ? 1 : 0;
  }

  const CurlApi& api_;
  CURL* handle_;
  const ClientOptions& options_;
  const BaseUrl& base_;
  Streams& streams_;
  HeaderList headers_;
  http::Response head_;
  std::size_t header_bytes_ = 0, fields_ = 0;
  bool has_body_ = false, told_ = false, too_late_ = false;
  const char* broken_ = nullptr;
  Steady::time_point head_due_;
  char detail_[CURL_ERROR_SIZE] = "";
};

}  // namespace

Result<std::unique_ptr<StreamClient>> StreamClient::make(ClientOptions options) {
  auto base = TRY(parse_base_url(options));
  return std::unique_ptr<StreamClient>(new StreamClient(std::move(options), std::move(base)));
}

StreamClient::StreamClient(ClientOptions options, BaseUrl base)
    : options_(std::move(options)), base_(std::move(base)) {}

Result<> StreamClient::send(const http::Request& request, Streams& streams) {
  const CurlApi* api = curl_api();
  if (api == nullptr) return fail(Why::kUnavailable, "libcurl.so.4 is missing or too old");
  void* handle = handles_.borrow();
  if (handle == nullptr) return fail(Why::kUnavailable, "no memory");
  auto result = StreamCall(*api, handle, options_, base_, streams).run(request);
  handles_.give_back(handle);
  return result;
}

}  // namespace latchkey::net
