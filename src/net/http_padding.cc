#include "net/http_padding.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace latchkey::net {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

std::string chunk_head(std::size_t size) {
  if (size == 0) return {};
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string(digits.data(), end) + "\r\n";
}

Padding::Padding(const Delivery& how, std::size_t body)
    : left_(std::min(how.padding, kMostPadding)),
      chunked_(how.chunked),
      end_is_due_(how.chunked),
      chunk_is_open_(how.chunked && body > 0) {}

std::string_view Padding::next() {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kBlock));
  left_ -= size;
  if (!chunked_) {
    block_.assign(size, ' ');
    return block_;
  }
  block_ = chunk_is_open_ ? "\r\n" : "";  // of the chunk before
  block_ += chunk_head(size);
  block_.append(size, ' ');
  chunk_is_open_ = size > 0;
  if (left_ == 0) {
    if (size > 0) block_ += "\r\n";
    block_ += "0\r\n\r\n";
    end_is_due_ = false;
  }
  return block_;
}

}  // namespace latchkey::net
