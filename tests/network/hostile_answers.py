#!/usr/bin/env python3
"""A provider that answers a renewal with whatever does harm.   // promises I3, I8, I11, I12

    hostile_answers.py --bin DIRECTORY [--form-only] PROFILE

Wanted: exit code 6 or 10 (9 where a single-use token is gone) and a message, by the deadline and one
second, in little memory; no stranger's token kept or printed, no redirect followed, and no more calls
than one patient program makes. Afterwards the true authority is there again, and one plain
`latchkey token` succeeds, or reports the loss once.
"""
import argparse
import collections
import json
import pathlib
import resource
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
from answers import absurd_ends, broken, endless, redirects, refusals, success  # noqa: E402
from five import SINGLE_USE, SYSTEMS, Five  # noqa: E402
from hostile import Hostile, reply  # noqa: E402

PATIENCE = 2  # the profile's timeout
DEADLINE = PATIENCE + 1
MOST_CALLS = 3
MOST_MEMORY = 96 << 10  # KiB: for any command at all
TRY_LATER, LOST, NOT_UNDERSTOOD, NEEDS_PERSON, REJECTED = 6, 9, 10, 3, 5
STRANGER = "stranger-"


class Trial:
    def __init__(self, five, profile, server):
        self.five, self.profile, self.server = five, profile, server
        self.wrong, self.ends, self.slowest = [], collections.Counter(), 0
        self.configure(self.five.base)
        five.login(profile)

    def configure(self, base):
        self.five.configure(base)

    def at_expiry(self, answer, words=("token",)):
        """A command that must renew, with that answer."""
        self.server.answer = answer
        self.server.asked.clear()
        self.server.connections = 0
        self.five.expire(self.profile)
        self.configure(self.server.base)
        begin = time.monotonic()
        done = self.five.run("--no-input", *words, self.profile)
        took = time.monotonic() - begin
        self.slowest = max(self.slowest, took)
        self.ends[done.returncode] += 1
        self.configure(self.five.base)
        return done, took

    def blame(self, what, says):
        self.wrong.append(f"{self.profile}, {what}: {says}")

    def bounded(self, what, done, took, deadline=DEADLINE):
        if took > deadline:
            self.blame(what, f"it took {took:.1f} s")
        if done.returncode < 0:
            self.blame(what, f"killed by signal {-done.returncode}")
        if not self.server.asked:
            self.blame(what, "nobody was asked")
        if len(self.server.asked) > (1 if self.profile in SINGLE_USE else MOST_CALLS):
            self.blame(what, f"{len(self.server.asked)} calls")

    def refused(self, what, answer, allowed=(TRY_LATER, NOT_UNDERSTOOD)):
        done, took = self.at_expiry(answer)
        self.bounded(what, done, took)
        if self.profile in SINGLE_USE:
            allowed += (LOST,)
        if done.returncode not in allowed or done.stdout or not done.stderr.startswith("latchkey: "):
            self.blame(what, f"{done.returncode}: {done.stdout[:60]!r} {done.stderr.strip()[:200]}")
        if any(ord(c) < 32 and c != "\n" for c in done.stderr):
            self.blame(what, "a message that commands the terminal")
        self.recover(what)

    def recover(self, what):
        """The true authority is there again, some time later."""
        self.five.advance("25h")  # the longest that anybody is told to wait
        after = self.five.run("--no-input", "token", self.profile)
        if after.returncode == 0 and self.five.accepts(self.profile, after.stdout.strip()):
            return
        if not (after.returncode in (LOST, NEEDS_PERSON) and self.profile in SINGLE_USE):
            self.blame(what, f"then {after.returncode}: {after.stderr.strip()[:200]}")
        self.ends["lost"] += 1
        self.five.login(self.profile)

    def absurd(self, what, answer):
        """Refused, or taken with an end that can be shown; in bounded time either way."""
        done, took = self.at_expiry(answer)
        self.bounded(what, done, took)
        if done.returncode not in (0, NOT_UNDERSTOOD, TRY_LATER, LOST if self.profile in SINGLE_USE else TRY_LATER):
            self.blame(what, f"{done.returncode}: {done.stderr.strip()[:200]}")
        status = self.five.run("status", self.profile, "--json")
        if not json.loads(status.stdout)["profiles"]:
            self.blame(what, f"status: {status.returncode}: {status.stderr.strip()[:200]}")
        self.five.login(self.profile)

    def redirected(self):
        with Hostile(lambda _: reply(success(self.profile))) as elsewhere:
            for what, answer in redirects(elsewhere.base):
                self.refused(f"redirect {what}", answer, (TRY_LATER, NOT_UNDERSTOOD, REJECTED))
            if elsewhere.connections:
                self.blame("redirects", "one was followed")

    def taken(self):
        """That the others are refused says something only if the same server can succeed."""
        done, _ = self.at_expiry(lambda _: reply(success(self.profile)))
        if done.returncode != 0 or not done.stdout.startswith(STRANGER):
            self.blame("a good answer", f"{done.returncode}: {done.stderr.strip()}")
        self.five.login(self.profile)

    def run(self, form_only):
        self.taken()
        for what, answer in broken(self.profile).items():
            self.refused(what, answer)
        if not form_only:
            for what, answer in endless(self.server).items():
                self.refused(what, answer)
            for what, answer in refusals():
                self.refused(what, answer, (TRY_LATER,))
        for what, answer in absurd_ends(self.profile).items():
            self.absurd(what, answer)
        self.redirected()
        for path in (self.five.broker.home / ".local").rglob("*"):
            if path.is_file() and STRANGER.encode() in path.read_bytes():
                self.blame("the vault", f"a token is in clear in {path.name}")


def main():
    parser = argparse.ArgumentParser(description="a provider that answers with whatever does harm")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--form-only", action="store_true", help="only what differs from dialect to dialect")
    parser.add_argument("profile", choices=SYSTEMS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Hostile() as server, \
            Five(options.bin, directory, timeout=f"{PATIENCE}s") as five:
        sandbox_memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        trial = Trial(five, options.profile, server)
        trial.run(options.form_only)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if peak > max(MOST_MEMORY, sandbox_memory):
        trial.blame("all", f"{peak >> 10} MiB")
    print(f"{options.profile}: exit codes {dict(sorted(trial.ends.items(), key=str))}, slowest {trial.slowest:.1f} s, "
          f"at most {peak >> 10} MiB")
    print("\n".join(trial.wrong[:60]) or "ok")
    return 1 if trial.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
