#pragma once

#include "engine/oauth.h"

namespace latchkey::engine {

/// An authorization request as PushedRequest::request keeps it: all but its client and
/// its request_uri, which have columns of their own.
std::string write_pushed(const Authorize& request);
/// kStore for anything that write_pushed() never wrote.
Result<Authorize> read_pushed(std::string_view text);

}  // namespace latchkey::engine
