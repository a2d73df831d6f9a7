#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace latchkey::server {

/// What every realm's pages say, whatever the dialect, in one language.
struct CommonWords {
  std::string_view language;
  std::string_view wrong_password;
  std::string_view too_many;
  std::string_view suspended;
  std::string_view stale_title, stale_text;
  std::string_view refused_title, refused_text;
  std::string_view missing_title, missing_text;
  std::string_view busy_title, busy_text;
  std::string_view again;  ///< the link that starts over
  // A person lets a device in.
  std::string_view device_title, device_text;
  std::string_view device_code;  ///< label
  std::string_view device_unknown;
  std::string_view device_done_title, device_done_text;
  std::string_view device_declined_title, device_declined_text;
  std::string_view days, hours, minutes, seconds;
};

/// Those of that language; English for one that is not there.
const CommonWords& common_words(std::string_view language);

/// "30 мин": in the largest unit that divides it evenly.
std::string duration_words(const CommonWords& words, Seconds duration);

}  // namespace latchkey::server
