#pragma once

#include <span>

#include "base/json.h"
#include "engine/operations.h"

namespace latchkey::dialects::tconnect {

// The sandbox's payments: a QR code that was made counts as paid at once, so that
// the calls that a token is for have something to show.

/// The notebook in which an account's payments are kept.
inline constexpr std::string_view kNotebook = "qr";
inline constexpr std::int64_t kMostAtOnce = 100;  ///< of a page of the list

/// One payment as a note keeps it.
struct Payment {
  std::string request_id, order_id, account, bank;
  std::int64_t amount = 0;  ///< 0: a code without an amount; nobody has paid
  friend bool operator==(const Payment&, const Payment&) = default;
};
std::string note_of(const Payment& payment);
std::optional<Payment> payment_of(std::string_view note);

/// "2026-01-07 23:59:59" in Vietnam (UTC+7, no summer time), and back; nullopt
/// for anything looser.
std::string to_local(Instant at);
std::optional<Instant> parse_local(std::string_view text);

/// The value of that argument, or "".
std::string_view argument(const engine::Use& asked, std::string_view name);
/// The payment that a call's arguments ask for.
Payment payment_asked(const engine::Use& asked);

/// What an NAPAS QR code says (EMVCo merchant presented mode): the bank, the
/// account, the amount and the order.
std::string qr_content(const Payment& payment);

json::Value list_body(const engine::Use& asked, std::span<const engine::Note> notes);
json::Value status_body(const engine::Use& asked, std::span<const engine::Note> notes);
json::Value qr_body(const engine::Use& asked);

/// The notes in a list or status reply; items that are not of this wire are left out.
std::vector<engine::Note> notes_in(const json::Value& body);

}  // namespace latchkey::dialects::tconnect
