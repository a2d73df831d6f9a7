#pragma once

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "base/result.h"

namespace latchkey::races {

/// The value, or the test ends with the error's words.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(name_of(result.error().why) + (": " + result.error().note));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A directory of our own, 0700, gone with this object.
class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "latchkey-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace latchkey::races
