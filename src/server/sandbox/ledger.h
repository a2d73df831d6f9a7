#pragma once

#include <memory>
#include <mutex>

#include "base/json.h"
#include "base/secret.h"

namespace latchkey::server {

/// A file of events, a JSON object a line, oldest first; it only ever grows. No
/// token stands in it, only ledger_hash of one. Thread-safe.
class Ledger {
 public:
  enum class Sync {
    kEveryLine,  ///< append() returns when the line is on disk
    kNever,      ///< for a file that ends with its process
  };

  /// Goes on behind what is there, after cutting off a line that was torn by a
  /// crash; a new file is this user's alone (0600). kStore when it cannot be had,
  /// or is not a plain file.
  static Result<std::unique_ptr<Ledger>> open(const std::string& path, Sync sync);
  ~Ledger();
  Ledger(const Ledger&) = delete;

  /// kStore when it could not be written; then nothing of it stands there.
  Result<> append(const json::Object& event);
  const std::string& path() const { return path_; }

 private:
  Ledger(std::string path, int file, Sync sync)
      : path_(std::move(path)), file_(file), sync_(sync) {}

  const std::string path_;
  const int file_;
  const Sync sync_;
  std::mutex mutex_;
};

/// How the ledger names a token, code or secret: the first 16 hexadecimal digits
/// of SHA-256 of its text; "" for none.
std::string ledger_hash(const Secret& secret);

/// The objects of a ledger's file, in order. kUnknownName when there is no such
/// file, kStore when it is none of a ledger or larger than kMostLedgerBytes. A
/// last line without its end is left out.
Result<json::Array> read_ledger(const std::string& path);
inline constexpr std::size_t kMostLedgerBytes = std::size_t{1} << 30;

}  // namespace latchkey::server
