#pragma once

#include "base/json.h"
#include "engine/operations.h"
#include "http/message.h"

namespace latchkey::dialects::fastconnect {

/// One trading account of a client.
struct Account {
  std::string number;
  std::string type;  ///< "Cash", "Margin" or "Derivative"
  friend bool operator==(const Account&, const Account&) = default;
};

/// The attribute "accounts": "0011221:Cash 0011226:Margin".
std::vector<Account> accounts_of(const engine::Attributes& attributes);
std::string attribute_of(const std::vector<Account>& accounts);

/// What a protected call answers. nullopt: an empty result, which this wire
/// writes as `{"code":204,"msg":"No Content"}`. kForbidden for a client id that
/// is not the token's.
Result<std::optional<json::Value>> body_of(const engine::Use& asked, const engine::Used& used);

/// The value of that argument, or "".
std::string_view argument(const engine::Use& asked, std::string_view name);

}  // namespace latchkey::dialects::fastconnect
