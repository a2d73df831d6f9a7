#pragma once

#include "broker/broker.h"

namespace latchkey::client {

/// The edges of the world as a program on this machine has them: its clock, moved by
/// $LATCHKEY_CLOCK_OFFSET (an aid for tests against a sandbox whose clock was moved:
/// docs/commands.md), HTTP with the profile's trust and deadline, a wait that sleeps,
/// the process's environment. What it points at lives as long as the program.
broker::World real_world();

/// The same clock to the second, for a path that may make no system call.
const Clock& coarse_clock();

}  // namespace latchkey::client
