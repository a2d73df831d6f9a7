#include "broker/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

extern char** environ;

namespace latchkey::broker {
namespace {

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Spawn::Spawn(std::string program, Leads leads) : program_(std::move(program)) {
  posix_spawn_file_actions_init(&actions_);
  posix_spawnattr_init(&attributes_);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes_, &none);
  posix_spawnattr_setsigdefault(&attributes_, &usual);
  posix_spawnattr_setpgroup(&attributes_, 0);
  const int apart = leads == Leads::kGroup ? POSIX_SPAWN_SETPGROUP : POSIX_SPAWN_SETSID;
  posix_spawnattr_setflags(
      &attributes_, static_cast<short>(apart | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
}

Spawn::~Spawn() {
  posix_spawn_file_actions_destroy(&actions_);
  posix_spawnattr_destroy(&attributes_);
}

void Spawn::give(int fd, int as) {
  posix_spawn_file_actions_adddup2(&actions_, fd, as);
  last_given_ = std::max(last_given_, as);
}

void Spawn::give_nothing(int as) {
  const int how = as == STDIN_FILENO ? O_RDONLY : O_WRONLY;
  posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", how, 0);
  last_given_ = std::max(last_given_, as);
}

void Spawn::lend(int terminal) { posix_spawn_file_actions_addtcsetpgrp_np(&actions_, terminal); }

int Spawn::start(const std::vector<std::string>& words, pid_t& child) {
  return start(words, environ, child);
}

int Spawn::start(const std::vector<std::string>& words, const std::vector<std::string>& environment,
                 pid_t& child) {
  return start(words, pointers_to(environment).data(), child);
}

int Spawn::start(const std::vector<std::string>& words, char* const* environment, pid_t& child) {
  // The last of the actions: what was given has its place by then.
  posix_spawn_file_actions_addclosefrom_np(&actions_, last_given_ + 1);
  return posix_spawnp(&child, program_.c_str(), &actions_, &attributes_, pointers_to(words).data(),
                      environment);
}

}  // namespace latchkey::broker
