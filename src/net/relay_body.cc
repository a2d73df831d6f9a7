#include "net/relay_body.h"

#include <algorithm>
#include <charconv>

namespace latchkey::net {
namespace {

constexpr std::size_t kMostDigits = 15;

std::unexpected<Error> malformed() {
  return fail(Why::kMalformed, "the body is not framed as it says");
}

std::optional<std::uint64_t> chunk_size(std::string_view line) {
  const auto digits = line.substr(0, line.find_first_of("; \t"));
  std::uint64_t size = 0;
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, size, 16);
  if (digits.empty() || digits.size() > kMostDigits || read.ec != std::errc() || read.ptr != end)
    return std::nullopt;
  return size;
}

}  // namespace

Result<std::optional<std::string>> BodyReader::take_line(std::string_view& bytes,
                                                         std::size_t most) {
  const auto end = bytes.find('\n');
  line_ += bytes.substr(0, end);
  if (line_.size() > most) return malformed();
  if (end == std::string_view::npos) {
    bytes = {};
    return std::nullopt;
  }
  bytes.remove_prefix(end + 1);
  std::string line = std::exchange(line_, {});
  if (!line.ends_with('\r')) return malformed();
  line.pop_back();
  for (const unsigned char c : line)
    if ((c < ' ' && c != '\t') || c == 0x7f) return malformed();
  return line;
}

void BodyReader::take_data(std::string_view& bytes, std::string& out, std::size_t most) {
  const auto room = std::min<std::uint64_t>(most - std::min(most, out.size()), bytes.size());
  const auto count = static_cast<std::size_t>(std::min(room, left_));
  out += bytes.substr(0, count);
  bytes.remove_prefix(count);
  left_ -= count;
}

Result<bool> BodyReader::take_size(std::string_view& bytes) {
  const auto line = TRY(take_line(bytes, kMostLine));
  if (!line) return false;
  const auto size = chunk_size(*line);
  if (!size) return malformed();
  left_ = *size;
  state_ = *size == 0 ? State::kTrailer : State::kChunk;
  return true;
}

Result<> BodyReader::feed(std::string_view& bytes, std::string& out, std::size_t most) {
  while (!bytes.empty() && state_ != State::kDone && out.size() < most) {
    switch (state_) {
      case State::kData:
      case State::kChunk:
        take_data(bytes, out, most);
        if (left_ == 0) state_ = state_ == State::kData ? State::kDone : State::kChunkEnd;
        break;
      case State::kSize: TRY(take_size(bytes)); break;
      case State::kChunkEnd: {
        const auto line = TRY(take_line(bytes, 1));
        if (line && !line->empty()) return malformed();
        if (line) state_ = State::kSize;
        break;
      }
      case State::kTrailer: {
        const auto line = TRY(take_line(bytes, kMostTrailer));
        if (!line) break;
        trailer_ += line->size();
        if (trailer_ > kMostTrailer) return malformed();
        if (line->empty()) state_ = State::kDone;
        break;
      }
      case State::kDone: break;
    }
  }
  return {};
}

}  // namespace latchkey::net
