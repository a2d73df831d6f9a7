#include <atomic>
#include <barrier>
#include <thread>

#include "engine/testing.h"

namespace latchkey::engine {

int in_parallel(int count, const std::function<bool(int)>& work) {
  std::barrier together(count);
  std::atomic<int> successes = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        together.arrive_and_wait();
        if (work(i)) ++successes;
      });
    }
  }
  return successes;
}

}  // namespace latchkey::engine
