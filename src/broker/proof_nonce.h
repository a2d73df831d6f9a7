#pragma once

#include <map>
#include <string>

#include "http/message.h"

namespace latchkey::broker {

// What a server wants to see in the next proof of a key (RFC 9449 sections 8 and 9).

inline constexpr std::size_t kMostNonceBytes = 256;
/// How often one request goes out, each time with a newer nonce.
inline constexpr int kMostProofs = 2;

/// The newest of each server, by its base URL.
using Nonces = std::map<std::string, std::string, std::less<>>;

/// The one in that answer; "" when there is none, or none that can be sent back.
std::string nonce_in(const http::Headers& headers);
/// Whether a protected call was refused for want of the nonce alone: nothing was done, and the
/// token is as good as before.
bool wants_nonce(const http::Response& response);
/// Whether it was refused for its proof, whatever is wrong with that (the machine's clock): the
/// token is as good as before.
bool blames_proof(const http::Response& response);

}  // namespace latchkey::broker
