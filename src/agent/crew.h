#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace latchkey::agent {

/// The threads that wait for providers. They come when there is work and go when there
/// is none. Of one profile one job runs at a time; of one provider only so many, so
/// that a dead one never has all threads. Thread-safe.
class Crew {
 public:
  static constexpr int kMostThreads = 32;
  static constexpr int kMostPerProvider = 4;
  /// Of those, for jobs that nobody waits for.
  static constexpr int kMostAheadPerProvider = 2;
  static constexpr std::chrono::seconds kIdle{5};

  struct Job {
    std::string profile;
    std::string provider;  ///< where its requests go
    bool ahead = false;    ///< nobody waits for it
    std::function<void()> work;
  };

  Crew();
  /// As stop().
  ~Crew();
  Crew(const Crew&) = delete;

  void add(Job job);
  /// Forgets what has not begun and waits for what has: a renewal that was cut off may
  /// have spent a token.
  void stop();

 private:
  struct State;
  static void serve(const std::shared_ptr<State>& state);
  const std::shared_ptr<State> state_;
};

}  // namespace latchkey::agent
