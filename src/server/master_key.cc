#include "server/master_key.h"

#include "base/text.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "server/secret_file.h"

namespace latchkey::server {
namespace {

constexpr std::size_t kShortestKey = 32;
constexpr std::size_t kShortestPassphrase = 12;
constexpr std::size_t kSaltBytes = 16;
/// Once a start, so it may cost more than a login.
constexpr crypto::PasswordCost kPassphraseCost{3, 256u << 20};

/// Not a realm: where the authority keeps what is its own.
const Realm kOwn{"_authority"};
constexpr std::string_view kCheck = "master-key-check";

Result<Secret> from_file(const std::string& path) {
  auto key = TRY(read_secret_file(path));
  if (key.size() < kShortestKey)
    return fail(Why::kUsage,
                path + " holds less than 32 bytes; make a key with: latchkeyd key create FILE");
  return key;
}

Result<Bytes> salt_in(const std::string& state_directory) {
  const std::string path = salt_path(state_directory);
  const auto fresh = write_secret_file(path, Secret(to_hex(crypto::random_bytes(kSaltBytes))));
  if (!fresh && fresh.error().why != Why::kConflict) return fail(fresh.error());
  const Secret text = TRY(read_secret_file(path));
  auto salt = parse_hex(text.reveal());
  if (!salt || salt->size() != kSaltBytes) return fail(Why::kStore, path + " is damaged");
  return std::move(*salt);
}

Result<Secret> from_prompt(const std::string& state_directory) {
  const Secret passphrase = TRY(ask_secret("Master passphrase"));
  if (passphrase.size() < kShortestPassphrase)
    return fail(Why::kUsage, "the passphrase must have 12 characters or more");
  const Bytes salt = TRY(salt_in(state_directory));
  Bytes key = crypto::key_from_passphrase(passphrase, salt, kPassphraseCost);
  if (key.empty()) return fail(Why::kUnavailable, "not enough memory to stretch the passphrase");
  Secret secret{text_of(key)};
  wipe(key.data(), key.size());
  return secret;
}

}  // namespace

std::string salt_path(const std::string& state_directory) {
  return state_directory + "/master.salt";
}

Result<Secret> read_master_key(const MasterKeySource& source, const std::string& state_directory,
                               const std::optional<std::string>& credentials) {
  switch (source.kind) {
    case MasterKeySource::Kind::kFile: return from_file(source.name);
    case MasterKeySource::Kind::kPrompt: return from_prompt(state_directory);
    case MasterKeySource::Kind::kCredential: {
      if (!credentials)
        return fail(Why::kUsage,
                    "no CREDENTIALS_DIRECTORY: systemd gives it to a unit with "
                    "LoadCredential=" +
                        source.name + ":…");
      return from_file(*credentials + "/" + source.name);
    }
  }
  return fail(Why::kBug, "", "a MasterKeySource that is none of the three");
}

Result<> check_master_key(engine::Store& store, const engine::Keys& keys, Instant now) {
  return store.transact([&](engine::Tx& tx) -> Result<> {
    const auto stored = TRY(tx.keys(kOwn));
    if (stored.empty())
      return tx.put_key({.realm = kOwn,
                         .kid = std::string(kCheck),
                         .alg = "none",
                         .key = keys.seal(Secret("latchkey"), kCheck),
                         .created = now});
    if (!keys.open(stored.front().key, kCheck))
      return fail(Why::kStore, "this is not the master key that the store was made with");
    return {};
  });
}

}  // namespace latchkey::server
