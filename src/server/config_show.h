#pragma once

#include "server/config.h"

namespace latchkey::server {

/// A configuration as it holds, defaults and every setting of every realm included, as
/// TOML that can be read again. Redacted: "…" for paths, addresses, URLs and names of
/// files, so that it can be shown to others. No secret is in it either way, because
/// none is in a configuration.
std::string config_text(const Config& config, bool redacted);

}  // namespace latchkey::server
