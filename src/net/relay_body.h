#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::net {

/// Takes a request's body apart while it arrives: so many bytes, or chunks (RFC 9112
/// section 7.1). Strict: hexadecimal sizes of at most 15 digits, CRLF everywhere;
/// extensions and trailer fields are skipped, within a limit. Opens no socket.
class BodyReader {
 public:
  static constexpr std::size_t kMostLine = 1024;  ///< of a chunk's size line
  static constexpr std::size_t kMostTrailer = 16 * 1024;

  /// nullopt: chunked.
  explicit BodyReader(std::optional<std::uint64_t> length) : left_(length.value_or(0)) {
    if (!length) state_ = State::kSize;
    else if (*length == 0) state_ = State::kDone;
  }

  /// Takes what it understands off the front of `bytes`: body bytes go to `out`, at most
  /// `most` of them. kMalformed when it is no such body.
  Result<> feed(std::string_view& bytes, std::string& out, std::size_t most);
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State { kData, kSize, kChunk, kChunkEnd, kTrailer, kDone };
  /// The line, without its end; nullopt: more is needed.
  Result<std::optional<std::string>> take_line(std::string_view& bytes, std::size_t most);
  void take_data(std::string_view& bytes, std::string& out, std::size_t most);
  Result<bool> take_size(std::string_view& bytes);

  State state_ = State::kData;
  std::uint64_t left_ = 0;
  std::string line_;
  std::size_t trailer_ = 0;
};

}  // namespace latchkey::net
