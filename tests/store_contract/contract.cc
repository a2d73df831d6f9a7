#include "contract.h"

#include <unistd.h>

#include "kinds.h"

namespace latchkey::store_contract {

namespace fs = std::filesystem;

TempDir::TempDir() {
  std::string name = (fs::temp_directory_path() / "store_contract.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

engine::Hash hash_of(std::string_view seed) {
  Bytes hash(32, 0);
  for (std::size_t i = 0; i < seed.size(); ++i) hash[i % 32] ^= static_cast<std::uint8_t>(seed[i]);
  hash[31] ^= static_cast<std::uint8_t>(seed.size());
  return engine::Hash(hash);
}

engine::Client client(std::string_view id) {
  return {.realm = kRealm,
          .id = ClientId(id),
          .name = "a client",
          .secret_hash = hash_of("secret"),
          .owner = SubjectId("ann"),
          .redirect_uris = {"https://a.example/cb", "https://b.example/cb?x=1,2:3"},
          .grants = {"authorization_code"},
          .otp = engine::OtpKind::kTyped,
          .otp_address = "+84 900",
          .totp_seed = {1, 0, 255},
          .partner = "P-" + std::string(id),
          .shared_key = {7, 7},
          .disabled = false,
          .auth_method = "private_key_jwt",
          .native = true,
          .bound = true,
          .scopes = {"openid", "read"},
          .resources = {"https://api.example/"},
          .jwks = R"({"keys":[]})",
          .registered = kNoon};
}

engine::Subject subject(std::string_view login) {
  return {.realm = kRealm,
          .login = SubjectId(login),
          .name = "Анна",
          .password_hash = "$argon2id$...",
          .attributes = {{"portfolios", "D39004 G16004"}, {"", ""}, {"portfolios", "again"}},
          .otp = engine::OtpKind::kTyped,
          .otp_address = "+7 900",
          .totp_seed = {0, 9, 255}};
}

engine::Grant grant(std::string_view id) {
  return {.realm = kRealm,
          .id = GrantId(id),
          .client = ClientId("app"),
          .subject = SubjectId("ann"),
          .operator_id = 0,
          .tier = "full",
          .scope = "read write",
          .session = "12be28e4-2e15-44b8-983e-e6c119a1bcac",
          .created = kNoon,
          .resource = "https://api.example/ https://b.example/",
          .authenticated = kNoon - Seconds(9),
          .amr = "pwd otp",
          .actors = R"({"sub":"app"})",
          .used = kNoon};
}

engine::Token token(std::string_view seed, std::string_view family, engine::TokenKind kind) {
  return {.hash = hash_of(seed),
          .grant = GrantId(family),
          .kind = kind,
          .issued = kNoon,
          .until = kNoon + Seconds(1800),
          .narrowed = "D39004 G16004",
          .resource = "https://b.example/",
          .bound_to = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"};
}

std::array<engine::Token, 2> token_set(std::string_view access, std::string_view refresh,
                                       std::string_view family) {
  std::array<engine::Token, 2> both{token(access, family, engine::TokenKind::kAccess),
                                    token(refresh, family)};
  both[1].narrowed = both[1].resource = "";
  return both;
}

}  // namespace latchkey::store_contract
