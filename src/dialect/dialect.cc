#include "dialect/dialect.h"

namespace latchkey::dialect {

std::string_view answer(const Answers& answers, std::string_view name) {
  const auto found = answers.find(name);
  return found == answers.end() ? std::string_view{} : found->second.reveal();
}

engine::Refresh Dialect::refresh(const Answers& answers, const Secret& refresh_token) const {
  engine::Refresh refresh;
  refresh.refresh_token = refresh_token;
  refresh.client = {ClientId(answer(answers, "client_id")),
                    Secret(answer(answers, "client_secret"))};
  refresh.partner = answer(answers, "partner_code");
  return refresh;
}

engine::Revoke Dialect::revocation(const Answers& answers, const Secret& token) const {
  engine::Revoke revoke;
  revoke.token = token;
  revoke.client = {ClientId(answer(answers, "client_id")),
                   Secret(answer(answers, "client_secret"))};
  return revoke;
}

Result<http::Request> Dialect::dress(const Answers& answers, const Secret& token,
                                     http::Request request) const {
  for (const auto& [name, value] : token_headers(answers, token)) request.headers.set(name, value);
  return request;
}

Result<engine::Operation> Dialect::proof(const Answers&, const Secret&) const {
  return fail(Why::kUnsupported,
              std::string(traits().title) + " has no call that only proves a token");
}

Result<std::vector<engine::Operation>> Dialect::proofs(const Answers& answers,
                                                       const Secret& token) const {
  auto only = TRY(proof(answers, token));
  return std::vector<engine::Operation>{std::move(only)};
}

}  // namespace latchkey::dialect
