// broker::read_entry: what was unsealed from a vault.

#include "broker/entry.h"

#include "fuzz.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entry = broker::read_entry(Secret(fuzz::text_of(data, size)));
  if (!entry) {
    fuzz::must(entry.error().why == Why::kStore, "a refusal is kStore");
    return 0;
  }
  fuzz::must(entry->generation >= 1, "generations begin at 1");
  const auto again = broker::read_entry(broker::write_entry(*entry));
  fuzz::must(again.has_value() && *again == *entry, "an entry goes both ways");
  return 0;
}
