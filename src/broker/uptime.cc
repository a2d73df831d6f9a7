#include "broker/uptime.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "broker/descriptor.h"

namespace latchkey::broker {

Uptime read_uptime() {
  Uptime now;
  timespec time{};
  if (clock_gettime(CLOCK_BOOTTIME, &time) != 0) return now;
  now.seconds = Seconds{time.tv_sec};
  const Descriptor file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  char text[64];
  const auto got = file.get() < 0 ? -1 : ::read(file.get(), text, sizeof text);
  if (got > 0) now.boot = trim(std::string_view(text, static_cast<std::size_t>(got)));
  return now;
}

}  // namespace latchkey::broker
