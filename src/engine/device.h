#pragma once

#include <string_view>

#include "engine/directory.h"

namespace latchkey::engine {

inline constexpr std::string_view kDeviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";

/// Device codes that may be begun for one client in the life of one. With 20^8 user
/// codes, and the guesses that StandardPolicy allows, nobody's device is found.
inline constexpr int kMostDevices = 1000;

/// What a device gets that asks now (RFC 8628 section 3.5). Pure.
///
///   its code is ...                                | answer
///   another client's                               | kInvalidToken
///   used                                           | kReplayed
///   at or past its end                             | kExpired
///   declined                                       | kDeclined
///   open, and polled less than its interval ago    | kTooMany, with the next interval
///   open                                           | kPending
Result<> may_poll(const DeviceCode& device, const ClientId& client, Instant now);

/// What a device asks for, as the person who approves it is shown it.
struct DeviceAsked {
  Client client = {};
  std::string scope = {};
  std::string resource = {};
  friend bool operator==(const DeviceAsked&, const DeviceAsked&) = default;
};

}  // namespace latchkey::engine
