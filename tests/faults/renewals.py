#!/usr/bin/env python3
"""Every fault of the sandbox in a renewal of every system.       // promises I1, I2, I3, I8, I11, I12

    renewals.py --bin DIRECTORY [PROFILE...]

At each expiry one fault: the answer is lost, cut, late, spoiled, refused, hostile, or the family is
revoked on its way; before the commit or after it. Wanted: the command ends by its deadline with an
exit code that says what is the matter, or with a token that the authority takes; on a good wire, one
plain `latchkey token` then succeeds or says that a person is needed. A single-use token never meets
the authority twice, but where it gives a lost answer again: there nothing is lost, and nobody needed. The
ledgers of both sides are judged at the end.
"""
import argparse
import collections
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from five import ANSWERS_AGAIN, WIRES, Five  # noqa: E402
from ledger import read  # noqa: E402

SPARE = 2  # seconds beyond twice the profile's timeout
# After a loss or a revocation a person is needed; what cannot be understood or reached may come again.
REFUSED = (3, 5, 6, 7, 9, 10)
OVER = (3, 5, 9)
EITHER = ({"fault": "drop"}, {"fault": "reset"}, {"fault": "delay"}, {"fault": "html"}, {"fault": "empty"},
          {"fault": "endless"}, {"fault": "huge", "bytes": 1 << 26}, {"fault": "fail", "status": 500},
          {"fault": "fail", "status": 502}, {"fault": "fail", "status": 503},
          {"fault": "fail", "status": 503, "retry_after": "7200"}, {"fault": "fail", "status": 429, "retry_after": "1"},
          {"fault": "fail", "status": 429, "retry_after": "Fri, 31 Dec 2999 23:59:59 GMT"},
          {"fault": "fail", "status": 400}, {"fault": "fail", "status": 403})
AFTER = ({"fault": "cut"}, {"fault": "truncated"}, {"fault": "twice"}, {"fault": "absurd-expiry"},
         {"fault": "absurd-expiry", "value": "-1"}, {"fault": "absurd-expiry", "value": "1e300"},
         {"fault": "crlf-token"}, {"fault": "wrong-type"}, {"fault": "revoke"})


def faults(late):
    for rule in EITHER:
        if rule["fault"] == "delay":
            rule = dict(rule, after=late)
        yield dict(rule, after_commit=True)
        yield dict(rule, after_commit=False)
    yield from AFTER


def long_wait(rule):
    return len(rule.get("retry_after", "")) > 1


def costs_a_login(rule):
    """Though lost answers come again: it was ended, or told to come back when the answer is forgotten."""
    return rule["fault"] == "revoke" or (long_wait(rule) and rule["after_commit"])


class Hurt:
    def __init__(self, five, profile, patience):
        self.five, self.profile, self.deadline = five, profile, 2 * patience + SPARE
        self.wrong, self.ends, self.slowest = [], collections.Counter(), 0

    def strike(self, rule):
        system, operation, _ = WIRES[self.profile]
        self.five.expire(self.profile)
        self.before = len(self.five.renewals(self.profile))
        what = f"{self.profile}, " + ", ".join(f"{name} {value}" for name, value in rule.items())
        self.five.fault(system, operation, **rule, count=10)
        begin = time.monotonic()
        done = self.five.run("--no-input", "token", self.profile)
        took = time.monotonic() - begin
        self.slowest = max(self.slowest, took)
        self.let_the_late_come()
        self.five.clear_faults()
        self.judge(what, done, took)
        self.recover(what, rule)

    def let_the_late_come(self):
        """What is done late is done before the clock moves on: it would be later than it can be."""
        end = time.monotonic() + 60
        while self.five.struck() > len(self.five.renewals(self.profile)) - self.before and time.monotonic() < end:
            time.sleep(0.05)

    def judge(self, what, done, took):
        self.ends[done.returncode] += 1
        if took > self.deadline:
            self.wrong.append(f"{what}: it took {took:.1f} s")
        if done.returncode == 0:
            if not self.five.accepts(self.profile, done.stdout.strip()) and "revoke" not in what:
                self.wrong.append(f"{what}: a token that the authority does not take")
        elif done.returncode not in REFUSED or done.stdout or not done.stderr.startswith("latchkey: "):
            self.wrong.append(f"{what}: {done.returncode}: {done.stderr.strip()[:200]}")

    def recover(self, what, rule):
        keeps = self.profile in ANSWERS_AGAIN and not costs_a_login(rule)
        self.five.advance("2m" if keeps and not long_wait(rule) else "25h")  # the longest that anybody is told to wait
        after = self.five.run("--no-input", "token", self.profile)
        self.ends[f"then {after.returncode}"] += 1
        # Who was told that it lives for ever, or was revoked behind his back, cannot know better.
        deceived = "revoke" in what or "absurd" in what
        good = after.returncode == 0 and (deceived or self.five.accepts(self.profile, after.stdout.strip()))
        if not good and (keeps or after.returncode not in OVER):
            self.wrong.append(f"{what}, then {after.returncode}: {after.stderr.strip()[:200]}")
        if not good or deceived:
            self.five.login(self.profile)


def sent_twice(lines):
    """Single-use tokens that came again although nobody had said that they were not looked at, and nobody
    gives their answers again."""
    single = {line["system"] for line in lines if line["op"] == "open" and line["rotation"] == "single_use"}
    single -= {WIRES[profile][0] for profile in ANSWERS_AGAIN}
    seen = set()
    for line in sorted((line for line in lines if line["op"] == "refresh"), key=lambda line: line["began"]):
        token = line["system"], line.get("token")
        if line["system"] in single and token in seen:
            yield f"{line['system']}: the refresh token {token[1]} met the authority twice (request {line.get('request')})"
        if not line.get("retry_after"):
            seen.add(token)


def play(binaries, profile):
    patience = 4 if profile == "chat" else 1  # who is asked once a second is waited for longer
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
            Five(binaries, directory, timeout=f"{patience}s") as five:
        five.login(profile)
        hurt = Hurt(five, profile, patience)
        for rule in faults(f"{patience + 1}s"):
            hurt.strike(rule)
        ends = ", ".join(f"{end}: {count}" for end, count in sorted(hurt.ends.items(), key=str))
        print(f"{profile}: {ends}; slowest {hurt.slowest:.1f} s", flush=True)
        return [*hurt.wrong, *five.verdict(), *five.leaks(), *sent_twice(read(five.sandbox.info["ledger"]))]


def main():
    parser = argparse.ArgumentParser(description="every fault in a renewal of every system")
    parser.add_argument("--bin", required=True)
    parser.add_argument("profiles", nargs="*")
    options = parser.parse_args()
    wrong = []
    for profile in options.profiles or WIRES:
        wrong += play(options.bin, profile)
    print("\n".join(wrong[:40]) or "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
