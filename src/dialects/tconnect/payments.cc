#include "dialects/tconnect/payments.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::dialects::tconnect {
namespace {

constexpr Seconds kVietnam{7 * 3600};
constexpr std::string_view kReference = "LK";
constexpr std::int64_t kMostPaid = 1'000'000'000'000'000;  // a sum that stays an integer everywhere

// What a code's picture would be; a program that shows it draws qr_content.
constexpr std::string_view kOneWhitePixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR42mNo"
    "AAAAggCB2kUIOwAAAABJRU5ErkJggg==";

std::string text_of(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr || value->as_string() == nullptr ? std::string() : *value->as_string();
}

std::int64_t number_of(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr || value->as_int() == nullptr ? 0 : *value->as_int();
}

// {"request_id":"…","order_id":"…","acc_no":"…","bincode":"…","status":"SUCCESS","amount":10000,
//  "trn_ref_no":"LK7","narrative":"…","txn_init_dt":"2026-01-07 10:00:00"}
json::Object transaction(const engine::Note& note, const Payment& payment) {
  return json::Object{{"request_id", payment.request_id},
                      {"order_id", payment.order_id},
                      {"acc_no", payment.account},
                      {"bincode", payment.bank},
                      {"status", "SUCCESS"},
                      {"amount", payment.amount},
                      {"trn_ref_no", std::string(kReference) + std::to_string(note.number)},
                      {"narrative", "Thanh toan " + payment.order_id},
                      {"txn_init_dt", to_local(note.at)}};
}

// One tag, its length in two digits, its value.
std::string tag(std::string_view id, std::string_view value) {
  const std::size_t size = std::min<std::size_t>(value.size(), 99);
  const std::string length = std::to_string(size);
  return std::string(id) + (size < 10 ? "0" : "") + length + std::string(value.substr(0, size));
}

// CRC-16/CCITT-FALSE, as EMVCo closes a code with.
std::string checksum(std::string_view text) {
  unsigned crc = 0xFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
      crc &= 0xFFFF;
    }
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string hex;
  for (const int shift : {12, 8, 4, 0}) hex += kDigits[(crc >> shift) & 0xF];
  return hex;
}

}  // namespace

std::string note_of(const Payment& payment) {
  return json::write(json::Object{{"req_id", payment.request_id},
                                  {"order_id", payment.order_id},
                                  {"va", payment.account},
                                  {"bincode", payment.bank},
                                  {"amount", payment.amount}});
}

std::optional<Payment> payment_of(std::string_view note) {
  const auto value = json::parse(note);
  const json::Object* object = value ? value->as_object() : nullptr;
  if (object == nullptr) return std::nullopt;
  return Payment{text_of(*object, "req_id"), text_of(*object, "order_id"), text_of(*object, "va"),
                 text_of(*object, "bincode"), number_of(*object, "amount")};
}

std::string to_local(Instant at) {
  std::string text = to_rfc3339(at + kVietnam);
  text[10] = ' ';
  return text.substr(0, 19);
}

std::optional<Instant> parse_local(std::string_view text) {
  if (text.size() != 19 || text[10] != ' ') return std::nullopt;
  std::string standard(text);
  standard[10] = 'T';
  return parse_rfc3339(standard + "+07:00");
}

std::string_view argument(const engine::Use& asked, std::string_view name) {
  for (const auto& [key, value] : asked.arguments) {
    if (key == name) return value;
  }
  return {};
}

Payment payment_asked(const engine::Use& asked) {
  return {std::string(argument(asked, "req_id")), std::string(argument(asked, "order_id")),
          std::string(argument(asked, "va")), std::string(argument(asked, "bincode")),
          parse_int(argument(asked, "amount")).value_or(0)};
}

std::string qr_content(const Payment& payment) {
  const std::string bank = tag("00", payment.bank) + tag("01", payment.account);
  const std::string account = tag("00", "A000000727") + tag("01", bank) + tag("02", "QRIBFTTA");
  std::string text = tag("00", "01") + tag("01", payment.amount > 0 ? "12" : "11");
  text += tag("38", account) + tag("53", "704");
  if (payment.amount > 0) text += tag("54", std::to_string(payment.amount));
  text += tag("58", "VN") + tag("62", tag("08", payment.order_id)) + "6304";
  return text + checksum(text);
}

// {"message":"SUCCESS","page":1,"limit":10,"total":2,"transactions":[{…},{…}]}
json::Value list_body(const engine::Use& asked, std::span<const engine::Note> notes) {
  const auto from = parse_local(argument(asked, "from_date"));
  const auto to = parse_local(argument(asked, "to_date"));
  const auto asked_limit = parse_int(argument(asked, "limit")).value_or(10);
  const auto limit = std::clamp<std::int64_t>(asked_limit, 1, kMostAtOnce);
  const auto page = std::max<std::int64_t>(parse_int(argument(asked, "page")).value_or(1), 1);
  std::int64_t total = 0;
  json::Array list;
  for (const engine::Note& note : notes) {
    const auto payment = payment_of(note.text);
    if (!payment || payment->amount <= 0) continue;
    if ((from && note.at < *from) || (to && note.at > *to)) continue;
    const bool on_page = total / limit == page - 1;
    if (on_page) list.push_back(transaction(note, *payment));
    ++total;
  }
  return json::Object{{"message", "SUCCESS"},
                      {"page", page},
                      {"limit", limit},
                      {"total", total},
                      {"transactions", std::move(list)}};
}

// {"message":"SUCCESS","tx_data":{"order_id":"…","acc_no":"…","total_amount_paid":10000,
//  "transactions":[{…}]}}
json::Value status_body(const engine::Use& asked, std::span<const engine::Note> notes) {
  const auto order = argument(asked, "order_id");
  std::string account(argument(asked, "acc_no"));
  std::int64_t paid = 0;
  json::Array list;
  for (const engine::Note& note : notes) {
    const auto payment = payment_of(note.text);
    if (!payment || payment->amount <= 0 || payment->order_id != order) continue;
    if (!account.empty() && payment->account != account) continue;
    if (account.empty()) account = payment->account;
    paid = std::min(paid, kMostPaid - payment->amount) + payment->amount;
    list.push_back(transaction(note, *payment));
  }
  return json::Object{{"message", "SUCCESS"},
                      {"tx_data", json::Object{{"order_id", order},
                                               {"acc_no", account},
                                               {"total_amount_paid", paid},
                                               {"transactions", std::move(list)}}}};
}

// {"image_png_base64":"iVBOR…","qr_content":"000201…"}
json::Value qr_body(const engine::Use& asked) {
  return json::Object{{"image_png_base64", kOneWhitePixel},
                      {"qr_content", qr_content(payment_asked(asked))}};
}

std::vector<engine::Note> notes_in(const json::Value& body) {
  const json::Object* object = body.as_object();
  const json::Value* status = object == nullptr ? nullptr : object->find("tx_data");
  if (status != nullptr) object = status->as_object();
  const json::Value* list = object == nullptr ? nullptr : object->find("transactions");
  std::vector<engine::Note> notes;
  if (list == nullptr || list->as_array() == nullptr) return notes;
  for (const json::Value& item : *list->as_array()) {
    const json::Object* entry = item.as_object();
    if (entry == nullptr) continue;
    const std::string reference = text_of(*entry, "trn_ref_no");
    const auto at = parse_local(text_of(*entry, "txn_init_dt"));
    const Payment payment{text_of(*entry, "request_id"), text_of(*entry, "order_id"),
                          text_of(*entry, "acc_no"), text_of(*entry, "bincode"),
                          number_of(*entry, "amount")};
    if (!at) continue;
    const bool ours = reference.starts_with(kReference);
    const auto number = ours ? parse_int(reference.substr(kReference.size())) : std::nullopt;
    notes.push_back({.number = number.value_or(0), .at = *at, .text = note_of(payment)});
  }
  return notes;
}

}  // namespace latchkey::dialects::tconnect
