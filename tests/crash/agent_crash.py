#!/usr/bin/env python3
"""Kills the agent, or who asks it, at the system calls of a renewal.    // promises I2, I3, I4, I7, I8

    agent_crash.py --bin DIRECTORY [--every N] agent|asker PROFILE

Wanted is what crash.py wants: the asker, left alone in the middle, goes on without an agent; one plain
`latchkey token` afterwards gives a token that the authority takes, or says that the rotation is lost.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
from agent import Agent  # noqa: E402
from crash import LOST, Sweep, chosen  # noqa: E402
from five import SINGLE_USE, Five  # noqa: E402
from kernel import calls_in, require_strace  # noqa: E402


class TracedAgent:
    """`latchkey agent run` under strace, which may kill it."""

    def __init__(self, five, words):
        ready, say_ready = os.pipe()
        self.five = five
        self.process = subprocess.Popen(
            ["strace", "-f", "-qq", *words, str(five.broker.program), "agent", "run", "--ready", str(say_ready)],
            env=five.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=[say_ready])
        os.close(say_ready)
        with os.fdopen(ready) as said:
            self.ready = said.readline().strip() == "ready"

    def end(self):
        """True if it was killed at its place."""
        if self.process.poll() is None:
            self.five.run("agent", "stop")
        return self.process.wait(timeout=60) not in (0,)


class AgentSweep(Sweep):
    def calls_of_an_agent(self):
        self.five.login(self.profile)
        self.five.expire(self.profile)
        log = self.five.directory / "trace"
        agent = TracedAgent(self.five, ["-s", "64", "-o", str(log)])
        self.five.token(self.profile)
        agent.end()
        calls = calls_in(log.read_text(errors="replace"), by_thread=True)
        ready = next(call.at for call in calls if call.name == "write" and '"ready' in call.text)
        seen = {}
        for call in calls:  # one of each name and number: the first thread that comes there is killed
            if call.at > ready:
                seen.setdefault(call.place(), call)
        return list(seen.values())

    def kill_agent(self, call):
        place = call.place()
        self.five.expire(self.profile)
        before = len(self.five.renewals(self.profile))
        began = time.time()
        agent = TracedAgent(self.five, ["-e", f"trace={place[0]}", f"--inject={place[0]}:signal=SIGKILL:when={place[1]}",
                                        "-o", "/dev/null"])
        asked = self.ask(place)
        after = self.ask(place) if asked.returncode != 0 else asked
        killed = agent.end()
        if self.profile == "chat":
            self.five.advance("3s")
        if killed:
            self.five.record(("agent", self.profile), -9, "", began)
        self.ends["killed" if killed else "not reached"] += 1
        self.ends[f"then {asked.returncode}"] += 1
        if asked.returncode not in (0, LOST) or (asked.returncode == LOST and self.profile not in SINGLE_USE):
            self.blame(place, f"{asked.returncode}: {asked.stderr.strip()}")
        self.judge_agent(place, asked, after, before)

    def judge_agent(self, place, asked, after, before):
        rows = self.five.renewals(self.profile)[before:]
        if self.profile in SINGLE_USE and len(rows) > 1:
            self.blame(place, f"the refresh token met the authority {len(rows)} times")
        if asked.returncode == 0 and not self.five.accepts(self.profile, asked.stdout.strip()):
            self.blame(place, "the token is not one that the authority takes")
        if asked.returncode == 0 and self.ask(place).stdout != asked.stdout:
            self.blame(place, "what was handed out is not in the vault")
        if asked.returncode != 0:
            self.five.login(self.profile)
        self.check_vault(place)

    def run_agent(self, every):
        calls = self.calls_of_an_agent()
        for call in chosen(calls, self.five.broker.home, every):
            self.kill_agent(call)
        self.wrong += self.five.verdict()
        return len(calls)

    def run_asker(self, every):
        """An agent for each kill: its clock is the one that it was started with."""
        self.five.login(self.profile)
        self.five.expire(self.profile)
        with Agent(self.five.broker, self.five.sandbox.offset):
            _, calls = self.trace("token", self.profile)
        for call in chosen(calls, self.five.broker.home, every):
            self.five.expire(self.profile)
            before = len(self.five.renewals(self.profile))
            with Agent(self.five.broker, self.five.sandbox.offset):
                self.kill(call.place(), "token", self.profile)
                after = self.ask(call.place())
                self.ends[f"then {after.returncode}"] += 1
                if after.returncode != 0:
                    self.blame(call.place(), f"{after.returncode}: {after.stderr.strip()}")
                self.judge_agent(call.place(), after, after, before)
        self.wrong += self.five.verdict()
        return len(calls)


def main():
    parser = argparse.ArgumentParser(description="kills the agent, or who asks it")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--every", type=int, default=16)
    parser.add_argument("who", choices=("agent", "asker"))
    parser.add_argument("profile")
    options = parser.parse_args()
    require_strace()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(options.bin, directory) as five:
        sweep = AgentSweep(five, options.profile)
        made = (sweep.run_agent if options.who == "agent" else sweep.run_asker)(options.every)
    print(f"{options.profile}, {options.who}: {made} places; "
          + ", ".join(f"{name}: {count}" for name, count in sorted(sweep.ends.items()))
          + f"; {time.monotonic() - begin:.0f} s")
    print("\n".join(sweep.wrong[:20]) or "ok")
    return 1 if sweep.wrong or not sweep.ends["killed"] else 0


if __name__ == "__main__":
    sys.exit(main())
