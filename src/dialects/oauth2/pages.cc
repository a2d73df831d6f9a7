#include "dialects/oauth2/pages.h"

#include "dialects/oauth2/wire.h"

namespace latchkey::dialects::oauth2 {
namespace {

dialect::PageWords english() {
  return {.language = "en",
          .brand = "Latchkey",
          .title = "Log in",
          .subtitle = "to go on to the application",
          .login = "Login",
          .password = "Password",
          .remember = "Remember my login",
          .sign_in = "Log in",
          .continue_as = "Continue as:",
          .go_on = "Continue",
          .other_account = "Log in with another account",
          .consent_title = "Permission requested",
          .consent_text = "will be able to:",
          .allow = "Allow",
          .deny = "Deny",
          .redirect_note = "You will be sent to:",
          .scopes = {{"openid", "Know who you are"},
                     {"profile", "See your name"},
                     {"email", "See your e-mail address"},
                     {"phone", "See your telephone number"},
                     {"offline_access", "Go on when you are not there, until you take it back"}},
          .code_title = "One-time code",
          .code_sent = "We have sent you a code.",
          .code_typed = "Read the code in your authenticator.",
          .code = "Code",
          .code_wrong = "The code is wrong or too old."};
}

dialect::PageWords russian() {
  return {.language = "ru",
          .brand = "Latchkey",
          .title = "Вход",
          .subtitle = "чтобы перейти в приложение",
          .login = "Логин",
          .password = "Пароль",
          .remember = "Запомнить логин",
          .sign_in = "Войти",
          .continue_as = "Продолжить как:",
          .go_on = "Продолжить",
          .other_account = "Войти под другим именем",
          .consent_title = "Запрос разрешения",
          .consent_text = "сможет:",
          .allow = "Разрешить",
          .deny = "Отказать",
          .redirect_note = "Вы будете перенаправлены на:",
          .scopes = {{"openid", "Узнать, кто вы"},
                     {"profile", "Узнать ваше имя"},
                     {"email", "Узнать ваш адрес электронной почты"},
                     {"phone", "Узнать ваш номер телефона"},
                     {"offline_access", "Продолжать без вас, пока вы не отзовёте разрешение"}},
          .code_title = "Одноразовый код",
          .code_sent = "Мы отправили вам код.",
          .code_typed = "Посмотрите код в приложении-аутентификаторе.",
          .code = "Код",
          .code_wrong = "Код неверен или устарел."};
}

dialect::PageWords chinese() {
  return {.language = "zh-Hant",
          .brand = "Latchkey",
          .title = "登入",
          .subtitle = "以繼續前往應用程式",
          .login = "帳號",
          .password = "密碼",
          .remember = "記住我的帳號",
          .sign_in = "登入",
          .continue_as = "繼續以此帳號登入：",
          .go_on = "繼續",
          .other_account = "以其他帳號登入",
          .consent_title = "請求授權許可",
          .consent_text = "將取得以下權限：",
          .allow = "允許",
          .deny = "拒絕",
          .redirect_note = "將重新導向至：",
          .scopes = {{"openid", "得知你的身分"},
                     {"profile", "查看你的姓名"},
                     {"email", "查看你的電子郵件地址"},
                     {"phone", "查看你的電話號碼"},
                     {"offline_access", "在你離線時繼續使用，直到你撤回"}},
          .code_title = "一次性驗證碼",
          .code_sent = "我們已將驗證碼傳送給你。",
          .code_typed = "請查看驗證器中的驗證碼。",
          .code = "驗證碼",
          .code_wrong = "驗證碼錯誤或已過期。"};
}

dialect::PageWords vietnamese() {
  return {.language = "vi",
          .brand = "Latchkey",
          .title = "Đăng nhập",
          .subtitle = "để tiếp tục tới ứng dụng",
          .login = "Tên đăng nhập",
          .password = "Mật khẩu",
          .remember = "Ghi nhớ tên đăng nhập",
          .sign_in = "Đăng nhập",
          .continue_as = "Tiếp tục với tài khoản:",
          .go_on = "Tiếp tục",
          .other_account = "Đăng nhập bằng tài khoản khác",
          .consent_title = "Yêu cầu cấp quyền",
          .consent_text = "sẽ có thể:",
          .allow = "Cho phép",
          .deny = "Từ chối",
          .redirect_note = "Bạn sẽ được chuyển đến:",
          .scopes = {{"openid", "Biết bạn là ai"},
                     {"profile", "Xem tên của bạn"},
                     {"email", "Xem địa chỉ e-mail của bạn"},
                     {"phone", "Xem số điện thoại của bạn"},
                     {"offline_access", "Tiếp tục khi bạn vắng mặt, cho đến khi bạn thu hồi"}},
          .code_title = "Mã dùng một lần",
          .code_sent = "Chúng tôi đã gửi mã cho bạn.",
          .code_typed = "Hãy xem mã trong ứng dụng xác thực.",
          .code = "Mã",
          .code_wrong = "Mã sai hoặc đã quá hạn."};
}

}  // namespace

const dialect::Pages& pages() {
  static const dialect::Pages kPages{
      .end = dialect::PagesEnd::kRedirect,
      .login_path = kAuthorizePath,
      .carried = {"response_type", "response_mode", "client_id", "redirect_uri", "scope", "state",
                  "nonce", "code_challenge", "code_challenge_method", "resource", "prompt",
                  "max_age", "dpop_jkt", "request_uri", "request", "client_secret"},
      .colours = {.brand = "#1f4e8c",
                  .brand_strong = "#173a69",
                  .allow = "#1a7f37",
                  .allow_strong = "#12602a"},
      .words = {english(), russian(), chinese(), vietnamese()}};
  return kPages;
}

// The same words, but nobody is sent anywhere: what a person compares is the code.
const dialect::Pages& device_pages() {
  static const dialect::Pages kPages = [] {
    constexpr std::pair<std::string_view, std::string_view> kNotes[] = {
        {"en", "The device must show:"},
        {"ru", "Устройство должно показывать:"},
        {"zh-Hant", "裝置上應顯示："},
        {"vi", "Thiết bị phải hiển thị:"}};
    dialect::Pages device = pages();
    device.end = dialect::PagesEnd::kDevice;
    device.login_path = kDevicePagePath;
    device.carried = {"user_code"};
    for (dialect::PageWords& words : device.words) {
      words.subtitle = {};
      for (const auto& [language, note] : kNotes) {
        if (words.language == language) words.redirect_note = note;
      }
    }
    return device;
  }();
  return kPages;
}

}  // namespace latchkey::dialects::oauth2
