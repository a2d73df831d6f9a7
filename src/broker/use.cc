// What a profile's token is used for: headers, requests, asking whether it lives.

#include "broker/broker.h"
#include "broker/call.h"

namespace latchkey::broker {
namespace {

bool refuses_token(Why why) {
  return why == Why::kInvalidToken || why == Why::kExpired || why == Why::kRevoked ||
         why == Why::kBadCredentials || why == Why::kForbidden || why == Why::kReplayed;
}

}  // namespace

Result<http::Headers> Broker::headers(const Profile& profile, Seconds need) {
  const Handed handed = TRY(token(profile, need));
  return headers_of(profile, handed.token);
}

Result<http::Headers> Broker::headers_of(const Profile& profile, const Secret& token) {
  const Entry entry = TRY(load(profile));
  if (!entry.proof_key.empty()) return fail(bound_to_key(profile));
  const auto answers = TRY(gather(profile, {}, entry, For::kCarrying, nullptr));
  return profile.dialect->token_headers(answers, token);
}

Result<engine::Validation> Broker::validate(const Profile& profile) {
  Entry entry = TRY(load(profile));
  if (entry.access_token.empty() && entry.logged_in != Instant{})
    return engine::Validation{.valid = false, .why_not = Why::kRevoked};  // known since bury()
  if (entry.access_token.empty())
    return fail(Why::kPersonNeeded,
                profile.name.text + " is not logged in; run: " + login_command(profile));
  auto answers = TRY(gather(profile, {}, entry, For::kRenewal, nullptr));
  Call call = TRY(open_call(profile, entry, std::move(answers), Described::kOnce));
  if (call.traits().can_validate && alive(entry.parent_token, entry.parent_until, now())) {
    auto told = expect<engine::Validation>(
        call.perform(engine::Validate{entry.parent_token, entry.access_token}, now()));
    if (told && !told->valid) TRY(bury(profile, entry.access_token));
    // Is the one who asks refused? That says nothing about the other token.
    if (told || !refuses_token(told.error().why)) return told;
  }

  const auto proofs = TRY(profile.dialect->proofs(call.answers, entry.access_token));
  Result<engine::Validation> validation = fail(Why::kUnsupported);
  for (const auto& proof : proofs) {
    validation = proven(call, proof, entry);
    if (validation || validation.error().why != Why::kUnsupported) break;
  }
  if (validation && !validation->valid) TRY(bury(profile, entry.access_token));
  return validation;
}

Result<engine::Validation> Broker::proven(Call& call, const engine::Operation& proof,
                                          const Entry& entry) {
  const bool at_api = call.codec->origin(proof).empty();
  auto outcome =
      at_api ? call.reached(RemoteAuthority(*call.codec, call.api_client()).perform(proof, now()))
             : call.perform(proof, now());
  engine::Validation validation{.valid = outcome.has_value(), .until = entry.access_until};
  if (outcome) {
    const auto* told = std::get_if<engine::Introspection>(&*outcome);
    if (told == nullptr) return validation;
    validation.valid = told->active;
    if (told->until) validation.until = told->until;
    return validation;
  }
  const Why why = outcome.error().why;
  // Here it is not the token that is judged, or not only.
  const bool about_client = std::holds_alternative<engine::Introspect>(proof);
  const bool about_scope =
      std::holds_alternative<engine::UserInfo>(proof) && why == Why::kForbidden;
  if (!refuses_token(why) || about_client || about_scope) return fail(std::move(outcome).error());
  validation.why_not = why;
  return validation;
}

Result<http::Response> Broker::send(const Profile& profile, const Secret& token,
                                    const http::Request& request) {
  Entry entry = TRY(load(profile));
  auto answers = TRY(gather(profile, {}, entry, For::kRenewal, nullptr));
  Call call = TRY(open_call(profile, entry, std::move(answers), Described::kNo));
  const http::Request dressed = TRY(profile.dialect->dress(call.answers, token, request));
  for (int tries = 1;; ++tries) {
    const http::Request sent = TRY(prove(profile, entry, token, dressed));
    auto response = call.reached(call.api_client().send(sent));
    if (response) hear(profile, response->headers);
    const bool again = response && !entry.proof_key.empty() && wants_nonce(*response);
    if (!again || tries == kMostProofs) return response;
  }
}

Result<http::Request> Broker::prove(const Profile& profile, const Entry& entry, const Secret& token,
                                    http::Request request) {
  const auto* issuer = profile.dialect->issuer();
  if (entry.proof_key.empty() || issuer == nullptr) return request;
  const auto nonce = nonces_.find(profile.api_url);
  return issuer->prove(std::move(request),
                       {.key = entry.proof_key,
                        .token = token,
                        .url = profile.api_url,
                        .nonce = nonce == nonces_.end() ? std::string_view() : nonce->second,
                        .at = now()});
}

void Broker::hear(const Profile& profile, const http::Headers& answer) {
  auto nonce = nonce_in(answer);
  if (!nonce.empty()) nonces_[profile.api_url] = std::move(nonce);
}

Result<http::Request> Broker::dress(const Profile& profile, const Secret& token,
                                    http::Request request) {
  const Entry entry = TRY(load(profile));
  // Only a body may need a secret that is elsewhere, to be sealed with it.
  const For purpose = request.body.empty() ? For::kCarrying : For::kRenewal;
  const auto answers = TRY(gather(profile, {}, entry, purpose, nullptr));
  auto dressed = TRY(profile.dialect->dress(answers, token, std::move(request)));
  return prove(profile, entry, token, std::move(dressed));
}

Result<http::Response> Broker::request(const Profile& profile, const http::Request& request,
                                       bool validate_first) {
  Handed handed = TRY(lend(profile, profile.live_for));
  bool alive_there = true;
  if (validate_first) {
    const auto validation = TRY(validate(profile));
    alive_there = validation.valid;
  }
  if (alive_there) {
    auto response = TRY(send(profile, handed.token, request));
    if (response.status != 401) return response;
    const Entry entry = TRY(load(profile));
    // Of a login that came meanwhile, the proof was by its key.
    const bool newest = entry.access_token == handed.token;
    if (newest && blames_proof(response)) return response;
    TRY(bury(profile, handed.token));
  }
  handed = TRY(lend(profile, profile.live_for));
  return send(profile, handed.token, request);
}

Result<> Broker::revoke(const Profile& profile) {
  // What is ended must be the newest, and nobody may renew it meanwhile.
  TRY(hold(profile));
  const LetGo at_end(lease_);
  Entry entry = TRY(load(profile));
  if (entry.access_token.empty() && entry.refresh_token.empty())
    return fail(Why::kPersonNeeded, profile.name.text + " is not logged in");
  auto answers = TRY(gather(profile, {}, entry, For::kRenewal, nullptr));
  Call call = TRY(open_call(profile, entry, std::move(answers), Described::kOnce));
  Result<engine::Outcome> outcome = engine::Done{};
  // Not every provider ends the access tokens together with the refresh token.
  for (const Secret* token : {&entry.refresh_token, &entry.access_token})
    if (outcome && !token->empty())
      outcome = call.perform(profile.dialect->revocation(call.answers, *token), now());
  if (!outcome && outcome.error().why == Why::kUnsupported)
    return fail(Why::kUnsupported,
                std::string(call.traits().title) +
                    " has no call that ends a token; to forget it here run: latchkey logout " +
                    profile.name.text);
  if (!outcome) return fail(std::move(outcome).error());
  return {};
}

}  // namespace latchkey::broker
