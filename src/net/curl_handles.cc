#include "net/curl_handles.h"

#include "net/curl_api.h"

namespace latchkey::net {
namespace {

constexpr std::size_t kMostIdle = 8;

}  // namespace

CurlHandles::~CurlHandles() {
  for (void* handle : idle_) curl_api()->easy_cleanup(handle);
}

void* CurlHandles::borrow() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      void* handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
  }
  return curl_api()->easy_init();
}

void CurlHandles::give_back(void* handle) {
  {
    const std::scoped_lock lock(mutex_);
    if (idle_.size() < kMostIdle) {
      curl_api()->easy_reset(handle);  // keeps its connections
      idle_.push_back(handle);
      return;
    }
  }
  curl_api()->easy_cleanup(handle);
}

}  // namespace latchkey::net
