#pragma once

#include "broker/broker.h"

namespace latchkey::agent {

/// What the agent keeps in memory of an entry: its access token and everything that
/// decisions need. Refresh tokens, a company's token and kept passwords are replaced by
/// a mark: they are there, and who needs one reads the vault.
broker::Entry known_part(const broker::Entry& entry);

}  // namespace latchkey::agent
