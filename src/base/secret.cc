#include "base/secret.h"

#include <sodium.h>

namespace latchkey {

void wipe(void* bytes, std::size_t size) { sodium_memzero(bytes, size); }

bool Secret::same(const Secret& a, const Secret& b) {
  return a.size() == b.size() && sodium_memcmp(a.bytes_.data(), b.bytes_.data(), a.size()) == 0;
}

}  // namespace latchkey
