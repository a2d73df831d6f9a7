#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "broker/vault_watch.h"
#include "client/slot.h"
#include "http/message.h"

namespace latchkey::client {

/// Text that is wiped when it goes, with a NUL behind it for C.
class WipedText {
 public:
  WipedText() : bytes_(1, '\0') {}
  explicit WipedText(std::string_view text);
  const char* c_str() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size() - 1; }

 private:
  std::vector<char, WipingAllocator<char>> bytes_;
};

/// A token in this program's memory, and until when it may be given from there. Never
/// changes: any thread may read it.
class Issued final : public Counted {
 public:
  static constexpr long long kNever = std::numeric_limits<long long>::max();

  struct Header {
    std::string name;
    WipedText value;
  };
  /// What the memory's answer rests on.
  struct Trust {
    broker::VaultWatch watch;
    broker::VaultMark mark;
    Instant from;   ///< a clock that is before this was set back
    Instant until;  ///< then the vault is asked again
  };

  Issued(const Secret& token, std::optional<Instant> until, http::Headers headers,
         std::string warning, Trust trust);
  /// The same token with a warning.
  static Ref<Issued> warned(const Issued& issued, std::string warning);

  /// True while memory may give it to somebody for whom it must live for `need`.
  bool serves(Instant now, long long need) const {
    return now >= trust_.from && now < trust_.until &&
           (until_ == kNever || (until_ > epoch(now) && until_ - epoch(now) >= need)) &&
           trust_.watch.mark() == trust_.mark;
  }
  /// Seconds since 1970; kNever: no end was stated.
  long long until() const { return until_; }
  const WipedText& text() const { return text_; }
  const std::string& warning() const { return warning_; }
  const std::vector<Header>& headers() const { return headers_; }
  /// Constant time.
  bool is(const Secret& token) const { return token == secret(); }
  Secret secret() const { return Secret({text_.c_str(), text_.size()}); }

 private:
  Issued(const Issued& other, std::string warning);

  long long until_;
  Trust trust_;
  WipedText text_;
  std::vector<Header> headers_;
  std::string warning_;
};

}  // namespace latchkey::client
