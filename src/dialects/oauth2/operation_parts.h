#pragma once

#include <concepts>
#include <utility>

#include "engine/operations.h"

namespace latchkey::dialects::oauth2 {

/// The client of an operation in which a client authenticates; else nullptr.
inline const engine::ClientKey* client_in(const engine::Operation& operation) {
  return std::visit(
      [](const auto& asked) -> const engine::ClientKey* {
        if constexpr (requires {
                        requires std::same_as<decltype(asked.client), engine::ClientKey>;
                      })
          return &asked.client;
        else return nullptr;
      },
      operation);
}
inline engine::ClientKey* client_in(engine::Operation& operation) {
  return const_cast<engine::ClientKey*>(client_in(std::as_const(operation)));
}

/// Where an operation has its DPoP proof; nullptr for one that takes none.
inline const std::optional<engine::DpopProof>* proof_in(const engine::Operation& operation) {
  return std::visit(
      [](const auto& asked) -> const std::optional<engine::DpopProof>* {
        if constexpr (requires { asked.dpop; }) return &asked.dpop;
        else return nullptr;
      },
      operation);
}
inline std::optional<engine::DpopProof>* proof_in(engine::Operation& operation) {
  return const_cast<std::optional<engine::DpopProof>*>(proof_in(std::as_const(operation)));
}

}  // namespace latchkey::dialects::oauth2
