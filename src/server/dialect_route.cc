#include "server/dialect_route.h"

#include <algorithm>
#include <exception>

namespace latchkey::server {
namespace {

constexpr std::chrono::seconds kComeBack{1};

/// Runs `f`; an exception becomes an error, because none may cross this line.
template <class F>
auto guarded(F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception& e) {
    return fail(Why::kBug, "", e.what());
  } catch (...) {
    return fail(Why::kBug, "", "an exception that is none of the library's");
  }
}

struct LaneOf {
  Lane operator()(const engine::Validate&) const { return Lane::kHere; }
  Lane operator()(const engine::ListOrganizations&) const { return Lane::kHere; }
  Lane operator()(const engine::ListOperators&) const { return Lane::kHere; }
  Lane operator()(const engine::Refresh& asked) const {
    return engine::LocalAuthority::can_begin(asked) ? Lane::kLater : Lane::kCommit;
  }
  Lane operator()(const engine::Use& use) const {
    return use.note || use.dpop ? Lane::kCommit : Lane::kHere;
  }
  // A signed statement is good once: that waits for the disk.
  Lane operator()(const engine::Introspect& asked) const {
    return asked.client.assertion ? Lane::kCommit : Lane::kHere;
  }
  Lane operator()(const engine::UserInfo& asked) const {
    return asked.dpop ? Lane::kCommit : Lane::kHere;
  }
  Lane operator()(const auto&) const { return Lane::kCommit; }
};

}  // namespace

Lane lane_of(const engine::Policy& policy, const engine::Operation& operation) {
  return engine::is_slow(policy, operation) ? Lane::kSlow : std::visit(LaneOf{}, operation);
}

DialectCall::DialectCall(const ServedRealm& realm, http::Request request)
    : realm_(realm), request_(std::move(request)) {
  operation_ = guarded([&] { return realm_.codec().decode_request(request_); });
}

Lane DialectCall::lane() const {
  if (!operation_->has_value()) return Lane::kHere;
  return lane_of(realm_.authority().policy(), **operation_);
}

const char* DialectCall::operation() const {
  return operation_->has_value() ? engine::name_of(**operation_) : "";
}

const engine::Operation* DialectCall::asked() const {
  return operation_->has_value() ? &**operation_ : nullptr;
}

http::Response DialectCall::perform(Instant now) { return encode(ask(now), now); }

Result<engine::Outcome> DialectCall::ask(Instant now) {
  if (!operation_->has_value()) return fail(operation_->error());
  return guarded(
      [&] { return realm_.authority().perform_for({request_.peer}, **operation_, now); });
}

Result<std::unique_ptr<engine::Begun>> DialectCall::begin(Instant now) {
  return guarded([&] { return realm_.authority().begin(**operation_, now, {request_.peer}); });
}

http::Response DialectCall::end(engine::Begun& begun, const Result<>& committed, Instant now) {
  if (!committed) return encode(fail(committed.error()), now);
  return encode(guarded([&] { return begun.finish(); }), now);
}

http::Response DialectCall::turn_away(Instant now) {
  Error busy{Why::kUnavailable, "busy, try again", "the queue is full"};
  busy.retry_after = kComeBack;
  return encode(fail(std::move(busy)), now);
}

http::Response DialectCall::encode(Result<engine::Outcome> result, Instant now) {
  if (!result) {
    error_ = result.error();
    // A store that is busy, full, broken or gone is a reason to come back, never a refusal.
    // SQLite says of pages that it cannot read that they are malformed: damage is told alike.
    Error& told = result.error();
    if (told.why == Why::kStore) told.why = Why::kUnavailable;
    if (told.why == Why::kUnavailable) told.retry_after = std::max(kComeBack, told.retry_after);
  }
  const auto* tokens = result ? std::get_if<engine::TokenSet>(&*result) : nullptr;
  const Instant as_of = tokens != nullptr ? tokens->first_given.value_or(now) : now;
  const dialect::Asked asked{request_, this->asked(), as_of};
  auto response = guarded(
      [&]() -> Result<http::Response> { return realm_.codec().encode_reply(asked, result); });
  if (response) return std::move(*response);
  error_ = response.error();
  return {.status = 500};
}

}  // namespace latchkey::server
