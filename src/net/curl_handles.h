#pragma once

#include <mutex>
#include <vector>

namespace latchkey::net {

/// libcurl's easy handles, kept between requests for the sake of their open connections.
/// Thread-safe. Needs curl_api() to be there.
class CurlHandles {
 public:
  CurlHandles() = default;
  ~CurlHandles();
  CurlHandles(const CurlHandles&) = delete;
  CurlHandles& operator=(const CurlHandles&) = delete;

  /// As new but for its connections; null without memory.
  void* borrow();
  void give_back(void* handle);

 private:
  std::mutex mutex_;
  std::vector<void*> idle_;
};

}  // namespace latchkey::net
