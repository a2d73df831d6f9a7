#pragma once

#include <string>
#include <string_view>

#include "net/delivery.h"

namespace latchkey::net {

/// "1f\r\n"; nothing for no bytes, because an empty chunk would be the last.
std::string chunk_head(std::size_t size);

/// Delivery::padding, block by block as it goes out; chunked, with all that stands
/// between the chunks and behind the last.
class Padding {
 public:
  Padding() = default;
  /// Behind a body of `body` bytes, which are the first chunk's.
  Padding(const Delivery& how, std::size_t body);

  bool empty() const { return left_ == 0 && !end_is_due_; }
  bool is_chunked() const { return chunked_; }
  /// Bytes of body still to come.
  std::uint64_t size() const { return left_; }
  /// The next bytes to write; they stay where they are until the next call. Not
  /// when empty().
  std::string_view next();

 private:
  std::uint64_t left_ = 0;
  bool chunked_ = false;
  bool end_is_due_ = false;  // of the chunks
  bool chunk_is_open_ = false;
  std::string block_;
};

}  // namespace latchkey::net
