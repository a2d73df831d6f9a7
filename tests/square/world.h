#pragma once

#include "engine/admin.h"
#include "engine/local_authority.h"
#include "square/face.h"
#include "store/memory/memory_store.h"

namespace latchkey::square {

/// An authority with the dialect's demo accounts, and a caller. The caller speaks
/// to the engine itself or through both faces of the codec; it writes down what
/// came of each step, so that two worlds can be compared.
class World {
 public:
  enum class Way { kDirect, kWire };
  World(const Face& face, Way way);

  /// What came of it, as the caller sees it.
  Result<engine::Outcome> perform(const engine::Operation& operation);
  /// The tokens that came of it; the test fails, and they are empty, if none came.
  engine::TokenSet tokens(const engine::Operation& operation);
  /// The test fails unless it is refused, and heard as `why` is on this wire.
  void refused(const engine::Operation& operation, Why why);

  void advance(Seconds by) { now_ += by; }
  Instant now() const { return now_; }
  Way way() const { return way_; }
  /// For what no wire carries: a browser's part, an operator's verbs.
  engine::LocalAuthority& authority() { return *authority_; }
  engine::Admin& admin() { return admin_; }
  const Realm& realm() const { return realm_; }

  /// One line a step, without anything random in it.
  const std::vector<std::string>& diary() const { return diary_; }

 private:
  void found_demo();
  Result<engine::Outcome> over_the_square(const engine::Operation& operation);

  const Face& face_;
  Way way_;
  Realm realm_;
  FaceCodec codec_;
  store::MemoryStore store_;
  engine::Keys keys_;
  engine::Admin admin_;
  std::unique_ptr<engine::LocalAuthority> authority_;
  Instant now_ = kNoon;
  std::vector<std::string> diary_;
};

}  // namespace latchkey::square
