#include "net/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace latchkey::net {

StopSignals::StopSignals(std::function<void()> stop, std::function<void()> reopen)
    : stop_(std::move(stop)), reopen_(std::move(reopen)) {
  sigset_t ours;
  sigemptyset(&ours);
  sigaddset(&ours, SIGTERM);
  sigaddset(&ours, SIGINT);
  if (reopen_) sigaddset(&ours, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &ours, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file size is a full disk, no reason to die
  closed_ = eventfd(0, EFD_CLOEXEC);
  signals_ = signalfd(-1, &ours, SFD_CLOEXEC);
  thread_ = std::thread([this] { wait(); });
}

StopSignals::~StopSignals() {
  eventfd_write(closed_, 1);
  thread_.join();
  close(closed_);
  close(signals_);
}

void StopSignals::wait() {
  pollfd both[] = {{closed_, POLLIN, 0}, {signals_, POLLIN, 0}};
  for (;;) {
    if (poll(both, 2, -1) < 0) continue;
    if (both[0].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signals_, &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGHUP) reopen_();
    else stop_();
  }
}

}  // namespace latchkey::net
