#pragma once

#include <cstdint>

namespace latchkey::crypto {

/// How many argon2id hashes this process has computed: what a login costs, counted
/// rather than timed. Thread-safe.
std::uint64_t password_hashes_done();

}  // namespace latchkey::crypto
