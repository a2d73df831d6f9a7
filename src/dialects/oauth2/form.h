#pragma once

#include "dialects/oauth2/wire.h"

namespace latchkey::dialects::oauth2 {

/// A request of a client at one of our endpoints: what it says, and who it is.
struct Reader::Form {
  http::Pairs pairs;
  engine::ClientKey client;
  std::optional<engine::DpopProof> proof;
};

std::unexpected<Error> malformed(std::string say);
/// The parameter's text, or "".
std::string text_of(const http::Pairs& pairs, std::string_view name);
/// Every value of it that is not empty.
std::vector<std::string> all_of(const http::Pairs& pairs, std::string_view name);
/// kMalformed when it is missing, too long or not plain.
Result<Secret> secret_in(const http::Pairs& form, const char* name);
/// RFC 8707: absolute URIs without a fragment; kNotFound for what is none.
Result<std::vector<std::string>> resources_in(const http::Pairs& pairs);

}  // namespace latchkey::dialects::oauth2
