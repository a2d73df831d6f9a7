#include "agent/crew.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

namespace latchkey::agent {

struct Crew::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> waiting;
  std::set<std::string> profiles;        // whose job runs
  std::map<std::string, int> providers;  // how many of each run
  int threads = 0, idle = 0;
  bool stopped = false;

  bool may_begin(const Job& job) const {
    if (profiles.contains(job.profile)) return false;
    const auto running = providers.find(job.provider);
    const int most = job.ahead ? kMostAheadPerProvider : kMostPerProvider;
    return running == providers.end() || running->second < most;
  }

  /// The first that may begin; what somebody waits for before all else.
  std::optional<Job> next() {
    for (const bool ahead : {false, true}) {
      for (auto it = waiting.begin(); it != waiting.end(); ++it) {
        if (it->ahead != ahead || !may_begin(*it)) continue;
        Job job = std::move(*it);
        waiting.erase(it);
        profiles.insert(job.profile);
        ++providers[job.provider];
        return job;
      }
    }
    return std::nullopt;
  }

  void done(const Job& job) {
    profiles.erase(job.profile);
    const auto running = providers.find(job.provider);
    if (--running->second == 0) providers.erase(running);
    changed.notify_all();  // one that had to wait for this may begin
  }
};

Crew::Crew() : state_(std::make_shared<State>()) {}
Crew::~Crew() { stop(); }

void Crew::serve(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (!state->stopped) {
    if (auto job = state->next()) {
      lock.unlock();
      job->work();
      job->work = nullptr;
      lock.lock();
      state->done(*job);
      continue;
    }
    ++state->idle;
    const auto woken = state->changed.wait_for(lock, kIdle);
    --state->idle;
    if (woken == std::cv_status::timeout && state->waiting.empty()) break;
  }
  --state->threads;
  state->changed.notify_all();
}

void Crew::add(Job job) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->stopped) return;
  state_->waiting.push_back(std::move(job));
  if (static_cast<int>(state_->waiting.size()) > state_->idle && state_->threads < kMostThreads) {
    try {
      std::thread([state = state_] { serve(state); }).detach();
      ++state_->threads;
    } catch (const std::system_error&) {
      // Out of threads: those that are there will come to it, and callers give up in time.
    }
  }
  state_->changed.notify_one();
}

void Crew::stop() {
  std::unique_lock lock(state_->mutex);
  state_->stopped = true;
  state_->waiting.clear();
  state_->changed.notify_all();
  state_->changed.wait(lock, [this] { return state_->threads == 0; });
}

}  // namespace latchkey::agent
