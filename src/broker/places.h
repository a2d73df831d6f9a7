#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace latchkey::broker {

/// Reads one environment variable; an empty value counts as unset.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// Where a user's files are (XDG Base Directory Specification): configuration in
/// config, tokens in state (never in a cache, which anybody may empty), sockets
/// and hints in runtime. Relative XDG values are ignored, as the specification asks.
struct Places {
  std::string config_dir;   ///< $XDG_CONFIG_HOME/latchkey or ~/.config/latchkey
  std::string state_dir;    ///< $XDG_STATE_HOME/latchkey or ~/.local/state/latchkey
  std::string runtime_dir;  ///< $XDG_RUNTIME_DIR/latchkey, or the state directory
};

/// kUsage when neither HOME nor the XDG variables say where.
Result<Places> find_places(const Environment& environment);

/// Makes the directory (0700) and its parents. kStore when it cannot, or when it
/// exists and is not ours or others may write to it.
Result<> make_private_directory(const std::string& path);

}  // namespace latchkey::broker
