#include "server/sandbox/between.h"

#include "server/sandbox/hostile.h"

namespace latchkey::server {
namespace {

/// What a refusal that the authority did not make looks like on this wire.
http::Response refusal(DialectCall& call, const Fault& fault, Instant now) {
  const Why why = fault.status == 429 ? Why::kTooMany : Why::kUnavailable;
  return call.encode(fail(why, "try again later", "a fault of the sandbox"), now);
}

/// How long the peer hears that it should wait; zero for a Retry-After that nobody can
/// read, or that does not arrive.
Seconds wait_in(const http::Response& response, const net::Delivery& how, Instant now) {
  if (how.way != net::Delivery::Way::kWhole) return Seconds{0};
  return http::retry_after(response.headers, now);
}

Outgoing silence(DialectCall& call, const Error& error, Instant now) {
  return call.encode(fail(Why::kUnavailable, "the ledger cannot be written", error.say), now);
}

}  // namespace

Outgoing Between::perform(DialectCall& call, const std::string& id, Instant now) {
  const engine::Operation* operation = call.asked();
  if (operation == nullptr) return call.perform(now);
  const engine::LocalAuthority& authority = call.realm().authority();
  const auto asked = books_.asked(authority, *operation);
  const auto fault = plan_.next(authority.realm().text, engine::name_of(*operation),
                                asked.whose.client.text, asked.whose.subject.text);
  if (!fault) return strike(call, asked, nullptr, id, now);
  if (!fault->before) return strike(call, asked, &*fault, id, now);
  if (fault->kind != FaultKind::kDelay) return prevent(call, asked, *fault, id, now);
  wait(fault->after);
  return strike(call, asked, &*fault, id, clock_.now());
}

Outgoing Between::prevent(DialectCall& call, const Bookkeeper::Asked& asked, const Fault& fault,
                          const std::string& id, Instant now) {
  http::Response response = refusal(call, fault, now);
  const net::Delivery how = spoil(fault, response);
  const Bookkeeper::Told told{id, name_of(fault.kind), wait_in(response, how, now)};
  if (const auto kept = books_.prevented(asked, told, now); !kept)
    return silence(call, kept.error(), now);
  return {std::move(response), how, told.fault};
}

Outgoing Between::strike(DialectCall& call, const Bookkeeper::Asked& asked, const Fault* fault,
                         const std::string& id, Instant now) {
  const auto result = call.ask(now);
  if (fault != nullptr && fault->kind == FaultKind::kRevoke)
    if (const auto ended = revoke(asked, result, now); !ended)
      return silence(call, ended.error(), now);
  const bool fails = fault != nullptr && fault->kind == FaultKind::kFail;
  http::Response response = fails ? refusal(call, *fault, now) : call.encode(result, now);
  const net::Delivery how = fault != nullptr ? spoil(*fault, response) : net::Delivery{};
  const Bookkeeper::Told told{id, fault != nullptr ? name_of(fault->kind) : "",
                              wait_in(response, how, now)};
  if (const auto kept = books_.performed(asked, result, told, now); !kept)
    return silence(call, kept.error(), now);
  return {std::move(response), how, told.fault};
}

/// Ends the family whose tokens are on their way.
Result<> Between::revoke(const Bookkeeper::Asked& asked, const Result<engine::Outcome>& result,
                         Instant now) {
  const Realm& realm = asked.authority.realm();
  const auto* tokens = result ? std::get_if<engine::TokenSet>(&*result) : nullptr;
  const Whose whose = tokens == nullptr
                          ? asked.whose
                          : whose_is(admin_.store(), admin_.keys(), realm, tokens->access_token);
  if (whose.family.empty()) return {};
  TRY(admin_.revoke_grant(realm, whose.family, "sandbox", now));
  return books_.revoked(
      {.realm = realm, .id = whose.family, .client = whose.client, .subject = whose.subject}, now);
}

void Between::wait(Seconds time) {
  std::unique_lock lock(mutex_);
  stopping_.wait_for(lock, time, [&] { return stopped_; });
}

void Between::stop() {
  std::scoped_lock lock(mutex_);
  stopped_ = true;
  stopping_.notify_all();
}

}  // namespace latchkey::server
