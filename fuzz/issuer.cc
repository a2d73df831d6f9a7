// What an issuer says: its description, which must come back as it was kept; an ID token
// and a set of keys, which must not be taken, because nobody can sign here.

#include "base/json.h"
#include "dialects/oauth2/id_token.h"
#include "dialects/oauth2/provider.h"
#include "fuzz.h"

using namespace latchkey;
using namespace latchkey::dialects::oauth2;

namespace {

constexpr std::string_view kIssuer = "https://id.example";
constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
constexpr std::string_view kToken =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

void check_address(const std::optional<dialect::Address>& address) {
  if (!address) return;
  fuzz::must(address->origin.starts_with("https://"), "an https issuer names only https addresses");
  const std::string text = address->origin + http::write_target(address->target);
  if (text.size() > kMostAddressBytes) return;  // encoded, it may be longer than it was
  const auto again = parse_address(text);
  fuzz::must(again && *again == *address, "an address can be written and reads back the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto provider = read_description(kIssuer, text);
  if (provider) {
    fuzz::must(provider->issuer == kIssuer, "another issuer's description is refused");
    for (const auto& address :
         {provider->authorize, provider->push, provider->token, provider->device, provider->revoke,
          provider->introspect, provider->userinfo, provider->keys})
      check_address(address);
    const auto kept = reduce_description(text);
    fuzz::must(kept && provider_of(*kept).value_or(Provider{}) == *provider,
               "what is kept reads as the same");
  } else {
    fuzz::must(provider.error().why == Why::kBadResponse, "a refusal is of one kind");
  }
  const IdTokenCheck check{.issuer = kIssuer, .client_id = "me", .now = from_epoch(1772366400)};
  fuzz::must(!check_id_token(check, kKeys, Secret(text)), "nobody signed this");
  fuzz::must(!check_id_token(check, text, Secret(kToken)), "no key made this");
  return 0;
}
