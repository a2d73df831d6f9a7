#!/usr/bin/env python3
"""Runs transcripts: tests of the command line that read like a terminal session.

    run.py --bin DIRECTORY [FILE...]

A transcript is lines of:

    # a comment
    sandbox [ARGUMENT...]        start latchkeyd sandbox; every transcript has its own
    config ...end                the lines in between become config.toml
    file NAME ...end             … or a file (0600) in the home directory
    [!] latchkey WORD...         run it; must succeed, or fail after "!"
    [!] latchkeyd WORD...
    [!] curl WORD...
    input TEXT                   standard input of the next command
    set NAME=VALUE               an environment variable for the commands that follow
    exit N                       the last command's exit code
    [!] stdout REGEX             a match in what it printed, or none after "!"
    [!] stderr REGEX
    advance DURATION             move the authority's clock and the broker's
    served OPERATION N           the authority has performed it N times since it started
    same NAME                    standard output is what `keep NAME` kept; "!" it is not
    keep NAME

${a.b[0].c} is looked up in the document that the sandbox prints; $HOME, $BASE and kept
names (as $NAME) are replaced too. Words are split as a shell does.
"""
import argparse
import json
import pathlib
import re
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from sandbox import Broker, Sandbox  # noqa: E402


class Failure(Exception):
    pass


class Transcript:
    def __init__(self, path, binaries):
        self.path, self.binaries = path, pathlib.Path(binaries).resolve()
        self.sandbox, self.last, self.input = None, None, None
        self.kept, self.extra = {}, {}
        import tempfile
        self.directory = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.broker = Broker(binaries, self.directory.name)

    # -- words -----------------------------------------------------------------

    def expand(self, text):
        def look_up(match):
            value = self.sandbox.info if self.sandbox else {}
            for part in re.findall(r"[\w-]+", match[1]):
                value = value[int(part)] if isinstance(value, list) else value[part]
            return str(value)
        text = re.sub(r"\$\{([^}]+)\}", look_up, text)
        for name, value in self.kept.items():
            text = text.replace("$" + name, value)
        text = text.replace("$HOME", str(self.broker.home))
        return text.replace("$BASE", self.sandbox.base) if self.sandbox else text

    # -- verbs -----------------------------------------------------------------

    def run_program(self, words, wanted):
        offset = self.sandbox.offset if self.sandbox else None
        if words[0] == "latchkey":
            self.last = self.broker.run(*words[1:], input=self.input, offset=offset, extra=self.extra)
        else:
            program = self.binaries / words[0] if words[0] == "latchkeyd" else words[0]
            environment = dict(self.sandbox.environment if self.sandbox else self.broker.environment, **self.extra)
            self.last = subprocess.run([program, *words[1:]], input=self.input, capture_output=True, text=True,
                                       env=environment, timeout=120, cwd=self.broker.home, start_new_session=True)
        self.input = None
        if (self.last.returncode == 0) != wanted:
            raise Failure(f"exit code {self.last.returncode}")

    def match(self, stream, pattern, wanted):
        found = re.search(pattern, stream, re.M)
        if bool(found) != wanted:
            raise Failure(("no match for " if wanted else "a match for ") + pattern)

    def served(self, operation, count):
        seen = json.loads(self.sandbox.control("requests", "--json"))
        n = sum(1 for request in seen if request["operation"] == operation)
        if n != int(count):
            raise Failure(f"{operation} was performed {n} times")

    def step(self, line, block):
        wanted = not line.startswith("! ")
        line = line if wanted else line[2:]
        verb, _, rest = line.partition(" ")
        if verb in ("latchkey", "latchkeyd", "curl"):
            self.run_program(shlex.split(self.expand(line)), wanted)
        elif verb == "sandbox":
            self.sandbox = Sandbox(self.binaries, *shlex.split(rest))
        elif verb == "config":
            self.broker.configure(self.expand(block))
        elif verb == "file":
            self.broker.secret_file(rest, self.expand(block))
        elif verb == "input":
            self.input = self.expand(rest) + "\n"
        elif verb == "set":
            name, _, value = rest.partition("=")
            self.extra[name] = self.expand(value)
        elif verb == "exit":
            if self.last.returncode != int(rest):
                raise Failure(f"exit code {self.last.returncode}")
        elif verb in ("stdout", "stderr"):
            self.match(getattr(self.last, verb), self.expand(shlex.split(rest)[0]), wanted)
        elif verb == "advance":
            self.sandbox.advance(rest)
        elif verb == "served":
            self.served(*rest.split())
        elif verb == "keep":
            self.kept[rest] = self.last.stdout.strip()
        elif verb == "same":
            if (self.last.stdout.strip() == self.kept[rest]) != wanted:
                raise Failure("standard output is " + ("another" if wanted else "the same"))
        else:
            raise Failure("no such verb")

    def play(self):
        lines = self.path.read_text().split("\n")
        number = 0
        try:
            while number < len(lines):
                line, at, block = lines[number].strip(), number + 1, ""
                number += 1
                if not line or line.startswith("#"):
                    continue
                if line.split(" ")[0] in ("config", "file"):
                    while lines[number].strip() != "end":
                        block += lines[number] + "\n"
                        number += 1
                    number += 1
                try:
                    self.step(line, block)
                except (Failure, KeyError, IndexError, RuntimeError) as what:
                    return f"{self.path.name}:{at}: {line}\n    {what!r}" + self.shown()
            return None
        finally:
            if self.sandbox:
                self.sandbox.close()
            self.directory.cleanup()

    def shown(self):
        text = ""
        if self.last is not None:
            text += f"\n  stdout: {self.last.stdout[:2000]}\n  stderr: {self.last.stderr[:2000]}"
        if self.sandbox:
            text += "\n  log: " + self.sandbox.log_text()[-2000:]
        return text


def main():
    parser = argparse.ArgumentParser(description="runs transcripts")
    parser.add_argument("--bin", required=True)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    files = options.files or sorted(HERE.glob("*.txt"))
    failed = 0
    for path in files:
        trouble = Transcript(path, options.bin).play()
        print(("FAIL " + trouble) if trouble else f"ok   {path.name}", flush=True)
        failed += trouble is not None
    print(f"{len(files) - failed} passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
