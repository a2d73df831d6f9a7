#!/usr/bin/env python3
"""A long day of accidents, and a verdict.                   // promises I1 to I12, as the ledgers see them

    soak.py --bin DIRECTORY [--seconds N] [--seed N] [--workers N]

Several programs at once ask, renew, call and log in for five systems and over the standard wire; some are killed in the middle,
at a random moment or at a random system call; the sandbox spoils answers; its clock jumps ahead; the
agent, where there is one, comes and goes. At the end all is put right, each profile must give a token that the
authority takes, and the judge reads both ledgers. The seed is printed: it makes the same choices
again, though not the same order of events.
"""
import argparse
import collections
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from agent import Agent  # noqa: E402
from five import PROOFS, WIRES, Five, vault_is_sound  # noqa: E402
from kernel import LASTING, kill_at  # noqa: E402

PATIENCE = 2
DEADLINE = 2 * PATIENCE + 2 + 4  # and what a busy machine may take
OVER = (3, 5, 9)
KNOWN = (0, 3, 5, 6, 9, 10)
FAULTS = ({"fault": "drop"}, {"fault": "reset"}, {"fault": "cut"}, {"fault": "delay", "after": "1s"},
          {"fault": "delay", "after": "4s"}, {"fault": "fail", "status": 500}, {"fault": "fail", "status": 503},
          {"fault": "fail", "status": 503, "retry_after": "2"}, {"fault": "fail", "status": 429, "retry_after": "1"},
          {"fault": "html"}, {"fault": "truncated"}, {"fault": "twice"}, {"fault": "crlf-token"}, {"fault": "revoke"})
NEEDS_ANSWER = ("cut", "truncated", "twice", "crlf-token", "revoke")


class Day:
    def __init__(self, five, seed, profiles, good_wire):
        self.five, self.seed, self.profiles = five, seed, profiles
        self.wrong, self.ends, self.lock = [], collections.Counter(), threading.Lock()
        self.logins = {profile: threading.Lock() for profile in profiles}
        self.over = threading.Event()
        self.calm, self.running, self.jumping = threading.Condition(), 0, False
        self.slowest, self.good_wire, self.agent = 0, good_wire, None

    def blame(self, what):
        with self.lock:
            self.wrong.append(what)

    # -- what programs do ---------------------------------------------------------------

    def worker(self, number):
        chance = random.Random(self.seed * 1000 + number)
        try:
            while not self.over.is_set():
                with self.calm:
                    self.calm.wait_for(lambda: not self.jumping)
                    self.running += 1
                try:
                    self.act(chance)
                finally:
                    with self.calm:
                        self.running -= 1
                        self.calm.notify_all()
        except Exception as what:  # a worker that dies must not do so in silence
            self.blame(f"a worker: {type(what).__name__}: {what}")
            self.over.set()

    def act(self, chance):
        profile = chance.choice(self.profiles)
        deed = chance.choices((self.ask, self.kill_soon, self.kill_at_a_call),
                              (12, 3, 3))[0]
        deed(chance, profile)

    def words(self, chance, profile):
        return chance.choices((("token", profile), ("header", profile), ("token", profile, "--live-for", "20m"),
                               ("refresh", profile), ("request", profile, *PROOFS[profile]), ("validate", profile),
                               ("status", profile)), (10, 3, 3, 3, 3, 1, 1))[0]

    def ask(self, chance, profile):
        words = self.words(chance, profile)
        begin = time.monotonic()
        done = self.five.run("--no-input", *words)
        took = time.monotonic() - begin
        with self.lock:
            self.ends[done.returncode] += 1
            self.slowest = max(self.slowest, took)
        if done.returncode not in KNOWN or (done.returncode and not done.stderr):
            self.blame(f"{' '.join(words)}: {done.returncode}: {done.stderr.strip()[:200]}")
        if took > DEADLINE:
            self.blame(f"{' '.join(words)}: it took {took:.1f} s")
        if done.returncode in OVER and words[0] == "token":
            self.log_in(profile)

    def log_in(self, profile):
        """As a person would, who sees the message; one person."""
        if not self.logins[profile].acquire(blocking=False):
            return
        try:
            done = self.five.run("--no-input", "token", profile)
            if done.returncode in OVER:
                self.five.login_in_a_hurry(profile)
                self.ends["login"] += 1
        except RuntimeError:  # a fault met it: the next one tries again
            self.ends["login failed"] += 1
        finally:
            self.logins[profile].release()

    def kill_soon(self, chance, profile):
        """After a random while, wherever it is then."""
        words, began = ("token", profile), time.time()
        program = subprocess.Popen([self.five.broker.program, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   stdin=subprocess.DEVNULL, text=True, env=self.five.environment())
        try:
            program.wait(timeout=chance.uniform(0, 0.1))
        except subprocess.TimeoutExpired:
            program.kill()
        printed = program.communicate()[0]
        self.five.record(words, program.returncode, printed, began, program.pid)
        self.ends["killed" if program.returncode < 0 else program.returncode] += 1

    def kill_at_a_call(self, chance, profile):
        words, began = ("token", profile), time.time()
        place = (chance.choice(sorted(LASTING & {"pwrite64", "fdatasync", "fcntl", "sendto", "recvfrom", "poll",
                                                 "unlink", "connect", "ftruncate"})), chance.randint(1, 8))
        done = kill_at([self.five.broker.program, *words], place, env=self.five.environment())
        self.five.record(words, done.returncode, done.stdout, began)
        self.ends["killed" if done.returncode < 0 else done.returncode] += 1

    # -- what happens to them ----------------------------------------------------------------

    def accidents(self, until):
        chance = random.Random(self.seed)
        while (left := until - time.monotonic()) > 0 and not self.over.wait(min(left, chance.uniform(0.2, 1.5))):
            deed = chance.choices((self.spoil, self.mend, self.jump, self.shoot_the_agent),
                                  (0 if self.good_wire else 5, 4, 4, 1))[0]
            deed(chance)
        self.over.set()

    def spoil(self, chance):
        rule = dict(chance.choice(FAULTS))
        system, operation, _ = WIRES[chance.choice(self.profiles)]
        if rule["fault"] not in NEEDS_ANSWER:
            rule["after_commit"] = chance.random() < 0.5
        self.five.fault(system, operation, probability=0.7, count=chance.randint(1, 4),
                        seed=chance.randrange(1 << 30), **rule)
        self.ends["faults"] += 1

    def mend(self, _):
        self.five.clear_faults()

    def jump(self, chance):
        """Nobody runs meanwhile: a program keeps the clock that it was started with, as no machine does."""
        with self.calm:
            self.jumping = True
            self.calm.wait_for(lambda: self.running == 0)
            self.five.advance(chance.choice(("20s", "10m", "31m", "2h", "8h1m", "10h1m", "24h1m")))
            self.new_agent(chance)
            self.jumping = False
            self.calm.notify_all()
        self.ends["jumps"] += 1

    def new_agent(self, chance):
        """Or none, or the old one is gone without a word."""
        if self.agent:
            self.agent.kill() if chance.random() < 0.5 else self.agent.close()
        self.agent = Agent(self.five.broker, self.five.sandbox.offset) if chance.random() < 0.6 else None
        self.ends["agents"] += self.agent is not None

    def shoot_the_agent(self, _):
        if self.agent and self.agent.process.poll() is None:
            self.agent.kill()
            self.ends["agents killed"] += 1

    # -- the end ------------------------------------------------------------------------------

    def put_right(self):
        """A good wire, no agent, and nobody in a hurry: everything must work again."""
        if self.agent:
            self.agent.close()
        self.five.clear_faults()
        self.five.advance("25h")
        for profile in self.profiles:
            done = self.five.run("--no-input", "token", profile)
            if done.returncode in OVER:
                self.five.login(profile)
                done = self.five.run("--no-input", "token", profile)
            if done.returncode != 0 or not self.five.accepts(profile, done.stdout.strip()):
                self.blame(f"at rest, {profile}: {done.returncode}: {done.stderr.strip()}")
        if not vault_is_sound(self.five.state() / "vault.db"):
            self.blame("the vault is damaged")

    def run(self, seconds, workers):
        for profile in self.profiles:
            self.five.login(profile)
        threads = [threading.Thread(target=self.worker, args=(number,)) for number in range(workers)]
        for thread in threads:
            thread.start()
        try:
            self.accidents(time.monotonic() + seconds)
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
        self.put_right()
        self.wrong += self.five.verdict()
        self.wrong += list(self.five.leaks())
        verdict = subprocess.run([self.five.binaries / "latchkeyd", "sandbox", "verdict", "--ledger",
                                  self.five.sandbox.info["ledger"]], capture_output=True, text=True, timeout=120,
                                 env=self.five.sandbox.environment)
        print(verdict.stdout.strip() + verdict.stderr.strip())
        if verdict.returncode != 0:
            self.wrong.append("the sandbox's own verdict is: guilty")


def main():
    parser = argparse.ArgumentParser(description="a long day of accidents, and a verdict")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--no-faults", action="store_true", help="a good wire; kills and jumps only")
    parser.add_argument("--workers", type=int, default=6)
    options = parser.parse_args()
    print(f"soak: {options.seconds} s with seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
            Five(options.bin, directory, timeout=f"{PATIENCE}s") as five:
        day = Day(five, options.seed, list(WIRES), options.no_faults)
        day.run(options.seconds, options.workers)
    print(", ".join(f"{end}: {count}" for end, count in sorted(day.ends.items(), key=str)) + f"; slowest {day.slowest:.1f} s")
    print("\n".join(day.wrong[:40]) or "ok")
    return 1 if day.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
