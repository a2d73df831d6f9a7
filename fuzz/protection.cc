// broker::read_protection: the part of a vault that stands in clear, so that whoever can write
// the file can say anything there.

#include "broker/vault_key.h"
#include "fuzz.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = broker::read_protection(fuzz::text_of(data, size));
  if (!read) {
    fuzz::must(read.error().why == Why::kStore, "a refusal is kStore");
    return 0;
  }
  fuzz::must(read->kind != broker::VaultChoice::Key::kAuto, "a kept choice has been made");
  fuzz::must(read->passes <= 8 && read->memory_bytes <= 256u << 20, "no effort is absurd");
  const auto again = broker::read_protection(broker::write_protection(*read));
  fuzz::must(again && again->kind == read->kind && again->salt == read->salt &&
                 again->passes == read->passes && again->memory_bytes == read->memory_bytes &&
                 again->wrapped == read->wrapped,
             "a protection goes both ways");
  return 0;
}
