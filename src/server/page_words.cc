#include "server/page_words.h"

namespace latchkey::server {
namespace {

constexpr CommonWords kWords[] = {
    {.language = "en",
     .wrong_password = "Wrong login or password.",
     .too_many = "Too many attempts. Wait a while and try again.",
     .suspended = "This account is suspended.",
     .stale_title = "This form is no longer good",
     .stale_text = "It is too old, or it was made for another visit. Cookies must be allowed for "
                   "this site.",
     .refused_title = "This request cannot be trusted",
     .refused_text = "The application that sent you here asked in a way that is not registered. "
                     "You were not sent back to it. Tell the people who made it.",
     .missing_title = "There is no such page",
     .missing_text = "The address is wrong, or it cannot be opened like that.",
     .busy_title = "The service is busy",
     .busy_text = "Nothing was done. Try again in a minute.",
     .again = "Start again",
     .device_title = "Connect a device",
     .device_text = "Type the code that the device shows.",
     .device_code = "Code",
     .device_unknown = "No device is waiting with this code.",
     .device_done_title = "The device is connected",
     .device_done_text = "You may go back to it and close this page.",
     .device_declined_title = "The device was not connected",
     .device_declined_text = "You may close this page.",
     .days = "d",
     .hours = "h",
     .minutes = "min",
     .seconds = "s"},
    {.language = "ru",
     .wrong_password = "Неверный логин или пароль.",
     .too_many = "Слишком много попыток. Подождите и попробуйте снова.",
     .suspended = "Доступ к этому аккаунту прекращён.",
     .stale_title = "Форма больше не действует",
     .stale_text =
         "Она устарела или открыта для другого посещения. Для этого сайта нужно разрешить "
         "cookies.",
     .refused_title = "Этому запросу нельзя доверять",
     .refused_text = "Приложение, которое прислало вас сюда, сделало незарегистрированный запрос. "
                     "Мы не вернули вас обратно. Сообщите его разработчикам.",
     .missing_title = "Такой страницы нет",
     .missing_text = "Адрес неверен, или так его открыть нельзя.",
     .busy_title = "Сервис занят",
     .busy_text = "Ничего не сделано. Попробуйте через минуту.",
     .again = "Начать заново",
     .device_title = "Подключение устройства",
     .device_text = "Введите код, который показывает устройство.",
     .device_code = "Код",
     .device_unknown = "Ни одно устройство не ждёт с таким кодом.",
     .device_done_title = "Устройство подключено",
     .device_done_text = "Вернитесь к нему; эту страницу можно закрыть.",
     .device_declined_title = "Устройство не подключено",
     .device_declined_text = "Эту страницу можно закрыть.",
     .days = "дн.",
     .hours = "ч",
     .minutes = "мин",
     .seconds = "с"},
    {.language = "zh-Hant",
     .wrong_password = "帳號或密碼錯誤。",
     .too_many = "嘗試次數過多，請稍候再試。",
     .suspended = "此帳號已停用。",
     .stale_title = "此表單已失效",
     .stale_text = "表單已過期，或屬於另一次造訪。本網站需要允許 Cookie。",
     .refused_title = "無法信任此請求",
     .refused_text = "將您帶到此處的應用程式提出了未登記的請求。我們沒有將您導回，請通知其開發者。",
     .missing_title = "沒有這個頁面",
     .missing_text = "網址錯誤，或無法以此方式開啟。",
     .busy_title = "服務忙碌中",
     .busy_text = "尚未進行任何動作，請稍候再試。",
     .again = "重新開始",
     .device_title = "連結裝置",
     .device_text = "請輸入裝置上顯示的代碼。",
     .device_code = "代碼",
     .device_unknown = "沒有裝置在等候此代碼。",
     .device_done_title = "裝置已連結",
     .device_done_text = "您可以回到裝置並關閉此頁面。",
     .device_declined_title = "裝置未連結",
     .device_declined_text = "您可以關閉此頁面。",
     .days = "天",
     .hours = "小時",
     .minutes = "分鐘",
     .seconds = "秒"},
    {.language = "vi",
     .wrong_password = "Sai tên đăng nhập hoặc mật khẩu.",
     .too_many = "Quá nhiều lần thử. Hãy chờ một lát rồi thử lại.",
     .suspended = "Tài khoản này đã bị tạm ngừng.",
     .stale_title = "Biểu mẫu này không còn hiệu lực",
     .stale_text = "Biểu mẫu đã quá hạn hoặc thuộc một lần truy cập khác. Trang này cần được phép "
                   "dùng cookie.",
     .refused_title = "Không thể tin cậy yêu cầu này",
     .refused_text = "Ứng dụng đưa bạn đến đây đã gửi một yêu cầu chưa được đăng ký. Bạn không bị "
                     "chuyển trở lại. Hãy báo cho người phát triển ứng dụng đó.",
     .missing_title = "Không có trang này",
     .missing_text = "Địa chỉ sai, hoặc không thể mở theo cách này.",
     .busy_title = "Dịch vụ đang bận",
     .busy_text = "Chưa có gì được thực hiện. Hãy thử lại sau một phút.",
     .again = "Bắt đầu lại",
     .device_title = "Kết nối thiết bị",
     .device_text = "Hãy nhập mã hiển thị trên thiết bị.",
     .device_code = "Mã",
     .device_unknown = "Không có thiết bị nào đang chờ với mã này.",
     .device_done_title = "Thiết bị đã được kết nối",
     .device_done_text = "Bạn có thể quay lại thiết bị và đóng trang này.",
     .device_declined_title = "Thiết bị chưa được kết nối",
     .device_declined_text = "Bạn có thể đóng trang này.",
     .days = "ngày",
     .hours = "giờ",
     .minutes = "phút",
     .seconds = "giây"},
};

}  // namespace

const CommonWords& common_words(std::string_view language) {
  for (const auto& words : kWords)
    if (words.language == language) return words;
  return kWords[0];
}

std::string duration_words(const CommonWords& words, Seconds duration) {
  const auto count = duration.count();
  const auto say = [&](long long size, std::string_view unit) {
    return std::to_string(count / size) + " " + std::string(unit);
  };
  if (count >= 86400 && count % 86400 == 0) return say(86400, words.days);
  if (count >= 3600 && count % 3600 == 0) return say(3600, words.hours);
  if (count >= 60 && count % 60 == 0) return say(60, words.minutes);
  return say(1, words.seconds);
}

}  // namespace latchkey::server
