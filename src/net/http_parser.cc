#include "net/http_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "base/text.h"

namespace latchkey::net {
namespace {

namespace bh = boost::beast::http;
using boost::system::error_code;
using Refusal = RequestParser::Refusal;
constexpr std::size_t kShortestLastChunk = 5;

/// Goes over the raw head before Beast sees it.
class HeadScan {
 public:
  enum class Found { kEnd, kMore, kBad };

  /// `bytes` begins where the head begins, and only ever grows.
  Found scan(std::string_view bytes) {
    while (at_ < bytes.size()) {
      const auto c = static_cast<unsigned char>(bytes[at_]);
      if (c >= ' ' && c != 0x7f) [[likely]] {
        ++at_;
        continue;
      }
      if (c == '\t' && at_ > 0) {
        ++at_;
        continue;
      }
      if (c != '\r') return Found::kBad;
      if (at_ + 2 >= bytes.size()) return line_end_is_possible(bytes) ? Found::kMore : Found::kBad;
      if (bytes[at_ + 1] != '\n') return Found::kBad;
      const char next = bytes[at_ + 2];
      if (next == ' ' || next == '\t') return Found::kBad;  // a folded field
      if (next != '\r') {
        at_ += 2;
        continue;
      }
      if (at_ + 3 >= bytes.size()) return Found::kMore;
      if (bytes[at_ + 3] != '\n') return Found::kBad;
      length_ = at_ + 4;
      return Found::kEnd;
    }
    return Found::kMore;
  }
  std::size_t length() const { return length_; }

 private:
  bool line_end_is_possible(std::string_view bytes) const {
    return at_ + 1 >= bytes.size() || bytes[at_ + 1] == '\n';
  }
  std::size_t at_ = 0;
  std::size_t length_ = 0;
};

/// "http://host/path?x" is as good as "/path?x" (RFC 9112 section 3.2.2).
std::string_view origin_form(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() ||
        !equals_ignoring_case(target.substr(0, scheme.size()), scheme))
      continue;
    const auto path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target;
}

/// Beast's parser with our fields behind it and our refusals before it.
class Parser final : public bh::basic_parser<true> {
 public:
  explicit Parser(const ServerLimits& limits) : limits_(limits) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    body_limit(limits.body_bytes);
  }

  http::Request request;
  std::optional<Refusal> refused;
  bool expects_continue = false;
  bool http_10 = false;
  bool is_behind_chunk = false;  ///< all its data were read, and not yet the end of their line

 private:
  using string_view = boost::beast::string_view;

  void refuse(int status, std::string_view why, error_code& ec) {
    if (!refused) refused = Refusal{status, why};
    ec = bh::error::bad_value;
  }

  void on_request_impl(bh::verb, string_view method, string_view target, int version,
                       error_code& ec) override {
    http_10 = version == 10;
    request.method.assign(method.data(), method.size());
    auto parsed = http::parse_target(origin_form({target.data(), target.size()}));
    if (!parsed) return refuse(400, "bad request target", ec);
    request.target = std::move(*parsed);
  }

  void on_field_impl(bh::field field, string_view name, string_view value,
                     error_code& ec) override {
    if (head_done_) return;  // a trailer
    if (++fields_ > limits_.header_fields) return refuse(431, "too many header fields", ec);
    check_field(field, {value.data(), value.size()}, ec);
    if (ec) return;
    request.headers.add(std::string(name.data(), name.size()),
                        std::string(value.data(), value.size()));
  }

  void check_field(bh::field field, std::string_view value, error_code& ec) {
    switch (field) {
      case bh::field::host:
        if (++hosts_ > 1) refuse(400, "more than one Host", ec);
        return;
      case bh::field::content_length:
        if (++lengths_ > 1 || value.find(',') != value.npos)
          refuse(400, "more than one Content-Length", ec);
        return;
      case bh::field::transfer_encoding:
        if (++encodings_ > 1 || http_10 || !equals_ignoring_case(value, "chunked"))
          refuse(400, "bad Transfer-Encoding", ec);
        return;
      case bh::field::expect:
        if (!equals_ignoring_case(value, "100-continue"))
          return refuse(417, "unknown expectation", ec);
        expects_continue = !http_10;
        return;
      default: return;
    }
  }

  void on_header_impl(error_code& ec) override {
    head_done_ = true;
    if (lengths_ > 0 && encodings_ > 0)
      return refuse(400, "both Transfer-Encoding and Content-Length", ec);
    if (hosts_ == 0 && !http_10) return refuse(400, "no Host", ec);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(*length);  // at most limits_.body_bytes
  }
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {
    is_behind_chunk = false;
  }
  std::size_t on_chunk_body_impl(std::uint64_t left, string_view bytes, error_code&) override {
    is_behind_chunk = left == bytes.size();
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
  // For the other direction only.
  void on_response_impl(int, string_view, int, error_code&) override {}

  const ServerLimits& limits_;
  bool head_done_ = false;
  std::size_t fields_ = 0;
  int hosts_ = 0, lengths_ = 0, encodings_ = 0;
};

/// Whether the line that is left over, behind the end of a chunk's data, ends inside of quotes
/// (RFC 9112 section 7.1.1). Beast would wait for their end in what follows, and hears that
/// differently in pieces.
bool ends_in_quotes(std::string_view left) {
  if (left.starts_with("\r\n")) left.remove_prefix(2);
  const auto end = left.find("\r\n");
  if (end == left.npos) return false;
  bool quoted = false;
  for (std::size_t i = 0; i < end; ++i) {
    if (left[i] == '"') quoted = !quoted;
    else if (quoted && left[i] == '\\') ++i;
  }
  return quoted;
}

Refusal refusal_of(const error_code& ec) {
  if (ec == bh::error::header_limit) return {431, "header too large"};
  if (ec == bh::error::body_limit) return {413, "body too large"};
  if (ec == bh::error::bad_version) return {400, "bad HTTP version"};
  return {400, "bad request"};
}

}  // namespace

struct RequestParser::Impl {
  Impl(const ServerLimits& l, Body b) : limits(l), body(b) { renew(); }

  void renew() {
    parser.emplace(limits);
    parser->skip(body == Body::kElsewhere);
  }

  Step refuse(Refusal why) {
    refusal = why;
    return Step::kRefused;
  }
  Step put(std::string_view& bytes, std::size_t most);
  Step read_head(std::string_view& bytes);

  const ServerLimits limits;
  const Body body;
  std::optional<Parser> parser;
  HeadScan scan;
  Refusal refusal;
  bool fresh = true;  // nothing of this request was read yet
  bool told_to_continue = false;
};

/// Gives Beast at most so many bytes; kMore unless it refuses them.
RequestParser::Step RequestParser::Impl::put(std::string_view& bytes, std::size_t most) {
  error_code ec;
  bytes.remove_prefix(parser->put({bytes.data(), std::min(most, bytes.size())}, ec));
  if (parser->refused) return refuse(*parser->refused);
  if (ec && ec != bh::error::need_more) return refuse(refusal_of(ec));
  return Step::kMore;
}

RequestParser::Step RequestParser::Impl::read_head(std::string_view& bytes) {
  const auto found = scan.scan(bytes);
  if (found == HeadScan::Found::kBad) return refuse({400, "bad line in the header"});
  const bool more = found == HeadScan::Found::kMore;
  if (more ? bytes.size() >= limits.header_bytes : scan.length() > limits.header_bytes)
    return refuse({431, "header too large"});
  if (more) return Step::kMore;
  // The head alone: Beast would look for the end of a bad request line in what follows it.
  if (put(bytes, scan.length()) == Step::kRefused) return Step::kRefused;
  return parser->is_header_done() ? Step::kMore : refuse({400, "bad request"});
}

RequestParser::RequestParser(const ServerLimits& limits, Body body)
    : impl_(std::make_unique<Impl>(limits, body)) {}
RequestParser::~RequestParser() = default;

RequestParser::Step RequestParser::feed(std::string_view& bytes) {
  Impl& me = *impl_;
  if (me.fresh && bytes.starts_with("\r\n")) {  // one empty line: RFC 9112 section 2.2
    bytes.remove_prefix(2);
    me.fresh = false;
  }
  if (bytes.empty()) return Step::kMore;
  if (me.fresh && bytes == "\r") return Step::kMore;
  me.fresh = false;

  if (!has_head()) {
    const Step step = me.read_head(bytes);
    if (step == Step::kRefused || !has_head()) return step;
  }
  if (me.body == Body::kElsewhere) return Step::kRequest;
  // Beast reads a last chunk again when more of it comes, and asserts that there are
  // five bytes then. "0" and one line end could come again as four.
  const bool may_be_last = me.parser->chunked() && !me.parser->is_behind_chunk;
  if (may_be_last && bytes.starts_with("0\r\n") && bytes.size() < kShortestLastChunk)
    return Step::kMore;
  if (!me.parser->is_done() && !bytes.empty() && me.put(bytes, bytes.size()) == Step::kRefused)
    return Step::kRefused;
  if (me.parser->is_done()) return Step::kRequest;
  if (me.parser->chunked() && ends_in_quotes(bytes)) return me.refuse({400, "bad chunk header"});
  // What is left over is an unfinished chunk header or trailer.
  if (bytes.size() >= me.limits.header_bytes) return me.refuse({400, "chunk header too large"});
  if (me.parser->expects_continue && !std::exchange(me.told_to_continue, true))
    return Step::kContinue;
  return Step::kMore;
}

http::Request RequestParser::take() {
  http::Request request = std::move(impl_->parser->request);
  impl_->renew();
  impl_->scan = {};
  impl_->fresh = true;
  impl_->told_to_continue = false;
  return request;
}

const RequestParser::Refusal& RequestParser::refusal() const { return impl_->refusal; }
bool RequestParser::keep_alive() const { return impl_->parser->keep_alive(); }
bool RequestParser::is_http_10() const { return impl_->parser->http_10; }
const http::Request* RequestParser::head() const {
  // Beast refuses a length beyond the limit just before it calls the head done.
  const bool complete = has_head() || impl_->refusal.status == 413;
  return complete ? &impl_->parser->request : nullptr;
}
bool RequestParser::has_head() const { return impl_->parser->is_header_done(); }

}  // namespace latchkey::net
