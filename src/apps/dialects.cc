#include "apps/dialects.h"

#include "dialects/alor/alor.h"
#include "dialects/chathub/chathub.h"
#include "dialects/fastconnect/fastconnect.h"
#include "dialects/oauth2/oauth2.h"
#include "dialects/sinopac/sinopac.h"
#include "dialects/tconnect/tconnect.h"

namespace latchkey::apps {

dialect::Registry all_dialects() {
  dialect::Registry registry;
  registry.add(dialects::fastconnect::dialect());
  registry.add(dialects::chathub::dialect());
  registry.add(dialects::alor::dialect());
  registry.add(dialects::sinopac::dialect());
  registry.add(dialects::tconnect::dialect());
  registry.add(dialects::oauth2::dialect());
  return registry;
}

}  // namespace latchkey::apps
