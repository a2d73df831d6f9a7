#pragma once

#include "http/message.h"
#include "net/delivery.h"
#include "server/sandbox/fault.h"

namespace latchkey::server {

/// What a fault makes of an answer, and of the way it leaves. Pure.
net::Delivery spoil(const Fault& fault, http::Response& response);

}  // namespace latchkey::server
