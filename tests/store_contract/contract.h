#pragma once

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "engine/store.h"

namespace latchkey::store_contract {

/// The value, or the test ends with the error's words.
template <class T>
T must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(std::string(name_of(result.error().why)) + ": " + result.error().say +
                             " " + result.error().note);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Why it failed; a value ends the test.
template <class T>
Why why(const Result<T>& result) {
  if (result) throw std::runtime_error("it succeeded");
  return result.error().why;
}

/// A directory of our own, 0700, gone with this object.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// One implementation under the contract.
struct Kind {
  const char* name;
  std::unique_ptr<engine::Store> (*open)(const TempDir&);
};

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  /// One verb, or a few, in one committed transaction.
  template <class Work>
  auto write(Work work) {
    return must(store().transact(work));
  }
  /// The same on a snapshot.
  template <class Work>
  auto read(Work work) {
    return must(store().read(work));
  }
  engine::Store& store() { return *store_; }

 private:
  TempDir dir_;
  std::unique_ptr<engine::Store> store_ = GetParam().open(dir_);
};

// Rows to begin with; tests change what they are about.
inline const Realm kRealm{"alor"};
inline const Realm kOther{"sinopac"};
inline constexpr Instant kNoon{Seconds{1'772'366'400}};  // 2026-03-01T12:00:00Z

engine::Hash hash_of(std::string_view seed);  ///< 32 bytes, different for different seeds
engine::Client client(std::string_view id);
engine::Subject subject(std::string_view login);
engine::Grant grant(std::string_view id);
engine::Token token(std::string_view seed, std::string_view grant,
                    engine::TokenKind kind = engine::TokenKind::kRefresh);
/// An access token and the refresh token that was issued with it, which keeps all rights.
std::array<engine::Token, 2> token_set(std::string_view access, std::string_view refresh,
                                       std::string_view grant);

}  // namespace latchkey::store_contract
