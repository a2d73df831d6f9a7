// The C interface: tokens and requests.

#include "client/abi_guard.h"

using namespace latchkey;
using namespace latchkey::client;

namespace {

// A handle of a token is one owner of it.
latchkey_token* handle_of(Ref<Issued> issued) {
  return reinterpret_cast<latchkey_token*>(const_cast<Issued*>(issued.give_up()));
}
const Issued& issued_of(const latchkey_token* token) {
  return *reinterpret_cast<const Issued*>(token);
}

// Kept out of the way of what is in memory.
[[gnu::noinline]] int get(latchkey_ring* ring, const char* profile, latchkey_token** token,
                          latchkey_error** error, Question::Kind kind, int64_t need,
                          int64_t timeout_ms) noexcept {
  return asked(ring, profile, error, [&](Ring& here, Desk& desk) -> Outcome {
    auto outcome = here.ask({.kind = kind,
                             .desk = &desk,
                             .need = here.need_of(desk, need),
                             .patience = here.patience_of(timeout_ms)});
    if (outcome) *token = handle_of(std::move(outcome->token));
    return outcome;
  });
}

/// In memory, in this process: the way that must not cost anything.
Ref<Issued> recalled(const latchkey_ring& ring, const char* profile, int64_t need) {
  const Ring& known = *ring.opened.load(std::memory_order_acquire);
  if (known.home() != fork_count()) return {};
  const Desk* desk = known.find(profile);
  if (desk == nullptr) return {};
  return known.recall(*desk, need < 0 ? desk->profile.live_for.count() : need);
}

void call_back(latchkey_callback callback, void* context, Outcome outcome) {
  if (outcome) return callback(context, LATCHKEY_OK, handle_of(std::move(outcome->token)), nullptr);
  latchkey_error* error = nullptr;
  const int code = told(outcome.error(), &error);
  callback(context, code, nullptr, error);
}

}  // namespace

int latchkey_get_token(latchkey_ring* ring, const char* profile, int64_t need_seconds,
                       int64_t timeout_ms, latchkey_token** token, latchkey_error** error) {
  if (token == nullptr) return guarded(error, [] { return usage("latchkey_get_token: null"); });
  if (ring != nullptr && profile != nullptr) {
    if (auto known = recalled(*ring, profile, need_seconds)) [[likely]] {
      if (error != nullptr) *error = nullptr;
      *token = handle_of(std::move(known));
      return LATCHKEY_OK;
    }
  }
  *token = nullptr;
  return get(ring, profile, token, error, Question::Kind::kToken, need_seconds, timeout_ms);
}

int latchkey_refresh(latchkey_ring* ring, const char* profile, int64_t timeout_ms,
                     latchkey_token** token, latchkey_error** error) {
  if (token == nullptr) return guarded(error, [] { return usage("latchkey_refresh: null"); });
  *token = nullptr;
  return get(ring, profile, token, error, Question::Kind::kRefresh, LATCHKEY_USUAL_NEED,
             timeout_ms);
}

int latchkey_invalidate(latchkey_ring* ring, const char* profile, const latchkey_token* refused,
                        int64_t timeout_ms, latchkey_error** error) {
  return asked(ring, profile, error, [&](Ring& here, Desk& desk) -> Outcome {
    if (refused == nullptr) return usage("latchkey_invalidate: which token?");
    const Secret dead = issued_of(refused).secret();
    if (const auto known = desk.memory.take(); known && known->is(dead)) desk.memory.drop(known);
    return here.ask({.kind = Question::Kind::kInvalidate,
                     .desk = &desk,
                     .patience = here.patience_of(timeout_ms),
                     .refused = dead});
  });
}

const char* latchkey_token_text(const latchkey_token* token) {
  return issued_of(token).text().c_str();
}
size_t latchkey_token_size(const latchkey_token* token) { return issued_of(token).text().size(); }
int64_t latchkey_token_until(const latchkey_token* token) { return issued_of(token).until(); }
const char* latchkey_token_warning(const latchkey_token* token) {
  return issued_of(token).warning().c_str();
}
size_t latchkey_token_headers(const latchkey_token* token) {
  return issued_of(token).headers().size();
}
const char* latchkey_token_header_name(const latchkey_token* token, size_t at) {
  const auto& headers = issued_of(token).headers();
  return at < headers.size() ? headers[at].name.c_str() : nullptr;
}
const char* latchkey_token_header_value(const latchkey_token* token, size_t at) {
  const auto& headers = issued_of(token).headers();
  return at < headers.size() ? headers[at].value.c_str() : nullptr;
}
latchkey_token* latchkey_token_copy(const latchkey_token* token) {
  issued_of(token).hold();
  return const_cast<latchkey_token*>(token);
}
void latchkey_token_free(latchkey_token* token) {
  if (token != nullptr) issued_of(token).release();
}

int latchkey_request_token(latchkey_ring* ring, const char* profile, int64_t need_seconds,
                           int64_t timeout_ms, latchkey_callback callback, void* context,
                           latchkey_request** request, latchkey_error** error) {
  if (request != nullptr) *request = nullptr;
  return asked(ring, profile, error, [&](Ring& here, Desk& desk) -> Outcome {
    if (callback == nullptr) return usage("latchkey_request_token: whom to call back?");
    // Made first: once there is a question there will be a callback.
    auto handle = std::make_unique<latchkey_request>(latchkey_request{here.home(), nullptr});
    handle->question = here.ask_later(
        {.kind = Question::Kind::kToken,
         .desk = &desk,
         .need = here.need_of(desk, need_seconds),
         .patience = here.patience_of(timeout_ms)},
        [callback, context](Outcome outcome) { call_back(callback, context, std::move(outcome)); });
    if (!handle->question)
      return std::unexpected(Failure{kTryLater, "no thread can be started", {}});
    if (request != nullptr) *request = handle.release();
    return Answer{};
  });
}

void latchkey_cancel(latchkey_request* request) {
  // In a forked child it is the parent's.
  if (request != nullptr && request->home == fork_count()) cancel(request->question);
}

void latchkey_request_free(latchkey_request* request) { delete request; }
