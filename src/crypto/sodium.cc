#include "crypto/sodium.h"

#include <sodium.h>

#include <cstdlib>

namespace latchkey::crypto {

void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) std::abort();
}

Secret into_secret(std::string&& text) {
  Secret secret(text);
  wipe(text.data(), text.size());
  return secret;
}

Secret into_secret(Bytes&& bytes) {
  Secret secret(text_of(bytes));
  wipe(bytes.data(), bytes.size());
  return secret;
}

}  // namespace latchkey::crypto
