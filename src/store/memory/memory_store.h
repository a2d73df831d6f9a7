#pragma once

#include <memory>
#include <mutex>

#include "engine/store.h"

namespace latchkey::store {

struct State;

/// A store that forgets everything when it goes: for tests, and the reference
/// for what the verbs of engine::Tx mean. A transaction works on a copy of the
/// whole state, which takes its place on success; a reader keeps the state that
/// it began with. Thread-safe; transactions must not be nested.
class MemoryStore final : public engine::Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

 protected:
  Result<> do_transact(const Work& work) override;
  Result<> do_read(const Work& work) override;

 private:
  std::shared_ptr<const State> now() const;

  std::mutex one_writer_;
  mutable std::mutex swap_;
  std::shared_ptr<const State> state_;
};

}  // namespace latchkey::store
