#pragma once

#include "cli/context.h"
#include "client/agent_client.h"

namespace latchkey::cli {

/// Where the agent of this configuration listens: $LATCHKEY_AGENT_SOCKET, else `socket`
/// of [agent], else the usual place (also where the configuration cannot be read: an
/// agent must be stoppable without one); "" where there is none.
std::string agent_socket_of(Context& context);

/// Starts `latchkey agent run` in a session of its own. With `wait`, returns when it
/// answers, or when another one does; else at once. Errors are its own; kUnavailable
/// when it says nothing in time.
Result<> start_agent(Context& context, bool wait);

/// The log of an agent that was started so.
Result<std::string> agent_log(Context& context);

/// For `latchkey token` and `header`: starts an agent if the configuration wants that
/// and none is there. Waits for nothing and fails silently.
void start_agent_if_wanted(Context& context);

}  // namespace latchkey::cli
