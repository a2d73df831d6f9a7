#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::broker {

/// The desktop's keyring (freedesktop Secret Service) through libsecret, loaded
/// when it is first needed so that nobody else pays for it.

/// False without libsecret or without a session bus: a headless machine.
bool secret_service_is_there(bool has_session_bus);
/// kNotFound when the keyring holds none, kStore when it cannot be asked or a
/// locked one was not opened within a minute.
Result<Secret> secret_service_look_up(const std::string& vault);
Result<> secret_service_store(const std::string& vault, const Secret& secret);

}  // namespace latchkey::broker
