"""What a program asks the kernel for, and how to interfere at a chosen place: by strace.

A place is (name, nth): the nth call of that name in one run. strace counts each name by itself.
A program that is killed at a place dies before that call is made.
"""
import collections
import re
import shutil
import subprocess
import sys

# Calls that change something which outlives the process, or that another can see.
LASTING = {"write", "pwrite64", "writev", "fdatasync", "fsync", "ftruncate", "fallocate", "unlink", "unlinkat",
           "rename", "renameat", "renameat2", "link", "linkat", "mkdir", "mkdirat", "fchmod", "fchown", "fcntl",
           "socket", "connect", "sendto", "sendmsg", "recvfrom", "recvmsg", "poll", "shutdown"}
LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")
SKIPPED = 77


class Call:
    """One call of a traced run."""

    def __init__(self, at, name, nth, text):
        self.at, self.name, self.nth, self.text = at, name, nth, text  # at: its position in the run

    def place(self):
        return self.name, self.nth

    def lasts(self, home):
        """True if it may change state; an open file counts if it is below `home`."""
        return self.name in LASTING or (self.name in ("openat", "open") and str(home) in self.text)


def require_strace():
    """Ends the test as skipped where processes cannot be traced."""
    tool = shutil.which("strace")
    probe = tool and subprocess.run([tool, "-qq", "-e", "inject=getppid:signal=SIGKILL:when=1", "-o", "/dev/null",
                                     sys.executable, "-c", "import os; os.getppid()"], capture_output=True)
    if not tool or probe.returncode not in (-9, 137):
        print("skipped: strace is missing or may not trace")
        sys.exit(SKIPPED)
    return tool


def trace(command, log, **options):
    """Runs it whole; (what subprocess.run returns, its calls)."""
    done = subprocess.run(["strace", "-f", "-qq", "-s", "64", "-o", str(log), *map(str, command)],
                          capture_output=True, text=True, timeout=120, **options)
    return done, calls_in(log.read_text(errors="replace"))


def calls_in(log, by_thread=False):
    """The calls of a trace; `by_thread`: their numbers count in each thread, as injections do."""
    seen, calls = collections.Counter(), []
    for line in log.split("\n"):
        match = LINE.match(line)
        if match and "resumed>" not in line.split("(")[0]:
            counted = (match[1], match[2]) if by_thread else match[2]
            seen[counted] += 1
            calls.append(Call(len(calls), match[2], seen[counted], match[3]))
    return calls


def interfere(command, how, places, **options):
    """Runs it with that injection ("signal=SIGKILL", "error=ENOSPC") at each of the places."""
    words = [f"--inject={name}:{how}:when={when}" for name, when in places]
    return subprocess.run(["strace", "-f", "-qq", "-e", "trace=" + ",".join({name for name, _ in places}), *words, "-o", "/dev/null", *map(str, command)],
                          capture_output=True, text=True, timeout=120, **options)


def kill_at(command, place, **options):
    """Runs it until that place. Its exit code is -9, or its own if it never came there."""
    done = interfere(command, "signal=SIGKILL", [place], **options)
    if done.returncode == 137:
        done.returncode = -9
    return done
