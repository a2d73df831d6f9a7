// liblatchkey.so: the broker in other people's programs. The concrete parts are chosen
// here and nowhere else.

#include <latchkey.h>

#include "apps/dialects.h"
#include "client/abi.h"
#include "client/world.h"

int latchkey_open(const latchkey_options* options, latchkey_ring** ring, latchkey_error** error) {
  using namespace latchkey;
  try {
    // Never destroyed: a program may exit without closing its rings.
    static const dialect::Registry& registry = *new dialect::Registry(apps::all_dialects());
    return client::open_ring(registry, client::real_world(), client::coarse_clock(), options, ring,
                             error);
  } catch (...) {
    return LATCHKEY_TRY_LATER;
  }
}
