#include "client/issued.h"

namespace latchkey::client {

WipedText::WipedText(std::string_view text) {
  bytes_.reserve(text.size() + 1);  // or an unwiped shorter piece would be left
  bytes_.assign(text.begin(), text.end());
  bytes_.push_back('\0');
}

Issued::Issued(const Secret& token, std::optional<Instant> until, http::Headers headers,
               std::string warning, Trust trust)
    : until_(until ? epoch(*until) : kNever),
      trust_(trust),
      text_(token.reveal()),
      warning_(std::move(warning)) {
  for (const auto& [name, value] : headers) {
    headers_.push_back({name, WipedText(value)});
    // `headers` is ours, and goes now; the token is in it.
    wipe(const_cast<char*>(value.data()), value.size());
  }
}

Issued::Issued(const Issued& other, std::string warning)
    : until_(other.until_),
      trust_(other.trust_),
      text_(other.text_),
      headers_(other.headers_),
      warning_(std::move(warning)) {}

Ref<Issued> Issued::warned(const Issued& issued, std::string warning) {
  return Ref<Issued>(new Issued(issued, std::move(warning)));
}

}  // namespace latchkey::client
