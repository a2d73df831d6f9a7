#!/usr/bin/env python3
"""Runs transcripts: tests of the command line that read like a terminal session.

    run.py --bin DIRECTORY [--show] [FILE...]      --show: all that is said; does not stop

A transcript is lines of:

    # a comment
    include FILE                 the lines of that file
    sandbox [ARGUMENT...]        start latchkeyd sandbox; every transcript has its own
    config ...end                the lines in between become config.toml
    file NAME ...end             … or a file (0600) in the home directory
    program NAME ...end          … or a program (0700)
    [!] latchkey WORD...         run it; must succeed, or fail after "!"
    [!] latchkeyd WORD...
    [!] curl WORD...
    [!] sh LINE                  the same for a line of shell; the binaries and $HOME are on its PATH
    input TEXT                   standard input of the next command
    tty ANSWER...                the next command has a terminal, and these are typed there:
                                 @otp is the newest code in the outbox, @walk what somebody
                                 brings from the browser (PERSON_LOGIN, PERSON_PASSWORD),
                                 @interrupt Ctrl-C; in the end it must echo again
    when REGEX COMMAND...        run this once the next command has said that ($LINE)
    set NAME=VALUE               an environment variable for the commands that follow
    unset NAME
    serve NAME WORD...           start `latchkeyd WORD... serve`; it listens on $NAME
    stop NAME                    SIGTERM; what it said becomes the last command
    exit N                       the last command's exit code
    says TEXT                    all that it said on standard error
    [!] stdout REGEX             a match in what it printed, or none after "!"
    [!] stderr REGEX
    [!] shown REGEX              … or on its terminal
    [!] log REGEX                … or in the log of the sandbox
    json PATH REGEX              a member of the document that it printed, wholly
    advance DURATION             move the authority's clock and the broker's
    served OPERATION N           the authority has performed it N times since it started
    keep NAME [PATH]             standard output, or a member of it, as $NAME from now on
    same NAME                    standard output is what `keep NAME` kept; "!" it is not

${a.b[0].c} is looked up in the document that the sandbox prints; $HOME, $BASE, $BIN, $TESTS,
$REDIRECT (a registered one whose port is free) and kept names are replaced too. Words
are split as a shell does.

After each command: no password, secret or key of the sandbox and no token that was handed
out is on its standard error, on its terminal or in the sandbox's log.
"""
import argparse
import json
import pathlib
import queue
import re
import shlex
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SUPPORT = HERE.parent / "support"
sys.path.insert(0, str(SUPPORT))
from person import UUID, Person  # noqa: E402
from sandbox import Broker, Sandbox  # noqa: E402
from server import Server  # noqa: E402
from terminal import Watched  # noqa: E402

SECRET_MEMBERS = {"secret", "password", "shared_key", "private_key", "totp_seed", "totp_base32"}
BLOCKS = ("config", "file", "program")


class Failure(Exception):
    pass


def look_up(value, path):
    for part in re.findall(r"[\w-]+", path):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def shown_as_text(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def secrets_in(document):
    if isinstance(document, list):
        return {secret for member in document for secret in secrets_in(member)}
    if not isinstance(document, dict):
        return set()
    own = {value for name, value in document.items() if name in SECRET_MEMBERS and isinstance(value, str)}
    return own | secrets_in(list(document.values()))


def free_one(uris):
    for uri in uris:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", int(re.search(r":(\d+)/", uri)[1])))
                return uri
            except OSError:
                pass
    raise Failure("all registered redirect URIs are in use")


class Transcript:
    def __init__(self, path, binaries, show=False):
        self.path, self.show, self.binaries = path, show, pathlib.Path(binaries).resolve()
        self.sandbox, self.servers, self.last = None, {}, None
        self.input, self.answers, self.whens = None, None, []
        self.kept, self.extra, self.secrets, self.wrong = {}, {}, set(), None
        self.directory = tempfile.TemporaryDirectory(prefix="latchkey-")
        self.broker = Broker(binaries, self.directory.name)

    # -- words -----------------------------------------------------------------

    def expand(self, text):
        info = self.sandbox.info if self.sandbox else {}
        text = re.sub(r"\$\{([^}]+)\}", lambda match: str(look_up(info, match[1])), text)
        names = dict(self.kept, HOME=str(self.broker.home), BIN=str(self.binaries), TESTS=str(SUPPORT))
        if self.sandbox:
            names["BASE"] = self.sandbox.base
        if "$REDIRECT" in text:
            names["REDIRECT"] = free_one(look_up(info, "systems.sinopac.clients[0].redirect_uris"))
        return re.sub(r"\$(\w+)", lambda match: names.get(match[1], match[0]), text)

    def environment(self):
        values = dict(self.broker.environment)
        values["PATH"] = f"{self.binaries}:{self.broker.home}:{values['PATH']}"
        if self.sandbox:
            values["XDG_RUNTIME_DIR"] = self.sandbox.environment["XDG_RUNTIME_DIR"]
            if self.sandbox.offset:
                values["LATCHKEY_CLOCK_OFFSET"] = self.sandbox.offset
        return dict(values, **self.extra)

    # -- running ---------------------------------------------------------------

    def run(self, words, wanted):
        answers, whens, self.answers, self.whens = self.answers, self.whens, None, []
        heard = queue.Queue()

        def hear(line):
            heard.put(line)
            for when in [each for each in whens if re.search(each[0], line)]:
                whens.remove(when)
                subprocess.run(["sh", "-c", when[1]], env=dict(self.environment(), LINE=line.strip()), check=True,
                               cwd=self.broker.home, stdout=subprocess.DEVNULL, timeout=60)

        self.last = Watched(words, self.environment(), self.broker.home, self.input,
                            None if answers is None else lambda: self.answer(answers, heard), hear).run()
        self.input = None
        if self.show:
            print(f"$ {shlex.join(words)}   → {self.last.returncode}\n{self.last.stdout}{self.last.stderr}{self.last.shown}")
        if (self.last.returncode == 0) != wanted:
            raise Failure(f"exit code {self.last.returncode}")
        if answers or whens:
            raise Failure(f"never asked for {answers or whens}")
        self.note_secrets(words)
        self.no_secret_in(self.last.stderr + self.last.shown, "said")
        if self.sandbox:
            self.no_secret_in(self.sandbox.log_text(), "logged")

    def answer(self, answers, heard):
        """What is typed next; None is the end of input."""
        word = answers.pop(0) if answers else None
        if word == "@otp":
            newest = json.loads(self.sandbox.control("outbox", "--json"))[0]
            return re.search(r"\b[0-9]{6}\b", newest["text"])[0]
        if word == "@walk":
            person = Person(self.extra["PERSON_LOGIN"], self.extra["PERSON_PASSWORD"])
            address = None
            while not address:
                address = re.search(r"http://\S+", heard.get(timeout=30))
            kind, what = person.walk(address[0])
            return what if kind == "redirect" else UUID.search(what)[0]
        return word

    def note_secrets(self, words):
        if words[:2] == ["latchkey", "token"] and "--json" not in words and self.last.stdout.strip():
            self.secrets.add(self.last.stdout.strip())

    def no_secret_in(self, text, where):
        for secret in self.secrets:
            if secret in text:
                raise Failure(f"a secret was {where}: {secret}")

    def serve(self, name, *words):
        self.servers[name] = Server(self.binaries, words, self.environment(), self.broker.home)
        self.kept[name] = self.servers[name].port

    def stop(self, name):
        self.last = self.servers.pop(name).stop()

    # -- verbs -----------------------------------------------------------------

    def match(self, text, pattern, wanted):
        found = re.search(self.expand(shlex.split(pattern)[0]), text, re.M)
        if bool(found) != wanted:
            raise Failure("no match" if wanted else f"a match: {found[0]}")

    def served(self, operation, count):
        seen = json.loads(self.sandbox.control("requests", "--json"))
        n = sum(1 for request in seen if request["operation"] == operation)
        if n != int(count):
            raise Failure(f"{operation} was performed {n} times")

    def member(self, path):
        return shown_as_text(look_up(json.loads(self.last.stdout), path))

    def write(self, verb, name, block):
        if verb == "config":
            return self.broker.configure(self.expand(block))
        return self.broker.secret_file(name, self.expand(block)).chmod(0o700 if verb == "program" else 0o600)

    def step(self, line, block):
        wanted = not line.startswith("! ")
        line = line if wanted else line[2:]
        verb, _, rest = line.partition(" ")
        if verb in ("latchkey", "latchkeyd", "curl"):
            self.run(shlex.split(self.expand(line)), wanted)
        elif verb == "sh":
            self.run(["sh", "-c", self.expand(rest)], wanted)
        elif verb == "include":
            self.follow(HERE / rest)
        elif verb == "sandbox":
            self.sandbox = Sandbox(self.binaries, "--log", *shlex.split(rest))
            self.secrets = secrets_in(self.sandbox.info["systems"])
        elif verb in BLOCKS:
            self.write(verb, rest, block)
        elif verb == "input":
            self.input = self.expand(rest) + "\n"
        elif verb == "tty":
            self.answers = shlex.split(self.expand(rest))
        elif verb == "when":
            pattern, *command = shlex.split(self.expand(rest))
            self.whens.append((pattern, shlex.join(command)))
        elif verb == "set":
            name, _, value = rest.partition("=")
            self.extra[name] = self.expand(value)
        elif verb == "unset":
            del self.extra[rest]
        elif verb == "serve":
            self.serve(*shlex.split(self.expand(rest)))
        elif verb == "stop":
            self.stop(rest)
        elif verb == "advance":
            self.sandbox.advance(rest)
        else:
            self.judge(verb, rest, wanted)

    def judge(self, verb, rest, wanted):
        if verb == "exit":
            if self.last.returncode != int(rest):
                raise Failure(f"exit code {self.last.returncode}")
        elif verb == "says":
            if self.last.stderr.rstrip("\n") != self.expand(rest):
                raise Failure("it said something else")
        elif verb in ("stdout", "stderr", "shown"):
            self.match(getattr(self.last, verb), rest, wanted)
        elif verb == "log":
            self.match(self.sandbox.log_text(), rest, wanted)
        elif verb == "json":
            path, pattern = shlex.split(self.expand(rest))
            if not re.fullmatch(pattern, self.member(path)):
                raise Failure(f"{path} is {self.member(path)}")
        elif verb == "served":
            self.served(*rest.split())
        elif verb == "keep":
            name, _, path = rest.partition(" ")
            self.kept[name] = self.member(path) if path else self.last.stdout.strip()
        elif verb == "same":
            if (self.last.stdout.strip() == self.kept[rest]) != wanted:
                raise Failure("standard output is " + ("another" if wanted else "the same"))
        else:
            raise Failure("no such verb")

    def follow(self, path):
        lines = path.read_text().split("\n")
        number = 0
        while number < len(lines):
            line, at, block = lines[number].strip(), number + 1, ""
            number += 1
            if not line or line.startswith("#"):
                continue
            if line.split(" ")[0] in BLOCKS:
                while lines[number].strip() != "end":
                    block += lines[number] + "\n"
                    number += 1
                number += 1
            try:
                self.step(line, block)
            except (Failure, LookupError, ValueError, OSError, RuntimeError, queue.Empty, subprocess.SubprocessError) as what:
                trouble = Failure(f"{path.name}:{at}: {line}\n    {what}")
                if not self.show:
                    raise trouble from what
                print(f"    ✗ {trouble}")
                self.wrong = trouble

    def play(self):
        try:
            self.follow(self.path)
            return self.wrong and str(self.wrong)
        except Failure as what:
            return f"{what}{self.shown()}"
        finally:
            for server in self.servers.values():
                server.stop()
            if self.sandbox:
                self.sandbox.close()
            self.directory.cleanup()

    def shown(self):
        text = ""
        if self.last is not None:
            text += f"\n  stdout: {self.last.stdout[:2000]}\n  stderr: {self.last.stderr[:2000]}"
            text += f"\n  shown: {self.last.shown[:500]}"
        if self.sandbox:
            text += "\n  log: " + self.sandbox.log_text()[-2000:]
        return text


def main():
    parser = argparse.ArgumentParser(description="runs transcripts")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    files = options.files or sorted(path for path in HERE.glob("*.txt") if path.name != "CMakeLists.txt")
    failed = 0
    for path in files:
        trouble = Transcript(path, options.bin, options.show).play()
        print(("FAIL " + trouble) if trouble else f"ok   {path.name}", flush=True)
        failed += trouble is not None
    print(f"{len(files) - failed} passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
