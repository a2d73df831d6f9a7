#include "broker/spawn.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "broker/descriptor.h"

namespace latchkey::broker {
namespace {

constexpr int kLeaked = 50;

struct Ended {
  std::string said;
  int status = 0;
};

/// Runs a shell's script; what it wrote to its descriptor `out`.
Ended run(Spawn& spawn, const std::string& script, int out = STDOUT_FILENO) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  spawn.give(to.get(), out);
  pid_t child = -1;
  EXPECT_EQ(spawn.start({"sh", "-c", script}, child), 0);
  to.reset();
  Ended ended;
  char piece[512];
  for (ssize_t n; (n = ::read(from.get(), piece, sizeof piece)) > 0;)
    ended.said.append(piece, static_cast<std::size_t>(n));
  EXPECT_EQ(waitpid(child, &ended.status, 0), child);
  return ended;
}

TEST(Spawn, GivesNoDescriptorThatIsNotNamed) {
  const Descriptor ours(fcntl(STDERR_FILENO, F_DUPFD, kLeaked));  // stays open in a program
  ASSERT_GE(ours.get(), kLeaked);
  const std::string there = "test -e /proc/$$/fd/" + std::to_string(ours.get());
  Spawn spawn("/bin/sh");
  EXPECT_EQ(run(spawn, there + " && echo leaked || echo nothing").said, "nothing\n");
  Spawn giving("/bin/sh");
  giving.give_nothing(STDOUT_FILENO);
  EXPECT_EQ(run(giving, there + " && echo leaked >&3; echo lost; echo given >&3", 3).said,
            "given\n");
}

TEST(Spawn, StartsWithTheSignalsThatAProgramExpects) {
  sigset_t some, before;
  sigemptyset(&some);
  sigaddset(&some, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &some, &before);
  const auto pipes = ::signal(SIGPIPE, SIG_IGN);
  Spawn spawn("sh");
  const Ended ended = run(spawn,
                          "while read -r name value; do"
                          " test \"$name\" = SigBlk: && echo $value; done < /proc/$$/status;"
                          " kill -PIPE $$; echo survived");
  ::signal(SIGPIPE, pipes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(ended.said, "0000000000000000\n");
  EXPECT_TRUE(WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGPIPE);
}

TEST(Spawn, LeadsAGroupOrASessionOfItsOwn) {
  const std::string script =
      "read pid name state parent group session rest < /proc/$$/stat;"
      " echo $((group == $$)) $((session == $$))";
  Spawn group("/bin/sh"), session("/bin/sh", Spawn::Leads::kSession);
  EXPECT_EQ(run(group, script).said, "1 0\n");
  EXPECT_EQ(run(session, script).said, "1 1\n");
}

TEST(Spawn, SaysWhyAProgramDoesNotStart) {
  pid_t child = -1;
  EXPECT_EQ(Spawn("/nowhere/program").start({"program"}, child), ENOENT);
}

}  // namespace
}  // namespace latchkey::broker
