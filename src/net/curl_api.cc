#include "net/curl_api.h"

#include <dlfcn.h>

#include <memory>

namespace latchkey::net {
namespace {

template <class F>
bool find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

std::unique_ptr<CurlApi> load() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  auto api = std::make_unique<CurlApi>();
  const bool whole = find(library, "curl_global_init", api->global_init) &&
                     find(library, "curl_easy_init", api->easy_init) &&
                     find(library, "curl_easy_setopt", api->easy_setopt) &&
                     find(library, "curl_easy_getinfo", api->easy_getinfo) &&
                     find(library, "curl_easy_perform", api->easy_perform) &&
                     find(library, "curl_easy_reset", api->easy_reset) &&
                     find(library, "curl_easy_cleanup", api->easy_cleanup) &&
                     find(library, "curl_easy_strerror", api->easy_strerror) &&
                     find(library, "curl_slist_append", api->slist_append) &&
                     find(library, "curl_slist_free_all", api->slist_free_all);
  if (!whole || api->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return nullptr;
  return api;
}

}  // namespace

const CurlApi* curl_api() {
  // Never freed: a thread of a library may still be sending when its host exits.
  static const CurlApi* const api = load().release();
  return api;
}

}  // namespace latchkey::net
