#include "dialects/sinopac/pages.h"

#include "dialects/sinopac/codec.h"

namespace latchkey::dialects::sinopac {
namespace {

// The provider's own words, as its screenshots show them.
dialect::PageWords chinese() {
  return {.language = "zh-Hant",
          .brand = "永豐金證券",
          .title = "歡迎來到永豐金證券",
          .subtitle = "登入後享受更多服務",
          .login = "身分證字號",
          .password = "密碼",
          .remember = "記住我的身分證字號",
          .sign_in = "繼續",
          .forgot = "忘記密碼?",
          .forgot_text = "請洽詢本服務的管理者重設密碼。",
          .newcomer = "還不是客戶?",
          .newcomer_text = "請洽詢本服務的管理者開立帳號。",
          .continue_as = "繼續以此帳號登入：",
          .go_on = "繼續",
          .other_account = "以其他帳號登入",
          .consent_title = "請求授權許可",
          .consent_text = "將取得以下權限：",
          .rights = {"取得你的證券帳號", "為你委託證券下單", "為你查詢證券損益"},
          .allow = "允許",
          .redirect_note = "將重新導向至：",
          .footer = {"客戶資料保密措施", "隱私權保護聲明"}};
}

dialect::PageWords english() {
  return {.language = "en",
          .brand = "SinoPac Securities",
          .title = "Welcome to SinoPac Securities",
          .subtitle = "Log in for more services",
          .login = "National ID number",
          .password = "Password",
          .remember = "Remember my ID number",
          .sign_in = "Continue",
          .forgot = "Forgot your password?",
          .forgot_text = "Ask whoever runs this service to reset it.",
          .newcomer = "Not a customer yet?",
          .newcomer_text = "Ask whoever runs this service for an account.",
          .continue_as = "Continue as:",
          .go_on = "Continue",
          .other_account = "Log in with another account",
          .consent_title = "Permission requested",
          .consent_text = "will be able to:",
          .rights = {"See your securities accounts", "Place securities orders for you",
                     "See the profit and loss of your securities"},
          .allow = "Allow",
          .redirect_note = "You will be sent to:",
          .footer = {"Confidentiality of customer data", "Privacy statement"}};
}

dialect::PageWords russian() {
  return {.language = "ru",
          .brand = "SinoPac Securities",
          .title = "Добро пожаловать в SinoPac Securities",
          .subtitle = "Войдите, чтобы пользоваться всеми услугами",
          .login = "Номер удостоверения личности",
          .password = "Пароль",
          .remember = "Запомнить мой номер",
          .sign_in = "Продолжить",
          .forgot = "Забыли пароль?",
          .forgot_text = "Обратитесь к администратору этого сервиса, чтобы сменить пароль.",
          .newcomer = "Ещё не клиент?",
          .newcomer_text = "Обратитесь к администратору этого сервиса, чтобы открыть счёт.",
          .continue_as = "Продолжить как:",
          .go_on = "Продолжить",
          .other_account = "Войти под другим именем",
          .consent_title = "Запрос разрешения",
          .consent_text = "сможет:",
          .rights = {"Узнать номера ваших счетов", "Подавать заявки от вашего имени",
                     "Смотреть прибыль и убытки по вашим бумагам"},
          .allow = "Разрешить",
          .redirect_note = "Вы будете перенаправлены на:",
          .footer = {"Защита данных клиентов", "Политика конфиденциальности"}};
}

dialect::PageWords vietnamese() {
  return {.language = "vi",
          .brand = "SinoPac Securities",
          .title = "Chào mừng đến với SinoPac Securities",
          .subtitle = "Đăng nhập để dùng thêm nhiều dịch vụ",
          .login = "Số định danh cá nhân",
          .password = "Mật khẩu",
          .remember = "Ghi nhớ số định danh của tôi",
          .sign_in = "Tiếp tục",
          .forgot = "Quên mật khẩu?",
          .forgot_text = "Hãy liên hệ người quản trị dịch vụ này để đặt lại mật khẩu.",
          .newcomer = "Chưa phải khách hàng?",
          .newcomer_text = "Hãy liên hệ người quản trị dịch vụ này để mở tài khoản.",
          .continue_as = "Tiếp tục với tài khoản:",
          .go_on = "Tiếp tục",
          .other_account = "Đăng nhập bằng tài khoản khác",
          .consent_title = "Yêu cầu cấp quyền",
          .consent_text = "sẽ có thể:",
          .rights = {"Xem các tài khoản chứng khoán của bạn", "Đặt lệnh chứng khoán thay bạn",
                     "Xem lãi lỗ chứng khoán của bạn"},
          .allow = "Cho phép",
          .redirect_note = "Bạn sẽ được chuyển đến:",
          .footer = {"Bảo mật dữ liệu khách hàng", "Chính sách quyền riêng tư"}};
}

}  // namespace

const dialect::Pages& pages() {
  static const dialect::Pages kPages{
      .end = dialect::PagesEnd::kRedirect,
      .login_path = kLoginPath,
      .carried = {"response_type", "grant_type", "client_id", "redirect_uri", "state"},
      .masks_login = true,
      .colours = {.brand = "#c8102e",
                  .brand_strong = "#9d0c24",
                  .allow = "#1a7f37",
                  .allow_strong = "#12602a"},
      .words = {chinese(), english(), russian(), vietnamese()}};
  return kPages;
}

}  // namespace latchkey::dialects::sinopac
