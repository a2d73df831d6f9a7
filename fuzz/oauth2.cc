// What extends OAuth 2, as strangers send it: DPoP proofs, client assertions, metadata of
// clients, URIs, user codes, and the authority's own rows. Nobody can sign here, so no
// proof and no assertion may be taken.

#include "base/text.h"
#include "dialects/oauth2/actor.h"
#include "dialects/oauth2/assertion.h"
#include "dialects/oauth2/dpop.h"
#include "dialects/oauth2/registration.h"
#include "dialects/oauth2/uri.h"
#include "engine/pkce.h"
#include "engine/pushed_form.h"
#include "engine/scope.h"
#include "engine/user_code.h"
#include "fuzz.h"

using namespace latchkey;
namespace oauth2 = dialects::oauth2;

namespace {

constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

void check_error(const Error& error) {
  fuzz::must(is_utf8(error.say) && !fuzz::has_control(error.say), "what is said is printable");
}

// The one proof that may be taken is the one in the corpus, of RFC 9449 section 4.1.
void check_signed(std::string_view text) {
  const Secret secret(text);
  const auto proof = oauth2::verify_proof(secret, "POST", "https://server.example.com/token");
  if (proof) {
    fuzz::must(proof->id == "-BwC3ESc6acc2lTc", "no proof is forged");
  } else {
    fuzz::must(proof.error().why == Why::kOtpWrong, "a bad proof is a bad proof");
    check_error(proof.error());
  }
  const auto who = oauth2::claimed_client(secret);
  const ClientId client = who ? *who : ClientId("client");
  const auto said = oauth2::verify_assertion(secret, client, kKeys, "https://as.example");
  fuzz::must(!said && said.error().why == Why::kBadCredentials, "no assertion is forged");
}

void check_metadata(std::string_view text) {
  const auto value = json::parse(text);
  if (!value || value->as_object() == nullptr) return;
  const auto facts = oauth2::read_client_facts(*value->as_object());
  if (!facts) return check_error(facts.error());
  const auto again = oauth2::read_client_facts(oauth2::write_client_facts(*facts));
  fuzz::must(again && *again == *facts, "metadata reads back");
  for (const std::string& uri : facts->redirect_uris)
    fuzz::must(uri.starts_with("https://") || facts->native, "a web client has https");
  fuzz::must(facts->jwks.find("\"d\"") == std::string::npos, "no private key is kept");
}

void check_texts(std::string_view text) {
  if (const auto uri = oauth2::normal_uri(text))
    fuzz::must(oauth2::normal_uri(*uri) == *uri, "what is normal stays so");
  if (const auto code = engine::read_user_code(text))
    fuzz::must(engine::read_user_code(engine::show_user_code(*code)) == *code,
               "a user code that is shown can be typed");
  if (const auto names = engine::parse_scope(text); names && !names->empty())
    fuzz::must(engine::is_within(text, text), "a scope is within itself");
  fuzz::must(!engine::pkce_matches(text, Secret(text)), "a challenge is not its own verifier");
  if (const auto request = engine::read_pushed(text)) {
    const auto again = engine::read_pushed(engine::write_pushed(*request));
    fuzz::must(again && *again == *request, "a pushed request reads back");
  }
  if (const auto act = oauth2::act_claim("actor", text))
    fuzz::must(oauth2::current_actor(*act) == "actor", "who acts stands outside");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_signed(text);
  check_metadata(text);
  check_texts(text);
  return 0;
}
