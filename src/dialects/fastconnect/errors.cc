#include "dialects/fastconnect/errors.h"

#include <array>
#include <span>

#include "base/text.h"

namespace latchkey::dialects::fastconnect {
namespace {

struct Spelling {
  int status;
  std::int64_t code;
};

Spelling plain(int status) { return {status, status}; }

// What every endpoint says in the same words.
Spelling spell_common(Why why, const Manner& manner) {
  switch (why) {
    case Why::kMalformed: return plain(400);
    case Why::kUnsupported:
    case Why::kNotFound: return plain(404);
    case Why::kConflict: return plain(409);
    case Why::kBadCredentials: return plain(401);
    case Why::kOtpRequired: return {400, 400103};
    case Why::kOtpWrong: return {401, 401100};
    case Why::kPending: return {manner.pending_status, 401114};
    case Why::kDeclined: return {401, 401115};
    case Why::kForbidden: return {403, 403100};
    case Why::kInvalidToken:
    case Why::kExpired:
    case Why::kRevoked:
    case Why::kReplayed: return plain(401);
    case Why::kTooMany: return plain(429);
    case Why::kUnavailable: return plain(503);
    case Why::kPersonNeeded:
    case Why::kUnknownName:
    case Why::kPolicy:
    case Why::kStore:
    case Why::kNoAnswer:
    case Why::kLostRotation:
    case Why::kBadResponse:
    case Why::kUsage:
    case Why::kBug: return plain(500);
  }
  return plain(500);
}

// Where an endpoint says it in its own words.
struct Own {
  Why why;
  Spelling spelling;
};

// POST /api/v3/auth/token
constexpr Own kTokenOwn[] = {
    {Why::kBadCredentials, {401, 401105}}, {Why::kNotFound, {400, 400101}},
    {Why::kExpired, {401, 401100}},        {Why::kInvalidToken, {401, 401105}},
    {Why::kRevoked, {401, 401105}},        {Why::kReplayed, {401, 401105}},
    {Why::kForbidden, {400, 400101}},      {Why::kConflict, {400, 400102}},
};

// ... with a transactionId
constexpr Own kPushOwn[] = {
    {Why::kBadCredentials, {401, 401105}}, {Why::kNotFound, {401, 401113}},
    {Why::kForbidden, {401, 401116}},      {Why::kExpired, {401, 401115}},
    {Why::kInvalidToken, {401, 401113}},   {Why::kRevoked, {401, 401113}},
    {Why::kReplayed, {401, 401113}},       {Why::kConflict, {400, 400102}},
};

// ... with both an otp and a transactionId
constexpr Own kTokenUnreadOwn[] = {{Why::kConflict, {400, 400102}},
                                   {Why::kUnsupported, {405, 405}}};

// POST /api/v3/auth/requestOtp
constexpr Own kRequestOtpOwn[] = {
    {Why::kBadCredentials, {401, 401105}}, {Why::kNotFound, {400, 400101}},
    {Why::kOtpWrong, {400, 400102}},       {Why::kUnsupported, {400, 400102}},
    {Why::kConflict, {400, 400171}},       {Why::kUnavailable, {400, 400104}},
    {Why::kForbidden, {400, 400101}},
};

// POST /api/v3/auth/refresh
constexpr Own kRefreshOwn[] = {
    {Why::kInvalidToken, {401, 401101}}, {Why::kNotFound, {401, 401102}},
    {Why::kExpired, {401, 401103}},      {Why::kRevoked, {401, 401103}},
    {Why::kReplayed, {401, 401103}},     {Why::kBadCredentials, {401, 401104}},
    {Why::kForbidden, {401, 401102}},
};

// ... with something that cannot be a refresh token
constexpr Own kRefreshUnreadOwn[] = {{Why::kInvalidToken, {401, 401106}},
                                     {Why::kUnsupported, {405, 405}}};

// A token that was obtained without OTP.
constexpr Own kResourceOwn[] = {{Why::kOtpRequired, {401, 401105}}};

constexpr Own kUnreadOwn[] = {{Why::kUnsupported, {405, 405}}};

std::span<const Own> own_words(const dialect::Asked& asked, Endpoint endpoint) {
  const bool understood = asked.operation != nullptr;
  switch (endpoint) {
    case Endpoint::kToken: {
      if (!understood) return kTokenUnreadOwn;
      const auto* login = std::get_if<engine::Login>(asked.operation);
      const bool by_push = login != nullptr && !login->transaction_id.empty();
      return by_push ? std::span<const Own>(kPushOwn) : std::span<const Own>(kTokenOwn);
    }
    case Endpoint::kRefresh:
      return understood ? std::span<const Own>(kRefreshOwn)
                        : std::span<const Own>(kRefreshUnreadOwn);
    case Endpoint::kRequestOtp:
      return understood ? std::span<const Own>(kRequestOtpOwn) : std::span<const Own>(kUnreadOwn);
    case Endpoint::kAccountInfo:
    case Endpoint::kSecurities:
    case Endpoint::kBalance:
      return understood ? std::span<const Own>(kResourceOwn) : std::span<const Own>(kUnreadOwn);
  }
  return {};
}

Spelling spell(const dialect::Asked& asked, const Route* route, Why why, const Manner& manner) {
  if (route != nullptr) {
    for (const Own& own : own_words(asked, route->endpoint)) {
      if (own.why == why) return own.spelling;
    }
  }
  return spell_common(why, manner);
}

// What a code means, whatever the status; nullopt: nothing that we know.
std::optional<Why> why_of_code(Endpoint endpoint, std::int64_t code) {
  switch (code) {
    case 400101: return Why::kForbidden;
    case 400102:  // asked for an OTP: it is not sent to this account
      return endpoint == Endpoint::kRequestOtp ? Why::kUnsupported : Why::kConflict;
    case 400103: return Why::kOtpRequired;
    case 400104: return is_resource(endpoint) ? Why::kMalformed : Why::kUnavailable;
    case 400171: return Why::kUnavailable;
    case 401100: return Why::kOtpWrong;
    case 401101:
    case 401106:
    case 401107:
    case 401108: return Why::kInvalidToken;
    case 401102:
    case 401103:
    case 401104: return Why::kRevoked;
    case 401105: return is_resource(endpoint) ? Why::kOtpRequired : Why::kBadCredentials;
    case 401113: return Why::kNotFound;
    case 401114: return Why::kPending;
    case 401115: return Why::kDeclined;
    case 401116:
    case 403100: return Why::kForbidden;
    case 401006:  // an order's X-Signature: missing, over an empty body, wrong
    case 401008:
    case 401013: return Why::kBadCredentials;
    default: return std::nullopt;
  }
}

Why why_of_status(Endpoint endpoint, std::int64_t status) {
  const bool logs_in = endpoint == Endpoint::kToken || endpoint == Endpoint::kRequestOtp;
  switch (status) {
    case 400:
    case 422: return Why::kMalformed;
    case 401: return logs_in ? Why::kBadCredentials : Why::kInvalidToken;
    case 403: return Why::kForbidden;
    case 404: return is_resource(endpoint) ? Why::kNotFound : Why::kUnsupported;
    case 405: return Why::kUnsupported;
    case 409: return Why::kConflict;
    case 429: return Why::kTooMany;
    case 503: return Why::kUnavailable;
    default: break;
  }
  if (status < 500 || status > 599) return Why::kBadResponse;
  // It may have spent the token and failed afterwards; a second try would end the session.
  return endpoint == Endpoint::kRefresh ? Why::kNoAnswer : Why::kUnavailable;
}

std::string say_of(const json::Value* body, std::int64_t code) {
  const json::Object* object = body == nullptr ? nullptr : body->as_object();
  std::string text;
  for (const char* name : {"msg", "message"}) {
    const json::Value* value = object == nullptr ? nullptr : object->find(name);
    if (text.empty() && value != nullptr && value->as_string() != nullptr) {
      text = printable(*value->as_string());
    }
  }
  if (text.empty()) text = text_of_code(code, "en");
  return text + " [" + std::to_string(code) + "]";
}

struct Text {
  std::int64_t code;
  std::string_view en, vi;
};

constexpr std::array kTexts = {
    Text{200, "Request OTP success", "Yêu cầu OTP thành công"},
    Text{204, "No Content", "Không có dữ liệu"},
    Text{400, "Bad request", "Yêu cầu không hợp lệ"},
    Text{401, "Unauthorized", "Chưa xác thực"},
    Text{404, "Not found", "Không tìm thấy"},
    Text{405, "Method not allowed", "Phương thức không được hỗ trợ"},
    Text{409, "Request id was already used", "Mã yêu cầu đã được sử dụng"},
    Text{429, "Too many requests", "Quá nhiều yêu cầu"},
    Text{500, "Internal error", "Lỗi hệ thống"},
    Text{503, "Service unavailable", "Dịch vụ tạm thời gián đoạn"},
    Text{400101, "Credential is not linked to a client",
         "Thông tin xác thực chưa liên kết với khách hàng"},
    Text{400102, "2FA information is wrong", "Thông tin xác thực hai lớp không đúng"},
    Text{400103, "2FA information is missing", "Thiếu thông tin xác thực hai lớp"},
    Text{400104, "OTP could not be sent", "Không gửi được OTP"},
    Text{400171, "Push-approval could not be created", "Không tạo được yêu cầu phê duyệt"},
    Text{401100, "OTP verification failed", "Xác thực OTP không thành công"},
    Text{401101, "Refresh token is invalid", "Refresh token không hợp lệ"},
    Text{401102, "Client of the refresh token does not exist",
         "Khách hàng của refresh token không tồn tại"},
    Text{401103, "Refresh token is revoked or expired", "Refresh token đã bị thu hồi hoặc hết hạn"},
    Text{401104, "API key of the refresh token does not exist",
         "API key của refresh token không tồn tại"},
    Text{401105, "Invalid API credential", "Thông tin API không hợp lệ"},
    Text{401106, "Refresh token is broken", "Refresh token bị hỏng"},
    Text{401113, "Push-approval is not found", "Không tìm thấy yêu cầu phê duyệt"},
    Text{401114, "Push-approval is pending", "Yêu cầu phê duyệt đang chờ"},
    Text{401115, "Push-approval is rejected", "Yêu cầu phê duyệt bị từ chối"},
    Text{401116, "Push-approval belongs to another client",
         "Yêu cầu phê duyệt thuộc khách hàng khác"},
    Text{403100, "No scope granted", "Chưa được cấp quyền"},
};

}  // namespace

std::string_view text_of_code(std::int64_t code, std::string_view language) {
  for (const Text& text : kTexts) {
    if (text.code == code) return language == "vi" ? text.vi : text.en;
  }
  return language == "vi" ? "Lỗi" : "Refused";
}

http::Response message_response(int status, std::int64_t code, std::string_view text) {
  return http::json_response(status, json::write(json::Object{{"code", code}, {"msg", text}}));
}

http::Response encode_error(const dialect::Asked& asked, const Error& error, const Manner& manner) {
  const Route* route = find_route(asked.request.target.path);
  const auto [status, code] = spell(asked, route, error.why, manner);
  std::string text(text_of_code(code, language_of(asked.request, manner)));
  if (error.why == Why::kMalformed && !error.say.empty()) text = error.say;
  http::Response response = message_response(status, code, text);
  if (status == 405) response.headers.set("Allow", std::string(route->method));
  if (status == 401 && route != nullptr && is_resource(route->endpoint)) {
    response.headers.set("WWW-Authenticate", "Bearer");
  }
  if (error.retry_after.count() > 0) {
    response.headers.set("Retry-After", std::to_string(error.retry_after.count()));
  }
  return response;
}

std::optional<std::int64_t> code_of(const json::Value* body) {
  const json::Object* object = body == nullptr ? nullptr : body->as_object();
  const json::Value* code = object == nullptr ? nullptr : object->find("code");
  if (code == nullptr) return std::nullopt;
  if (code->as_int() != nullptr) return *code->as_int();
  return code->as_string() == nullptr ? std::nullopt : parse_int(*code->as_string());
}

std::optional<Error> decode_error(Endpoint endpoint, Instant sent_at, const http::Response& reply,
                                  const json::Value* body) {
  const auto code = code_of(body);
  const bool success = reply.status >= 200 && reply.status < 300;
  if (success && (!code || *code == 0 || *code == 200 || *code == 204)) return std::nullopt;

  Error error{.why = Why::kBadResponse, .say = say_of(body, code.value_or(reply.status))};
  if (const auto known = code ? why_of_code(endpoint, *code) : std::nullopt) {
    error.why = *known;
  } else if (!success) {
    error.why = why_of_status(endpoint, reply.status);
  } else {
    error.why = why_of_status(endpoint, *code >= 100000 ? *code / 1000 : *code);
  }
  error.retry_after = http::retry_after(reply.headers, sent_at);
  return error;
}

}  // namespace latchkey::dialects::fastconnect
