#!/usr/bin/env python3
"""Kills `latchkey token` at every system call of a renewal, and asks again.
                                                            // promises I2, I3, I4, I7, I8, checklist 26

    crash.py --bin DIRECTORY [--every N] [--login] PROFILE

The ledgers of both sides are judged at the end. Places that change something lasting are all taken; of the others each Nth (1: all). After each
kill, one plain `latchkey token` must give a token that the authority takes, or end with exit
code 9 (the rotation is lost; then 3, until somebody logs in) where the provider's rule leaves
nothing better. What was printed before the kill is what the vault has afterwards; a single-use
token never meets the authority twice; the vault is sound, and the lock is free at once.

--login: kills the first login of that profile instead, with the making of the vault in it.
"""
import argparse
import collections
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from five import SINGLE_USE, Five, vault_is_sound  # noqa: E402
from kernel import kill_at, require_strace, trace  # noqa: E402

LOST, NEEDS_PERSON = 9, 3
AT_ONCE = 10  # seconds: far more than a renewal, far less than the patience with a lock that is held


def chosen(calls, home, every):
    """The places, in the order of the run."""
    dull, places = 0, []
    for call in calls:
        if call.lasts(home):
            places.append(call)
        else:
            dull += 1
            if dull % every == 0:
                places.append(call)
    return places


def doubt_of(calls):
    """From the first word in the vault that a token is being spent until its answer is durable."""
    def first(what, after, names, text=""):
        for call in calls:
            if call.at > after and call.name in names and text in call.text:
                return call.at
        raise SystemExit(f"{what}: no {' or '.join(names)} in its place in a renewal")
    leased = first("the lease", -1, ("fcntl",), "F_OFD_SETLK")
    marked = first("the intent", leased, ("pwrite64",))
    sent = first("the request", marked, ("sendto", "sendmsg"))
    stored = first("the new tokens", sent, ("fdatasync",))
    return range(marked + 1, stored + 1)


class Sweep:
    def __init__(self, five, profile):
        self.five, self.profile = five, profile
        self.wrong, self.ends = [], collections.Counter()
        self.in_doubt = range(0)  # positions in the run where a loss is an honest answer

    def command(self, *words):
        return [self.five.broker.program, *words]

    def trace(self, *words):
        began = time.time()
        done, calls = trace(self.command(*words), self.five.directory / "trace", env=self.five.environment())
        self.five.record(words, done.returncode, done.stdout, began)
        return done, calls

    def kill(self, place, *words):
        began = time.time()
        killed = kill_at(self.command(*words), place, env=self.five.environment())
        self.five.record(words, killed.returncode, killed.stdout, began)
        self.ends["killed" if killed.returncode == -9 else "not reached"] += 1
        return killed

    def blame(self, place, what):
        self.wrong.append(f"{self.profile}, killed at {place[0]} {place[1]}: {what}")

    def ask(self, place):
        """One plain `token`; it may not have to wait for the dead."""
        begin = time.monotonic()
        done = self.five.run("token", self.profile)
        if time.monotonic() - begin > AT_ONCE:
            self.blame(place, "the lock was not free")
        return done

    def check_vault(self, place):
        if not vault_is_sound(self.five.state() / "vault.db"):
            self.blame(place, "the vault is damaged")
        for leak in self.five.leaks():
            self.blame(place, leak)

    # -- a renewal ----------------------------------------------------------------------

    def calls_of_a_renewal(self):
        self.five.login(self.profile)
        self.five.expire(self.profile)
        done, calls = self.trace("token", self.profile)
        if done.returncode != 0:
            raise RuntimeError(f"the traced renewal failed: {done.stderr}")
        self.in_doubt = doubt_of(calls) if self.profile in SINGLE_USE else range(0)
        return calls

    def kill_renewal(self, call):
        place = call.place()
        self.five.expire(self.profile)
        before = len(self.five.renewals(self.profile))
        killed = self.kill(place, "token", self.profile)
        if killed.returncode not in (-9, 0):
            self.blame(place, f"ended with {killed.returncode}: {killed.stderr.strip()}")
        if self.profile == "chat":  # its provider is asked once a second, and this one was just asked
            self.five.advance("3s")
        after = self.ask(place)
        rows = self.five.renewals(self.profile)[before:]
        self.judge(place, killed, after, rows)
        if after.returncode == LOST and call.at not in self.in_doubt:
            self.blame(place, "a loss, though nothing was under way")
        self.check_vault(place)
        self.ends[f"then {after.returncode}"] += 1

    def judge(self, place, killed, after, rows):
        if self.profile in SINGLE_USE and len(rows) > 1:
            self.blame(place, f"the refresh token met the authority {len(rows)} times")
        printed = killed.stdout.strip() if killed.stdout.endswith("\n") else None
        if printed and after.stdout.strip() != printed:
            self.blame(place, "what was handed out is not in the vault")
        if after.returncode == 0:
            if not self.five.accepts(self.profile, after.stdout.strip()):
                self.blame(place, "the token is not one that the authority takes")
        elif after.returncode == LOST and self.profile in SINGLE_USE:
            again = self.ask(place)
            if again.returncode != NEEDS_PERSON or f"latchkey login {self.profile}" not in again.stderr:
                self.blame(place, f"after the loss: {again.returncode}: {again.stderr.strip()}")
            self.five.login(self.profile)
        else:
            self.blame(place, f"{after.returncode}: {after.stderr.strip()}")
            self.five.login(self.profile)

    # -- a first login ------------------------------------------------------------------------

    def forget_everything(self):
        shutil.rmtree(self.five.state(), ignore_errors=True)
        (self.five.broker.home / ".config/latchkey/vault.key").unlink(missing_ok=True)

    def calls_of_a_login(self):
        done, calls = self.trace("login", self.profile)
        if done.returncode != 0:
            raise RuntimeError(f"the traced login failed: {done.stderr}")
        return calls

    def kill_login(self, call):
        place = call.place()
        self.forget_everything()
        self.kill(place, "login", self.profile)
        done = self.five.run("login", self.profile)
        if done.returncode != 0:
            self.blame(place, f"the next login: {done.returncode}: {done.stderr.strip()}")
            return
        after = self.ask(place)
        if after.returncode != 0 or not self.five.accepts(self.profile, after.stdout.strip()):
            self.blame(place, f"after the next login: {after.returncode}: {after.stderr.strip()}")
        self.check_vault(place)

    def run(self, every, login):
        calls = self.calls_of_a_login() if login else self.calls_of_a_renewal()
        for call in chosen(calls, self.five.broker.home, every):
            (self.kill_login if login else self.kill_renewal)(call)
        self.wrong += self.five.verdict()
        return len(calls)


def main():
    parser = argparse.ArgumentParser(description="kills a renewal at every system call")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--every", type=int, default=8)
    parser.add_argument("--login", action="store_true")
    parser.add_argument("profile")
    options = parser.parse_args()
    require_strace()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(options.bin, directory) as five:
        sweep = Sweep(five, options.profile)
        made = sweep.run(options.every, options.login)
    print(f"{options.profile}: a {'login' if options.login else 'renewal'} makes {made} system calls; "
          + ", ".join(f"{name}: {count}" for name, count in sorted(sweep.ends.items()))
          + f"; {time.monotonic() - begin:.0f} s")
    print("\n".join(sweep.wrong[:20]) or "ok")
    return 1 if sweep.wrong or not sweep.ends["killed"] else 0


if __name__ == "__main__":
    sys.exit(main())
