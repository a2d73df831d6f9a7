// net::RequestParser: however the bytes arrive, the same requests come out.

#include <vector>

#include "fuzz.h"
#include "net/http_parser.h"

using namespace latchkey;

namespace {

constexpr std::size_t kMostRequests = 8;

struct Heard {
  std::vector<http::Request> requests;
  int refused = 0;  // the status
  friend bool operator==(const Heard&, const Heard&) = default;
};

/// Gives the parser `step` bytes more at a time, as a connection does.
Heard hear(std::string_view text, std::size_t step) {
  net::RequestParser parser({.header_bytes = 1024, .header_fields = 16, .body_bytes = 2048});
  Heard heard;
  std::string buffer;
  while (!text.empty() || !buffer.empty()) {
    const std::size_t more = std::min(step, text.size());
    buffer.append(text.substr(0, more));
    text.remove_prefix(more);
    std::string_view rest = buffer;
    using Step = net::RequestParser::Step;
    for (bool stuck = false; !stuck && heard.requests.size() < kMostRequests;) {
      const auto before = rest.size();
      switch (parser.feed(rest)) {
        case Step::kRequest: heard.requests.push_back(parser.take()); break;
        case Step::kRefused: heard.refused = parser.refusal().status; return heard;
        case Step::kContinue: break;
        case Step::kMore: stuck = true; break;
      }
      stuck = stuck || rest.empty();
      fuzz::must(rest.size() <= before, "a parser gives nothing back");
    }
    if (heard.requests.size() == kMostRequests) return heard;
    buffer = std::string(rest);
    if (text.empty()) return heard;
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const Heard whole = hear(text, text.size() + 1);
  for (const auto& request : whole.requests) {
    fuzz::must(!fuzz::has_control(request.method), "a method is visible text");
    fuzz::must(request.headers.count("Host") <= 1, "there is one Host");
    fuzz::must(request.body.size() <= 2048, "a body is no longer than allowed");
  }
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{61}})
    fuzz::must(hear(text, step) == whole, "pieces are heard as the whole is");
  return 0;
}
