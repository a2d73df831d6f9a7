#include "crypto/password.h"

#include <sodium.h>

#include <array>
#include <atomic>
#include <new>

#include "crypto/password_work.h"
#include "crypto/sodium.h"

namespace latchkey::crypto {
namespace {

constexpr std::size_t kMostMemory = std::size_t{1} << 30;
constexpr unsigned kMostPasses = 16;
constexpr std::size_t kKeySize = 32;

std::atomic<std::uint64_t> hashes_done{0};

bool is_bearable(const PasswordCost& cost) {
  return cost.memory_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
         cost.memory_bytes <= kMostMemory && cost.passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
         cost.passes <= kMostPasses;
}

// The cost that a hash names, "$argon2id$v=19$m=32768,t=2,p=1$…"; nullopt when
// the text is anything but a hash of ours.
std::optional<PasswordCost> cost_of(const std::string& phc) {
  constexpr std::string_view kPrefix = "$argon2id$v=19$";
  if (!phc.starts_with(kPrefix) || phc.size() >= crypto_pwhash_STRBYTES) return std::nullopt;
  const std::vector<std::string> parts = split(std::string_view(phc).substr(kPrefix.size()), '$');
  const std::vector<std::string> numbers = split(parts.front(), ',');
  if (parts.size() != 3 || numbers.size() != 3 || numbers[2] != "p=1") return std::nullopt;
  if (!numbers[0].starts_with("m=") || !numbers[1].starts_with("t=")) return std::nullopt;
  const auto kibibytes = parse_int(std::string_view(numbers[0]).substr(2));
  const auto passes = parse_int(std::string_view(numbers[1]).substr(2));
  if (!kibibytes || *kibibytes < 0 || *kibibytes > std::int64_t{kMostMemory >> 10}) {
    return std::nullopt;
  }
  if (!passes || *passes < 0 || *passes > std::int64_t{kMostPasses}) return std::nullopt;
  return PasswordCost{static_cast<unsigned>(*passes), static_cast<std::size_t>(*kibibytes) << 10};
}

bool is_readable(const std::string& phc) {
  const auto cost = cost_of(phc);
  return cost && is_bearable(*cost) && phc.find('\0') == std::string::npos &&
         crypto_pwhash_str_needs_rehash(phc.c_str(), cost->passes, cost->memory_bytes) == 0;
}

// libsodium declares the text as an array of this length, and may read all of it.
std::array<char, crypto_pwhash_STRBYTES> padded(const std::string& phc) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  phc.copy(text.data(), text.size() - 1);
  return text;
}

}  // namespace

std::uint64_t password_hashes_done() { return hashes_done; }

std::string hash_password(const Secret& password, const PasswordCost& cost) {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> phc{};
  const std::string_view text = password.reveal();
  ++hashes_done;
  if (crypto_pwhash_str_alg(phc.data(), start_of(text), text.size(), cost.passes, cost.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();
  }
  return phc.data();
}

bool verify_password(const Secret& password, const std::string& phc, const PasswordCost& cost) {
  start_sodium();
  if (!is_readable(phc)) {
    const Bytes no_salt(crypto_pwhash_SALTBYTES);
    key_from_passphrase(password, no_salt, cost);
    return false;
  }
  const std::string_view text = password.reveal();
  ++hashes_done;
  return crypto_pwhash_str_verify(padded(phc).data(), start_of(text), text.size()) == 0;
}

Bytes key_from_passphrase(const Secret& passphrase, ByteView salt16, const PasswordCost& cost) {
  start_sodium();
  if (!is_bearable(cost) || salt16.size() != crypto_pwhash_SALTBYTES) return {};
  Bytes key(kKeySize);
  const std::string_view text = passphrase.reveal();
  ++hashes_done;
  if (crypto_pwhash(key.data(), key.size(), start_of(text), text.size(), salt16.data(), cost.passes,
                    cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return {};
  }
  return key;
}

}  // namespace latchkey::crypto
