#include "dialects/fastconnect/bodies.h"

#include "base/text.h"
#include "dialects/fastconnect/wire.h"

namespace latchkey::dialects::fastconnect {
namespace {

// A handful of listed companies: enough to tell a live token from a dead one.
struct Security {
  std::string_view symbol, board, name_vi, name_en;
};
constexpr Security kSecurities[] = {
    {"FPT", "HOSE", "CTCP FPT", "FPT Corporation"},
    {"SSI", "HOSE", "CTCP Chứng khoán SSI", "SSI Securities Corporation"},
    {"VNM", "HOSE", "CTCP Sữa Việt Nam", "Vietnam Dairy Products JSC"},
    {"PVS", "HNX", "Tổng CTCP Dịch vụ Kỹ thuật Dầu khí Việt Nam",
     "PetroVietnam Technical Services Corporation"},
    {"ACV", "UPCOM", "Tổng Công ty Cảng hàng không Việt Nam - CTCP",
     "Airports Corporation of Vietnam"},
};
constexpr int kLotSize = 100;

// [{"symbol":"FPT","board":"HOSE","symbolNameVi":"…","symbolNameEn":"…","lotSize":100}]
std::optional<json::Value> securities(const engine::Use& asked) {
  const auto symbol = argument(asked, "symbol");
  const auto board = argument(asked, "board");
  json::Array list;
  for (const Security& security : kSecurities) {
    if (!symbol.empty() && !equals_ignoring_case(symbol, security.symbol)) continue;
    if (!board.empty() && !equals_ignoring_case(board, security.board)) continue;
    list.push_back(json::Object{{"symbol", security.symbol},
                                {"board", security.board},
                                {"symbolNameVi", security.name_vi},
                                {"symbolNameEn", security.name_en},
                                {"lotSize", kLotSize}});
  }
  if (list.empty()) return std::nullopt;
  return json::Value(std::move(list));
}

// [{"accountNo":"0011221","accountType":"Cash"}]
std::optional<json::Value> account_info(const engine::Used& used) {
  json::Array list;
  for (const Account& account : accounts_of(used.who.attributes)) {
    list.push_back(json::Object{{"accountNo", account.number}, {"accountType", account.type}});
  }
  if (list.empty()) return std::nullopt;
  return json::Value(std::move(list));
}

json::Object balance_of(const Account& account, std::int64_t balance) {
  return json::Object{
      {"accountNo", account.number}, {"accountBalance", balance}, {"withdrawable", balance}};
}

bool is_derivative(const Account& account) { return account.type == "Derivative"; }

// {"equity":[{…},{…}],"derivatives":[{…}]}; of one account, as the SDK asks for
// it: {"equity":{…}} or {"derivative":{…}}
Result<std::optional<json::Value>> balance(const engine::Use& asked, const engine::Used& used) {
  const auto client = argument(asked, "clientId");
  if (!client.empty() && client != used.who.subject.text) {
    return fail(Why::kForbidden, "not the token's client");
  }
  const auto wanted = argument(asked, "accountNo");
  const auto balance = parse_int(engine::attribute(used.who.attributes, "balance")).value_or(0);
  json::Array equity, derivatives;
  for (const Account& account : accounts_of(used.who.attributes)) {
    if (wanted == account.number) {
      const char* section = is_derivative(account) ? "derivative" : "equity";
      return json::Value(json::Object{{section, balance_of(account, balance)}});
    }
    (is_derivative(account) ? derivatives : equity).push_back(balance_of(account, balance));
  }
  if (!wanted.empty()) return std::nullopt;
  return json::Value(
      json::Object{{"equity", std::move(equity)}, {"derivatives", std::move(derivatives)}});
}

}  // namespace

std::string_view argument(const engine::Use& asked, std::string_view name) {
  for (const auto& [key, value] : asked.arguments) {
    if (key == name) return value;
  }
  return {};
}

std::vector<Account> accounts_of(const engine::Attributes& attributes) {
  std::vector<Account> accounts;
  for (const std::string& word : split(engine::attribute(attributes, "accounts"), ' ')) {
    const auto colon = word.find(':');
    if (word.empty() || colon == std::string::npos) continue;
    accounts.push_back({word.substr(0, colon), word.substr(colon + 1)});
  }
  return accounts;
}

std::string attribute_of(const std::vector<Account>& accounts) {
  std::string text;
  for (const Account& account : accounts) {
    if (!text.empty()) text += ' ';
    text += account.number + ':' + account.type;
  }
  return text;
}

Result<std::optional<json::Value>> body_of(const engine::Use& asked, const engine::Used& used) {
  if (asked.resource == route_of(Endpoint::kAccountInfo).resource) return account_info(used);
  if (asked.resource == route_of(Endpoint::kSecurities).resource) return securities(asked);
  if (asked.resource == route_of(Endpoint::kBalance).resource) return balance(asked, used);
  return fail(Why::kUnsupported, "no such resource");
}

}  // namespace latchkey::dialects::fastconnect
