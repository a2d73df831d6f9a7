#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace latchkey::engine {

/// A row that was looked up, or none: as std::optional, but shared and never changed, because a
/// store may have it in memory and give the same one to everybody. Copying it copies a pointer.
template <class Row>
class Shared {
 public:
  Shared() = default;
  Shared(std::nullopt_t) {}
  Shared(Row row) : row_(std::make_shared<const Row>(std::move(row))) {}
  Shared(std::optional<Row> row) {
    if (row) row_ = std::make_shared<const Row>(*std::move(row));
  }

  explicit operator bool() const { return row_ != nullptr; }
  bool has_value() const { return row_ != nullptr; }
  // Where there is one.
  const Row& operator*() const { return *row_; }
  const Row* operator->() const { return row_.get(); }

  /// By value, and not by which one it is.
  friend bool operator==(const Shared& one, const Shared& other) {
    return one && other ? *one == *other : one.has_value() == other.has_value();
  }

 private:
  std::shared_ptr<const Row> row_;
};

}  // namespace latchkey::engine
