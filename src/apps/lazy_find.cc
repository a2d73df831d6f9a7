// Loads the library behind an entry of lazy_calls.inc when it is called for the first time.

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#include <string_view>

extern "C" {
extern void* latchkey_lazy_slots[];
[[gnu::visibility("hidden")]] void* latchkey_lazy_find(void** slot) noexcept;
}

namespace {

constexpr const char* kNames[] = {
#define LAZY(name) #name,
#include "apps/lazy_calls.inc"
};

// What a program that was linked against them as usual would load.
const char* library_of(std::string_view name) {
  if (name.starts_with("sqlite3_")) return "libsqlite3.so.0";
  return name.starts_with("SSL_") || name.starts_with("TLS_") ? "libssl.so.3" : "libcrypto.so.3";
}

}  // namespace

/// The function behind a slot, which leads there from now on. Ends the program if there is
/// none, as the loader would have at the start. Any number of threads may come at once: they
/// find the same.
void* latchkey_lazy_find(void** slot) noexcept {
  const char* const name = kNames[slot - latchkey_lazy_slots];
  void* const library = dlopen(library_of(name), RTLD_NOW | RTLD_LOCAL);
  void* const function = library == nullptr ? nullptr : dlsym(library, name);
  if (function == nullptr) {
    dprintf(STDERR_FILENO, "latchkey: %s\n", dlerror());
    _exit(127);
  }
  __atomic_store_n(slot, function, __ATOMIC_RELEASE);
  return function;
}
