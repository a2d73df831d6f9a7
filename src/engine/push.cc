#include "crypto/random.h"
#include "engine/local_authority.h"
#include "engine/pushed_form.h"
#include "engine/standard.h"

// Authorization requests that are handed in beforehand (RFC 9126).

namespace latchkey::engine {
namespace {

constexpr std::string_view kPrefix = "urn:ietf:params:oauth:request_uri:";
constexpr std::size_t kRequestBytes = 32;
constexpr int kMostPushed = 5000;  // of one client, in the life of a request

std::unexpected<Error> unknown_request() {
  return fail(Why::kMalformed, "the request_uri is unknown, used or over");
}

// RFC 9449 section 10.1: a proof says what dpop_jkt says.
Result<Authorize> bound_request(const PushAuthorization& asked) {
  Authorize request = asked.asked;
  const std::string key = key_of(asked.dpop);
  if (key.empty()) return request;
  if (!request.thumbprint.empty() && request.thumbprint != key) {
    return fail(Why::kMalformed, "dpop_jkt is of another key than the DPoP proof");
  }
  request.thumbprint = key;
  return request;
}

}  // namespace

Result<Outcome> LocalAuthority::push_authorization(const PushAuthorization& asked, Instant now) {
  if (!policy_.standard.pushed) return fail(Why::kUnsupported, "requests are not pushed here");
  if (!asked.asked.request_uri.empty() || asked.asked.client != asked.client.id) {
    return fail(Why::kMalformed, "a pushed request is the client's own, and whole");
  }
  const Authorize request = TRY(bound_request(asked));
  const Secret tail = crypto::random_base64url(kRequestBytes);
  const std::string uri = std::string(kPrefix) + std::string(tail.reveal());
  const PushedRequest row{.realm = realm_,
                          .hash = keys_.hash_of(Secret(uri)),
                          .client = asked.client.id,
                          .request = write_pushed(request),
                          .until = expiry(now, Lifetime{policy_.standard.pushed_lifetime})};
  const auto check = [&](Tx& tx) -> Result<> {
    const auto client =
        TRY(check_client_for(tx, keys_, realm_, asked.client, "authorization_code"));
    TRY(redirect_for(*client, request.redirect_uri));
    return may_authorize(policy_, *client, request);
  };
  TRY(store_.read(check));
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    TRY(check(tx));
    const Seconds window = policy_.standard.pushed_lifetime;
    const int pushed = TRY(tx.count(realm_, "pushed " + asked.client.id.text, now, window));
    if (pushed > kMostPushed) return fail(Error{Why::kTooMany, "slow down", {}, window});
    return tx.put_pushed(row);
  }));
  return Pushed{.request_uri = uri, .until = row.until};
}

// It stays good while the person logs in and consents: the code spends it.
Result<Authorize> LocalAuthority::whole_request(const Authorize& asked, Instant now) {
  if (asked.request_uri.empty()) {
    if (policy_.standard.pushed_only) return fail(Why::kMalformed, "a request_uri is needed");
    return asked;
  }
  if (!policy_.standard.pushed) return fail(Why::kMalformed, "requests are not pushed here");
  const Hash hash = keys_.hash_of(Secret(asked.request_uri));
  const auto row = TRY(store_.read([&](Tx& tx) { return tx.pushed(realm_, hash); }));
  const bool good = row && row->client == asked.client && !row->spent && now < row->until;
  if (!good) return unknown_request();
  Authorize request = TRY(read_pushed(row->request));
  request.client = asked.client;
  request.request_uri = asked.request_uri;
  return request;
}

// checklist 15: of many consents to one request, one gives a code.
Result<> LocalAuthority::spend_request(Tx& tx, const Authorize& asked, Instant now) {
  if (asked.request_uri.empty()) {
    if (policy_.standard.pushed_only) return fail(Why::kMalformed, "a request_uri is needed");
    return {};
  }
  const Hash hash = keys_.hash_of(Secret(asked.request_uri));
  const auto row = TRY(tx.pushed(realm_, hash));
  if (!row || row->client != asked.client || now >= row->until) return unknown_request();
  const Authorize request = TRY(read_pushed(row->request));
  Authorize same = asked;
  same.client = {};
  same.request_uri = {};
  if (request != same) return fail(Why::kBug, "", "a pushed request that was changed");
  const Spend spend = TRY(tx.spend_pushed(realm_, hash, now));
  if (spend != Spend::kSpent) return unknown_request();
  return {};
}

}  // namespace latchkey::engine
