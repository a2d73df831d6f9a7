#pragma once

#include <curl/curl.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace latchkey::net {

/// The functions of libcurl that we use. The library takes 8 ms to load, so a
/// process that sends nothing must not load it: it is opened at the first use.
struct CurlApi {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
};

/// nullptr when there is no usable libcurl on this machine. Thread-safe; loads
/// once and never unloads.
const CurlApi* curl_api();

}  // namespace latchkey::net
