// The configurations of both programs: a file of the user's, and one of the operator's.

#include "server/config.h"
#include "apps/dialects.h"
#include "broker/profile.h"
#include "fuzz.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dialect::Registry registry = apps::all_dialects();
  const auto text = fuzz::text_of(data, size);
  const auto profiles = broker::parse_config(text, "/etc/latchkey/config.toml", registry);
  if (!profiles) {
    const Why why = profiles.error().why;
    fuzz::must(why == Why::kUsage || why == Why::kUnknownName, "a refusal is of the two promised");
  }
  const auto service = server::parse_config(text, "/etc/latchkey/latchkeyd.toml", registry);
  if (!service) fuzz::must(service.error().why == Why::kUsage, "a refusal is kUsage");
  return 0;
}
