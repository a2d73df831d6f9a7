#pragma once

#include <latchkey.h>

#include "client/ring.h"

namespace latchkey::client {

/// latchkey_open, with the parts that a program chooses. They must live for ever.
int open_ring(const dialect::Registry& registry, const broker::World& world, const Clock& memory,
              const latchkey_options* options, latchkey_ring** ring, latchkey_error** error);

}  // namespace latchkey::client

struct latchkey_error {
  latchkey::client::Failure failure;
};

/// A ring, and what it takes to open it again in a forked child.
struct latchkey_ring {
  const latchkey::dialect::Registry& registry;
  const latchkey::broker::World world;
  const latchkey::client::RingOptions options;
  std::atomic<latchkey::client::Ring*> opened;

  /// The ring of this process. In a child, that of the parent is left as it is: its
  /// threads are not there, and its locks may be held by one of them.
  latchkey::Result<latchkey::client::Ring*> here();
};

struct latchkey_request {
  std::uint64_t home;
  latchkey::client::QuestionPtr question;
};
