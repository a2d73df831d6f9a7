#pragma once

#include "dialect/dialect.h"
#include "dialect/issuer.h"

namespace latchkey::dialects::oauth2 {

// What a broker's profile says of itself, and what follows from it: the client's half
// of facts.cc.

std::span<const dialect::Setting> client_settings();
std::span<const dialect::Question> client_questions();
bool client_requires(const dialect::Question&, const dialect::Settings&);

/// `facts` as these settings have it: whether a person is needed, and what a renewal
/// does to the refresh token. Nobody knows that of an issuer, so what "learn" assumes is
/// the worst: it is good for one use.
dialect::Traits client_traits(dialect::Traits facts, const dialect::Settings&);

/// By "flow": an Authorize, an AuthorizeDevice, or ClientCredentials. kUsage naming
/// what is missing, or what is wrong with the client's key.
Result<engine::Operation> client_login(const dialect::Settings&, const dialect::Answers&);
engine::Refresh client_refresh(const dialect::Answers&, const Secret& refresh_token);
/// Introspection where there is a secret or a key to authenticate with, then userinfo.
std::vector<engine::Operation> client_proofs(const dialect::Answers&, const Secret& token);

/// Any issuer, by what it says of itself; `wire` makes the codec of the standard wire.
const dialect::Issuer& issuer();

}  // namespace latchkey::dialects::oauth2
