#include "client/crew.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include <system_error>

namespace latchkey::client {
namespace {

Outcome cancelled() {
  return std::unexpected(Failure{kCancelled, "cancelled: the ring is closed", {}});
}

/// Nothing thrown may end the program that we are a guest of.
void answer_all(const Lane::Batch& batch, const Failure& failure) {
  for (const auto& question : batch) question->answer(std::unexpected(failure));
}

}  // namespace

std::thread quiet_thread(std::function<void()> body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread made(std::move(body));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return made;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
}

bool Bench::replaced() const {
  if (!ring_ || file_ == 0) return false;
  const auto vault = ring_->vault(false);
  struct stat now{};
  return vault && (stat((*vault)->path().c_str(), &now) != 0 || now.st_dev != device_ ||
                   now.st_ino != file_);
}

broker::KeyRing& Bench::ring() {
  if (replaced()) {
    retire_(std::move(ring_));
    file_ = 0;
  }
  if (!ring_) ring_ = make_();
  return *ring_;
}

Result<broker::Vault*> Bench::vault(bool create) {
  auto& mine = ring();
  auto* opened = TRY(mine.vault(create));
  struct stat info{};
  if (file_ == 0 && stat(opened->path().c_str(), &info) == 0) {
    device_ = info.st_dev;
    file_ = info.st_ino;
  }
  return opened;
}

Result<broker::Broker*> Bench::broker(bool create) {
  TRY(vault(create));
  return ring_->broker(create);
}

Crew::Crew(Bench::Make make) : make_(std::move(make)) {}

void Crew::ask(Lane& lane, QuestionPtr question) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    question->answer(cancelled());
    return;
  }
  lane.waiting.push_back(std::move(question));
  if (!lane.busy) {
    lane.busy = true;
    ready_.push_back(&lane);
  }
  if (idle_ >= ready_.size() || start_one()) return changed_.notify_one();
  if (!threads_.empty()) return;  // somebody will come to it
  ready_.clear();
  lane.busy = false;
  const auto batch = std::exchange(lane.waiting, {});
  lock.unlock();
  answer_all(batch, {kTryLater, "no thread can be started", {}});
}

bool Crew::start_one() {
  try {
    threads_.push_back(quiet_thread([this] { run(); }));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void Crew::run() {
  Bench bench(make_, [this](std::unique_ptr<broker::KeyRing> old) {
    const std::scoped_lock lock(mutex_);
    retired_.push_back(std::move(old));
  });
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
    --idle_;
    if (ready_.empty()) break;
    Lane& lane = *ready_.front();
    ready_.pop_front();
    work_off(bench, lane, lock);
  }
  retired_.push_back(bench.leave());
}

void Crew::work_off(Bench& bench, Lane& lane, std::unique_lock<std::mutex>& lock) {
  while (!lane.waiting.empty()) {
    const auto batch = std::exchange(lane.waiting, {});
    lock.unlock();
    try {
      if (stopping_) answer_all(batch, cancelled().error());
      else lane.work(bench, batch);
    } catch (const std::bad_alloc&) {
      answer_all(batch, {kTryLater, "out of memory", {}});
    } catch (...) {
      answer_all(batch, {kNotUnderstood, "a defect of latchkey", {}});
    }
    lock.lock();
  }
  lane.busy = false;
}

void Crew::stop() {
  std::vector<std::thread> threads;
  Lane::Batch dropped;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (Lane* lane : ready_) {
      dropped.insert(dropped.end(), lane->waiting.begin(), lane->waiting.end());
      lane->waiting.clear();
      lane->busy = false;
    }
    ready_.clear();
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (const auto& question : dropped) question->answer(cancelled());
  for (auto& thread : threads) thread.join();
}

}  // namespace latchkey::client
