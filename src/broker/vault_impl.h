#pragma once

#include "broker/database.h"
#include "broker/vault.h"
#include "broker/vault_file.h"

namespace latchkey::broker {

// What the vault's two source files share.

struct Vault::Impl {
  std::string path;
  VaultFile file;  // outlives the connection
  Database database;
  Secret key = {};
  std::string protected_by = {};
  Statement version_query = {};

  Result<> unlock(const KeyChain& chain);
  /// kStore if there is an entry that is not sealed under its own name: the names are
  /// in clear, and one that is damaged makes an entry look as if it had never been.
  Result<> check_names(const ProfileName& missing) const;
  /// Of an entry that was forgotten; 0: there was none.
  Result<std::int64_t> last_generation(const ProfileName& profile) const;
  /// Runs `work` in one write transaction: COMMIT if it succeeds, else ROLLBACK.
  template <class Work>
  auto atomically(const Work& work) const -> decltype(work()) {
    TRY(database.execute("BEGIN IMMEDIATE"));
    auto done = work();
    auto ended = database.execute(done ? "COMMIT" : "ROLLBACK");
    if (done && !ended) {
      // Nothing of it is there; the connection must be free for the next one.
      static_cast<void>(database.execute("ROLLBACK"));
      return fail(std::move(ended).error());
    }
    return done;
  }
};

}  // namespace latchkey::broker
