#include "dialects/alor/pages.h"

#include "dialects/alor/codec.h"

namespace latchkey::dialects::alor {
namespace {

// "Begin OAuth authorization flow", «Войти» and «Разрешить» are the provider's words.
constexpr std::string_view kBegin = "Begin OAuth authorization flow";

dialect::PageWords russian() {
  return {.language = "ru",
          .brand = "АЛОР OpenAPI",
          .start_title = "Токены для доступа к API",
          .start_text =
              "Тестовый контур. У тестового аккаунта один Refresh токен: "
              "новый заменяет прежний.",
          .start_link = kBegin,
          .title = "Вход в тестовый контур",
          .subtitle = "Введите логин и пароль тестового торгового аккаунта",
          .login = "Логин",
          .password = "Пароль",
          .sign_in = "Войти",
          .forgot = "Забыли пароль?",
          .forgot_text = "Обратитесь к администратору этого сервиса.",
          .continue_as = "Вы вошли как:",
          .go_on = "Продолжить",
          .other_account = "Войти под другим логином",
          .consent_title = "Запрос прав доступа",
          .consent_text = "получит права:",
          .rights = {"Просмотр заявок", "Создание заявок", "Просмотр сделок",
                     "Личные данные и портфели", "Статистика"},
          .allow = "Разрешить",
          .deny = "Отказать",
          .tokens_title = "Ваши токены",
          .tokens_text = "Сохраните их в безопасном месте: эта страница показывает их один раз.",
          .access_token = "Access токен",
          .access_note = "Действует с этой минуты:",
          .refresh_token = "Refresh токен",
          .refresh_note =
              "Получает новые Access токены. Прежний Refresh токен этого аккаунта "
              "больше не действует.",
          .sign_out = "Выйти",
          .footer = {"Тестовый контур: все операции и сделки временные"}};
}

dialect::PageWords english() {
  return {.language = "en",
          .brand = "ALOR OpenAPI",
          .start_title = "Tokens for the API",
          .start_text =
              "Test contour. A test account has one refresh token: a new one replaces "
              "the old.",
          .start_link = kBegin,
          .title = "Log in to the test contour",
          .subtitle = "Enter the login and password of the test trading account",
          .login = "Login",
          .password = "Password",
          .sign_in = "Log in",
          .forgot = "Forgot your password?",
          .forgot_text = "Ask whoever runs this service.",
          .continue_as = "You are logged in as:",
          .go_on = "Continue",
          .other_account = "Log in as somebody else",
          .consent_title = "Permission requested",
          .consent_text = "will be able to:",
          .rights = {"See orders", "Place orders", "See trades", "See personal data and portfolios",
                     "See statistics"},
          .allow = "Allow",
          .deny = "Refuse",
          .tokens_title = "Your tokens",
          .tokens_text = "Keep them in a safe place: this page shows them once.",
          .access_token = "Access token",
          .access_note = "Good from now on for:",
          .refresh_token = "Refresh token",
          .refresh_note =
              "Gets new access tokens. The refresh token that this account had before "
              "is dead.",
          .sign_out = "Log out",
          .footer = {"Test contour: all operations and trades are temporary"}};
}

dialect::PageWords chinese() {
  return {.language = "zh-Hant",
          .brand = "ALOR OpenAPI",
          .start_title = "API 存取權杖",
          .start_text = "測試環境。每個測試帳號只有一個 Refresh 權杖：新的會取代舊的。",
          .start_link = kBegin,
          .title = "登入測試環境",
          .subtitle = "請輸入測試交易帳號與密碼",
          .login = "帳號",
          .password = "密碼",
          .sign_in = "登入",
          .forgot = "忘記密碼?",
          .forgot_text = "請洽詢本服務的管理者。",
          .continue_as = "目前登入帳號：",
          .go_on = "繼續",
          .other_account = "以其他帳號登入",
          .consent_title = "請求授權許可",
          .consent_text = "將取得以下權限：",
          .rights = {"查詢委託單", "建立委託單", "查詢成交", "個人資料與投資組合", "統計資料"},
          .allow = "允許",
          .deny = "拒絕",
          .tokens_title = "您的權杖",
          .tokens_text = "請妥善保存：本頁只會顯示一次。",
          .access_token = "Access 權杖",
          .access_note = "自現在起有效：",
          .refresh_token = "Refresh 權杖",
          .refresh_note = "用來取得新的 Access 權杖。此帳號先前的 Refresh 權杖已失效。",
          .sign_out = "登出",
          .footer = {"測試環境：所有委託與成交皆為暫時性"}};
}

dialect::PageWords vietnamese() {
  return {.language = "vi",
          .brand = "ALOR OpenAPI",
          .start_title = "Token truy cập API",
          .start_text =
              "Môi trường thử nghiệm. Mỗi tài khoản thử nghiệm có một refresh token: "
              "token mới thay thế token cũ.",
          .start_link = kBegin,
          .title = "Đăng nhập môi trường thử nghiệm",
          .subtitle = "Nhập tên đăng nhập và mật khẩu của tài khoản giao dịch thử nghiệm",
          .login = "Tên đăng nhập",
          .password = "Mật khẩu",
          .sign_in = "Đăng nhập",
          .forgot = "Quên mật khẩu?",
          .forgot_text = "Hãy liên hệ người quản trị dịch vụ này.",
          .continue_as = "Bạn đang đăng nhập là:",
          .go_on = "Tiếp tục",
          .other_account = "Đăng nhập tài khoản khác",
          .consent_title = "Yêu cầu cấp quyền",
          .consent_text = "sẽ có thể:",
          .rights = {"Xem lệnh", "Đặt lệnh", "Xem giao dịch", "Xem dữ liệu cá nhân và danh mục",
                     "Xem thống kê"},
          .allow = "Cho phép",
          .deny = "Từ chối",
          .tokens_title = "Token của bạn",
          .tokens_text = "Hãy cất giữ ở nơi an toàn: trang này chỉ hiển thị một lần.",
          .access_token = "Access token",
          .access_note = "Có hiệu lực từ bây giờ trong:",
          .refresh_token = "Refresh token",
          .refresh_note =
              "Dùng để lấy access token mới. Refresh token trước đây của tài khoản này "
              "không còn hiệu lực.",
          .sign_out = "Đăng xuất",
          .footer = {"Môi trường thử nghiệm: mọi thao tác và giao dịch chỉ là tạm thời"}};
}

}  // namespace

const dialect::Pages& pages() {
  static const dialect::Pages kPages{.end = dialect::PagesEnd::kShowTokens,
                                     .start_path = kTokensPath,
                                     .login_path = "/tokens/login",
                                     .client = ClientId(kTokensClient),
                                     .colours = {.brand = "#1f4e8c",
                                                 .brand_strong = "#163a69",
                                                 .allow = "#1a7f37",
                                                 .allow_strong = "#12602a"},
                                     .words = {russian(), english(), chinese(), vietnamese()}};
  return kPages;
}

}  // namespace latchkey::dialects::alor
