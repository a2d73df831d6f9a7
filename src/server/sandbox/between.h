#pragma once

#include "server/dialect_route.h"
#include "server/sandbox/bookkeeper.h"

namespace latchkey::server {

/// What stands in the sandbox between a request that was decoded and its answer:
/// writes down what the engine did. Thread-safe; `books` must outlive it.
class Between {
 public:
  explicit Between(Bookkeeper& books) : books_(books) {}

  /// For Site::perform_with. What cannot be written down is not answered: the peer
  /// is told to try later, as after a commit that fell silent.
  http::Response perform(DialectCall& call, const std::string& id, Instant now);

 private:
  Bookkeeper& books_;
};

}  // namespace latchkey::server
