#!/usr/bin/env python3
"""200 programs ask for a token at the instant of its expiry.       // promises I3, I8, I12, N7

    many.py --bin DIRECTORY [--programs N] [--agent up|starting|killed] [PROFILE...]

Mixed commands and programs that use the library, in homes that name one vault in every way there is: its own, a link to it, a
mount of it, other configuration directories, other homes. All are held at a pipe and let go
together. Wanted: one effective renewal at the authority, everybody successful, one token. --agent: the
same with an agent in the first home, one that starts at the same instant, or one that is killed then.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from agent import Agent  # noqa: E402
from five import PROOFS, SINGLE_USE, WIRES, Five  # noqa: E402

# A shell reads one pipe with all others; its end lets all of them go at once.
HELD = 'read _; exec "$@"'
BOUND = 'mount --bind "$1" "$2" || exit 125; shift 2; read _; exec "$@"'
DEADLINE = 30  # the profile's
LOST, NEEDS_PERSON = 9, 3


class Homes:
    """One vault, and the ways to it."""

    def __init__(self, five):
        self.five, self.own = five, five.broker.home
        self.ways = [("its own home", self.environment(self.own), ())]
        link = five.directory / "link"
        link.symlink_to(self.own)
        self.ways.append(("a link to the home", self.environment(link), ()))
        other = five.directory / "other"
        self.configure(other / ".config/latchkey", self.own)
        self.ways.append(("another home", self.environment(other), ()))
        linked = five.directory / "linked"
        self.configure(linked / ".config/latchkey", link)
        self.ways.append(("another home, through the link", self.environment(linked), ()))
        elsewhere = dict(self.environment(self.own), XDG_CONFIG_HOME=str(other / ".config"))
        self.ways.append(("another configuration directory", elsewhere, ()))
        if can_mount():
            bound = five.directory / "bound"
            bound.mkdir()
            self.ways.append(("a mount of the home", self.environment(bound), (str(self.own), str(bound))))

    def configure(self, folder, home):
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(self.five.config(head=(
            f'[vault]\npath = "{home}/.local/state/latchkey/vault.db"\n'
            f'key_file = "{home}/.config/latchkey/vault.key"\n')))

    def environment(self, home):
        return dict(self.five.broker.environment, HOME=str(home), XDG_RUNTIME_DIR=str(home))

    def commands(self, profile):
        """Endlessly: words of a command, and how to read the token from what it prints."""
        last_word = re.compile(r"(\S+)\s*$")
        mix = [(("token", profile), last_word), (("token", profile, "--json"), re.compile(r'"access_token":\s*"([^"]+)"')),
               (("header", profile), re.compile(r"(?im)^(?:authorization: bearer|x-authorization-key:) (\S+)")),
               (("token", profile, "--live-for", "90s"), last_word), (("--no-input", "token", profile), last_word), (("library", profile), last_word)]
        while True:
            yield from mix


def can_mount():
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, timeout=60)
    return probe.returncode == 0


def program_of(five, words):
    if words[0] != "library":
        return [five.broker.program, *words]
    library = pathlib.Path(five.broker.program).parent.parent / "lib/liblatchkey.so.1"
    return [sys.executable, "-I", "-S", HERE / "ask_library.py", library, *words[1:]]


class Crowd:
    """Programs that are started, held, and let go together."""

    def __init__(self):
        self.gate, self.opener = os.pipe()
        self.programs, self.words, self.meanwhile, self.began = [], [], None, 0

    def start(self, five, way, words):
        _, environment, mount = way
        held = ["unshare", "--mount", "/bin/sh", "-c", BOUND, "sh", *mount] if mount else ["/bin/sh", "-c", HELD, "sh"]
        environment = dict(five.environment(), **environment)
        self.words.append(words)
        self.programs.append(subprocess.Popen(
            [*held, *program_of(five, words)], stdin=self.gate, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=environment))

    def let_go(self, patience, meanwhile=lambda: None):
        """(exit code, seconds, stdout, stderr) of each, in the order of their start; `meanwhile` is
        called when they run."""
        os.close(self.gate)
        begin, self.began = time.monotonic(), time.time()
        os.close(self.opener)
        self.meanwhile = meanwhile()
        waiting, ended = {program.pid: program for program in self.programs}, {}
        signal.signal(signal.SIGALRM, self.give_up)
        signal.alarm(patience)
        while waiting:
            pid, status = os.waitpid(-1, 0)
            program = waiting.pop(pid, None)
            if program is not None:
                program.returncode = os.waitstatus_to_exitcode(status)
                ended[pid] = time.monotonic() - begin
        signal.alarm(0)
        return [(program.returncode, ended[program.pid], *program.communicate()) for program in self.programs]

    def write_down(self, five, ended):
        for program, words, (code, seconds, out, _) in zip(self.programs, self.words, ended):
            five.record(words, code, out, self.began, program.pid, self.began + seconds)

    def give_up(self, *_):
        for program in self.programs:
            if program.returncode is None:
                program.kill()
        raise RuntimeError("they do not end")


def crowd_of(five, homes, profile, count):
    crowd, readers = Crowd(), []
    for number, (words, reader) in zip(range(count), homes.commands(profile)):
        way = homes.ways[(number // 5) % len(homes.ways)]
        crowd.start(five, way, words)
        readers.append(reader)
    return crowd, readers


def expiry(five, homes, profile, count, agent="none"):
    """What was wrong when `count` programs met the expiry of that profile."""
    five.expire(profile)
    before = len(five.renewals(profile))
    running = Agent(five.broker, five.sandbox.offset) if agent in ("up", "killed") else None
    crowd, readers = crowd_of(five, homes, profile, count)
    if agent == "starting":
        crowd.start(five, homes.ways[0], ("agent", "start"))
    ended = crowd.let_go(DEADLINE * 4, running.kill if agent == "killed" else lambda: None)
    crowd.write_down(five, ended)
    started = ended.pop() if agent == "starting" else None
    rows = five.renewals(profile)[before:]
    wrong = judge(profile, ended, readers, rows, agent)
    if started and (started[0] != 0 or five.run("agent", "status").returncode != 0):
        wrong.append(f"{profile}: the agent did not start: {started[0]} {started[3]}")
    if agent == "up" and running.process.poll() is not None:
        wrong.append(f"{profile}: the agent has ended: {running.log_text()[-300:]}")
    if running:
        running.close()
    five.run("agent", "stop")
    if not wrong and "killed" != agent:
        five.latchkey("request", profile, *PROOFS[profile])
    times = sorted(seconds for _, seconds, _, _ in ended)
    print(f"{profile}: {count} programs, agent {agent}, {len(rows)} renewal, median {times[len(times) // 2]:.2f} s, "
          f"slowest {times[-1]:.2f} s", flush=True)
    return wrong


def judge(profile, ended, readers, rows, agent):
    # An agent that is killed with the answer on its way has lost it: the provider's rule says what then.
    lost = agent == "killed" and profile in SINGLE_USE and any(code == LOST for code, _, _, _ in ended)
    allowed = (0, LOST, NEEDS_PERSON) if lost else (0,)
    wrong = [f"{profile}: exit code {code}: {said.strip()}" for code, _, _, said in ended if code not in allowed]
    found = [reader.search(out) for reader, (code, _, out, _) in zip(readers, ended) if code == 0]
    tokens = {match[1] if match else None for match in found}
    if len(tokens) != (0 if lost else 1) or None in tokens:
        wrong.append(f"{profile}: {len(tokens)} different tokens")
    most = 2 if agent == "killed" and profile not in SINGLE_USE else 1
    if not 1 <= len(rows) <= most or any(row["status"] != 200 for row in rows):
        wrong.append(f"{profile}: {len(rows)} calls, {[row['status'] for row in rows]}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description="many programs at one instant of expiry")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--agent", choices=("none", "up", "starting", "killed"), default="none")
    parser.add_argument("profiles", nargs="*")
    options = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(options.bin, directory) as five:
        homes = Homes(five)
        for profile in options.profiles or WIRES:
            five.login(profile)
            wrong += expiry(five, homes, profile, options.programs, options.agent)
        wrong += five.verdict()
        print("ways: " + "; ".join(way[0] for way in homes.ways))
    print("\n".join(wrong[:20]) or "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
