#include "broker/vault_key.h"

#include "broker/files.h"
#include "broker/secret_service.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "crypto/random.h"

namespace latchkey::broker {
namespace {

using Kind = VaultChoice::Key;

constexpr std::string_view kContext = "latchkey vault key";
constexpr const char* kCredentialName = "latchkey-vault-key";
constexpr crypto::PasswordCost kPassphraseCost{3, 64u << 20};
constexpr std::size_t kLeastKeyBytes = 32;
// What a vault file may make us do to a passphrase: room above what we write.
constexpr std::int64_t kMostPasses = 8;
constexpr std::int64_t kMostMemory = 256ll << 20;

const char* word_of(Kind kind) {
  switch (kind) {
    case Kind::kAuto: return "auto";
    case Kind::kCredential: return "credential";
    case Kind::kSecretService: return "secret-service";
    case Kind::kPassphrase: return "passphrase";
    case Kind::kFile: return "file";
  }
  return "?";
}

std::optional<std::string> credential_path(const Environment& environment) {
  auto directory = environment("CREDENTIALS_DIRECTORY");
  if (!directory) return std::nullopt;
  return *directory + "/" + kCredentialName;
}

bool there(const std::string& path) {
  auto checked = check_private_file(path);
  return checked.has_value() || checked.error().why != Why::kNotFound;
}

/// As a Secret, and the bytes wiped.
Secret taken(Bytes bytes) {
  Secret secret(text_of(bytes));
  wipe(bytes.data(), bytes.size());
  return secret;
}

/// 32 bytes for wrapping, from a secret of high entropy.
Result<Secret> stretch(const Secret& secret, const std::string& whence) {
  if (secret.size() < kLeastKeyBytes)
    return fail(Why::kStore, whence + " is too short to be a vault key");
  return taken(crypto::derive_key(bytes_of(secret.reveal()), kContext));
}

Result<Secret> from_file(const std::string& path, bool create) {
  if (create) {
    auto created = create_secret_file(path, crypto::random_hex(32));
    if (!created && created.error().why != Why::kConflict) return fail(created.error());
  }
  const Secret secret = TRY(read_private_file(path));
  return stretch(secret, path);
}

Result<Secret> from_credential(const Environment& environment) {
  const auto path = credential_path(environment);
  if (!path) return fail(Why::kStore, "the vault needs the systemd credential latchkey-vault-key");
  const Secret secret = TRY(read_secret_file(*path));
  return stretch(secret, *path);
}

Result<Secret> from_secret_service(const std::string& vault, bool create) {
  auto found = secret_service_look_up(vault);
  if (!found && found.error().why == Why::kNotFound && create) {
    TRY(secret_service_store(vault, crypto::random_hex(32)));
    found = secret_service_look_up(vault);
  }
  if (!found) return fail(Why::kStore, found.error().say);
  return stretch(*found, "the keyring's secret");
}

/// A bus without a keyring on it is common on servers, and so is a keyring that nobody
/// can unlock: only one that really keeps our secret counts.
bool keyring_keeps(const KeyChain& chain) {
  return secret_service_is_there(chain.environment("DBUS_SESSION_BUS_ADDRESS").has_value()) &&
         from_secret_service(chain.choice.path, true).has_value();
}

Kind choose(const KeyChain& chain) {
  if (chain.choice.key != Kind::kAuto) return chain.choice.key;
  const auto credential = credential_path(chain.environment);
  if (credential && there(*credential)) return Kind::kCredential;
  if (keyring_keeps(chain)) return Kind::kSecretService;
  return chain.choice.askpass.empty() ? Kind::kFile : Kind::kPassphrase;
}

Result<Secret> from_passphrase(const KeyChain& chain, const Protection& protection, bool create) {
  const Secret passphrase = TRY(
      chain.choice.askpass.empty() ? chain.ask(create) : secret_from_command(chain.choice.askpass));
  if (passphrase.empty()) return fail(Why::kPersonNeeded, "an empty passphrase protects nothing");
  auto key = crypto::key_from_passphrase(passphrase, protection.salt,
                                         {protection.passes, protection.memory_bytes});
  if (key.empty()) return fail(Why::kStore, "the vault asks for an absurd effort; refused");
  return taken(std::move(key));
}

Result<Secret> wrapping_key(const KeyChain& chain, const Protection& protection, bool create) {
  switch (protection.kind) {
    case Kind::kCredential: return from_credential(chain.environment);
    case Kind::kSecretService: return from_secret_service(chain.choice.path, create);
    case Kind::kPassphrase: return from_passphrase(chain, protection, create);
    case Kind::kAuto:
    case Kind::kFile: return from_file(chain.choice.key_file, create);
  }
  return fail(Why::kBug, "", "a protection of no kind");
}

}  // namespace

std::string write_protection(const Protection& protection) {
  json::Object out{{"kind", word_of(protection.kind)},
                   {"salt", to_hex(protection.salt)},
                   {"passes", static_cast<int>(protection.passes)},
                   {"memory", static_cast<long long>(protection.memory_bytes)},
                   {"wrapped", to_hex(protection.wrapped)}};
  return json::write(out);
}

Result<Protection> read_protection(std::string_view text) {
  const auto bad = [] { return fail(Why::kStore, "the vault's key record cannot be read"); };
  auto parsed = json::parse(text);
  const auto* object = parsed ? parsed->as_object() : nullptr;
  if (object == nullptr) return bad();
  const auto kind = json::string_field(*object, "kind");
  const auto salt = json::string_field(*object, "salt");
  const auto passes = json::int_field(*object, "passes");
  const auto memory = json::int_field(*object, "memory");
  const auto wrapped = json::string_field(*object, "wrapped");
  if (!kind || !salt || !passes || !memory || !wrapped) return bad();
  Protection protection;
  bool known = false;
  for (auto each : {Kind::kCredential, Kind::kSecretService, Kind::kPassphrase, Kind::kFile}) {
    if (*kind != word_of(each)) continue;
    protection.kind = each;
    known = true;
  }
  const auto salt_bytes = parse_hex(*salt);
  const auto wrapped_bytes = parse_hex(*wrapped);
  if (!known || !salt_bytes || !wrapped_bytes) return bad();
  if (*passes < 0 || *passes > kMostPasses || *memory < 0 || *memory > kMostMemory)
    return fail(Why::kStore, "the vault asks for an absurd effort; refused");
  protection.salt = *salt_bytes;
  protection.wrapped = *wrapped_bytes;
  protection.passes = static_cast<unsigned>(*passes);
  protection.memory_bytes = static_cast<std::size_t>(*memory);
  return protection;
}

std::string describe(Kind kind, const std::string& key_file) {
  switch (kind) {
    case Kind::kCredential: return "a systemd credential: only this service's unit can open it";
    case Kind::kSecretService: return "the desktop keyring: open while you are logged in";
    case Kind::kPassphrase: return "a passphrase (argon2id): nobody opens it without asking you";
    case Kind::kAuto:
    case Kind::kFile: break;
  }
  return "the key file " + key_file + ": whoever can read your files can open it";
}

Result<NewKey> make_vault_key(const KeyChain& chain) {
  NewKey made;
  made.protection.kind = choose(chain);
  if (made.protection.kind == Kind::kPassphrase) {
    made.protection.salt = crypto::random_bytes(16);
    made.protection.passes = kPassphraseCost.passes;
    made.protection.memory_bytes = kPassphraseCost.memory_bytes;
  }
  const Secret wrapping = TRY(wrapping_key(chain, made.protection, true));
  made.key = taken(crypto::random_bytes(kLeastKeyBytes));
  made.protection.wrapped =
      crypto::seal(bytes_of(wrapping.reveal()), bytes_of(made.key.reveal()), kContext);
  return made;
}

Result<Secret> open_vault_key(const KeyChain& chain, const Protection& protection) {
  auto wrapping = wrapping_key(chain, protection, false);
  if (!wrapping && wrapping.error().why == Why::kNotFound)
    return fail(Why::kStore, "the vault's key file " + chain.choice.key_file + " is gone");
  if (!wrapping) return fail(wrapping.error());
  auto key = crypto::open(bytes_of(wrapping->reveal()), protection.wrapped, kContext);
  if (key && key->size() == kLeastKeyBytes) return std::move(*key);
  const bool typed = protection.kind == Kind::kPassphrase;
  return fail(Why::kStore, typed ? "wrong passphrase" : "this key does not open the vault");
}

}  // namespace latchkey::broker
