#include "proxy/forward.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "base/text.h"
#include "net/clock.h"

namespace latchkey::proxy {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

/// One request on its way: the body that was read ahead, and what became of it.
class Passage {
 public:
  Passage(const Forwarding& with, net::RelayExchange& exchange)
      : with_(with), exchange_(exchange) {}

  void run() {
    auto done = go();
    if (!done && !exchange_.answered()) {
      const auto response = refusal(done.error());
      status_ = response.status;
      exchange_.answer(response, response.body.size());
      exchange_.write(response.body);
    } else if (!done) {
      exchange_.abandon();
    }
    note(done);
  }

 private:
  Result<> go() {
    TRY(admit(exchange_.head(), exchange_.host(), with_.door));
    TRY(read_ahead());
    Secret token = TRY(with_.tokens.get());
    TRY(send(token, true));
    if (held_ && broker::wants_nonce(*held_)) {
      held_.reset();
      repeated_ = true;
      TRY(send(token, true));
    }
    if (!held_) {
      // For the next one; this request may have been acted upon.
      if (status_ == 401 && !blames_proof_) [[maybe_unused]]
        const auto other = with_.tokens.instead_of(token);
      return {};
    }
    const http::Response refused = *std::exchange(held_, std::nullopt);
    auto other = with_.tokens.instead_of(token, blames_proof_);
    if (!other) {
      pass_on(refused, refused.body.size());
      exchange_.write(refused.body);
      return {};
    }
    repeated_ = true;
    return send(*other, false);
  }

  /// Small bodies are kept for a second try, sealed ones because they must be.
  Result<> read_ahead() {
    const auto length = exchange_.length();
    const std::size_t most = with_.seals ? kMostSealedBytes : kMostReplayedBytes;
    whole_ = with_.seals || (length && *length <= most);
    if (!whole_) return {};
    const auto too_much = fail(Why::kConflict, "a body that is sealed may have " +
                                                   std::to_string(kMostSealedBytes) + " bytes");
    if (length && *length > most) return too_much;
    std::size_t before = 0;
    do {
      before = body_.size();
      if (before > most) return too_much;
      TRY(exchange_.read(body_, kPiece));
    } while (body_.size() != before);
    sent_ = body_.size();
    return {};
  }

  Result<> send(const Secret& token, bool may_hold) {
    http::Request request;
    request.method = exchange_.head().method;
    request.target = exchange_.head().target;
    if (with_.seals) request.body = body_;
    request = TRY(with_.tokens.dress(token, std::move(request)));
    const http::Headers tokens = request.headers;
    request.headers = onward(exchange_.head().headers, tokens);
    for (const auto& [name, value] : tokens) request.headers.set(name, value);
    const std::string body = with_.seals ? std::exchange(request.body, {}) : body_;

    net::Streams streams;
    std::size_t at = 0;
    streams.length = whole_ ? std::optional<std::uint64_t>(body.size()) : exchange_.length();
    streams.read = [&](char* into, std::size_t most) {
      return whole_ ? piece_of(body, at, into, most) : piece_of_caller(into, most);
    };
    streams.on_head = [&](const http::Response& head) { return on_head(head, may_hold); };
    streams.on_body = [&](std::string_view bytes) { return on_body(bytes); };
    streams.go_on = [&] { return !exchange_.is_gone(); };
    auto sent = with_.client.send(request, streams);
    if (sent || caller_.why == Why::kBug) return sent;
    return fail(caller_);  // the caller broke off, not the provider
  }

  static std::optional<std::size_t> piece_of(const std::string& body, std::size_t& at, char* into,
                                             std::size_t most) {
    const std::size_t count = std::min(most, body.size() - at);
    std::memcpy(into, body.data() + at, count);
    at += count;
    return count;
  }

  std::optional<std::size_t> piece_of_caller(char* into, std::size_t most) {
    std::string piece;
    auto read = exchange_.read(piece, most);
    if (!read) {
      caller_ = std::move(read).error();
      return std::nullopt;
    }
    std::memcpy(into, piece.data(), piece.size());
    sent_ += piece.size();
    return piece.size();
  }

  bool on_head(const http::Response& head, bool may_hold) {
    status_ = head.status;
    blames_proof_ = broker::blames_proof(head);
    with_.tokens.hear(head.headers);
    if (may_hold && may_repeat(exchange_.head().method, head, whole_)) {
      held_ = head;
      return true;
    }
    const auto* text = head.headers.find("Content-Length");
    const auto length = text == nullptr ? std::nullopt : parse_int(*text);
    const bool known = length && *length >= 0 && head.headers.find("Transfer-Encoding") == nullptr;
    return pass_on(head, known ? std::optional<std::uint64_t>(*length) : std::nullopt);
  }

  bool pass_on(const http::Response& head, std::optional<std::uint64_t> length) {
    return exchange_.answer({head.status, backward(head.headers), {}}, length);
  }

  bool on_body(std::string_view bytes) {
    received_ += bytes.size();
    if (!held_) return exchange_.write(bytes);
    held_->body += bytes.substr(0, kMostHeldBytes - std::min(kMostHeldBytes, held_->body.size()));
    return true;
  }

  void note(const Result<>& done) const {
    std::vector<log::Field> fields = {{"method", printable(exchange_.head().method, 20)},
                                      {"target", http::loggable_target(exchange_.head().target)},
                                      {"status", static_cast<long long>(status_)},
                                      {"sent", static_cast<long long>(sent_)},
                                      {"received", static_cast<long long>(received_)},
                                      {"us", static_cast<long long>(took_.elapsed().count())}};
    if (repeated_) fields.emplace_back("repeated", "true");
    if (!done) fields.emplace_back("error", name_of(done.error().why));
    log::write(log::Level::kInfo, "proxied", fields);
  }

  const Forwarding& with_;
  net::RelayExchange& exchange_;
  net::Stopwatch took_;
  std::string body_;
  bool whole_ = false, repeated_ = false, blames_proof_ = false;
  std::optional<http::Response> held_;
  Error caller_{};
  int status_ = 0;
  std::size_t sent_ = 0, received_ = 0;
};

}  // namespace

void forward(const Forwarding& with, net::RelayExchange& exchange) {
  Passage(with, exchange).run();
}

}  // namespace latchkey::proxy
