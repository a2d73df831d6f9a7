#!/usr/bin/env python3
"""A home that is full, read-only, somebody else's, or not there.      // promises I2, I8, I9

    home.py --bin DIRECTORY

A small filesystem that leaves each number of free pages at the moment of expiry: exit code 7 and
nothing asked of a provider whose token is good once, or success; never a lost login. Mounts are made
in a namespace of this test's own, which ends with it.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from five import SINGLE_USE, Five  # noqa: E402

OK, USAGE, NEEDS_PERSON, NO_SUCH_NAME, STORE, DENIED = 0, 2, 3, 4, 7, 8
PAGE = 4096
SIZE = 400 * 1024
NOBODY = 65534
SKIPPED = 77


class Home:
    def __init__(self, binaries):
        self.binaries, self.wrong, self.lines = binaries, [], []

    def expect(self, what, done, *codes):
        said = done.returncode == OK or done.stderr.startswith("latchkey: ")
        if done.returncode not in codes or not said:
            self.wrong.append(f"{what}: {done.returncode}: {done.stderr.strip()[:300]}")

    # -- full ------------------------------------------------------------------------------

    def full(self, directory, profile):
        state = pathlib.Path(directory) / "home/.local/state"
        state.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "none", state], check=True)
        ends = []
        with Five(self.binaries, directory) as five:
            five.login(profile)
            # Once with the files of a vault that is closed, once with its log left behind by a kill.
            for pages in list(range(0, 30)) + [40, 60]:
                ends.append(self.with_free_pages(five, profile, state, pages))
        subprocess.run(["umount", state], check=True)
        self.lines.append(f"{profile}: exit code by free pages {''.join(map(str, ends))}")
        if STORE not in ends or OK not in ends:
            self.wrong.append(f"{profile}: the disk was never full, or always: {ends}")

    def with_free_pages(self, five, profile, state, pages):
        what = f"{profile}, {pages} free pages"
        five.expire(profile)
        before = len(five.renewals(profile))
        filler = state / "filler"
        free = os.statvfs(state).f_bavail * PAGE
        filler.write_bytes(b"x" * max(0, free - pages * PAGE))
        done = five.run("token", profile)
        self.expect(what, done, OK, STORE)
        asked = len(five.renewals(profile)) - before
        if profile in SINGLE_USE and done.returncode == STORE and asked:
            self.wrong.append(f"{what}: a single-use token was sent though its answer could not be stored")
        filler.unlink()
        after = five.run("token", profile)
        self.expect(f"{what}, then there is room", after, OK)
        if after.returncode != OK:
            five.login(profile)
        return done.returncode

    # -- read-only -------------------------------------------------------------------------

    def read_only(self, directory):
        with Five(self.binaries, directory) as five:
            five.login("ssi")
            token = five.token("ssi")
            home = five.broker.home
            subprocess.run(["mount", "--bind", home, home], check=True)
            subprocess.run(["mount", "-o", "remount,bind,ro", home], check=True)
            done = five.run("token", "ssi")
            self.expect("a read-only home, a living token", done, OK, STORE)
            if done.returncode == OK and done.stdout.strip() != token:
                self.wrong.append("a read-only home gives another token")
            five.expire("ssi")
            before = len(five.renewals("ssi"))
            self.expect("a read-only home, at expiry", five.run("token", "ssi"), STORE)
            self.expect("a read-only home, a login", five.run("login", "pay"), STORE)
            if len(five.renewals("ssi")) != before:
                self.wrong.append("a read-only home: the token was sent all the same")
            subprocess.run(["umount", home], check=True)
            self.expect("writable again", five.run("token", "ssi"), OK)

    # -- whose it is ---------------------------------------------------------------------------

    def as_nobody(self, five, *words, home=None, **environment):
        everything = dict(five.broker.environment, HOME=str(home or five.broker.home), **environment)
        return subprocess.run([five.broker.program, "--no-input", *words], capture_output=True, text=True, env=everything,
                              user=NOBODY, group=NOBODY, extra_groups=[], timeout=60, stdin=subprocess.DEVNULL)

    def foreign(self, directory):
        os.chmod(directory, 0o755)
        with Five(self.binaries, directory) as five:
            five.login("pay")
            program = pathlib.Path(directory) / "latchkey"  # the build may be where nobody may look
            shutil.copy(five.broker.program, program)
            program.chmod(0o755)
            five.broker.program = program
            home = five.broker.home
            home.chmod(0o755)
            for path in [home / ".config", *(home / ".config").rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
            self.expect("somebody else's home", self.as_nobody(five, "token", "pay"), STORE, USAGE, DENIED)
            self.expect("somebody else's home, a login", self.as_nobody(five, "login", "pay"), STORE, USAGE, DENIED)
            for path in [home / ".local", *(home / ".local").rglob("*")]:
                path.chmod(0o777 if path.is_dir() else 0o666)
            before = (five.state() / "vault.db").read_bytes()
            self.expect("somebody else's vault", self.as_nobody(five, "token", "pay"), STORE, USAGE, DENIED)
            self.expect("a vault that others may write", five.run("token", "pay"), STORE)
            if (five.state() / "vault.db").read_bytes() != before:
                self.wrong.append("somebody else's vault was changed")

    # -- not there ---------------------------------------------------------------------------------

    def missing(self, directory):
        with Five(self.binaries, directory) as five:
            five.login("pay")
            environment = {name: value for name, value in five.broker.environment.items() if name != "HOME"}
            for what, home in (("no HOME", None), ("an empty HOME", ""), ("a HOME that is not absolute", "home")):
                given = environment if home is None else dict(environment, HOME=home)
                done = subprocess.run([five.broker.program, "token", "pay"], capture_output=True, text=True,
                                      env=given, cwd=directory, timeout=60)
                self.expect(what, done, USAGE)
            nowhere = pathlib.Path(directory) / "nowhere"
            done = five.run("token", "pay", extra={"HOME": str(nowhere)})
            self.expect("a HOME that is not there", done, NO_SUCH_NAME)
            if nowhere.exists():
                self.wrong.append("a question made a home")
            file = five.broker.secret_file("file", "x")
            for words in (("token", "pay"), ("login", "pay")):
                self.expect("a file for a HOME", five.run(*words, extra={"HOME": str(file)}),
                            USAGE, NO_SUCH_NAME, STORE)
            config = str(five.broker.home / ".config/latchkey/config.toml")
            self.expect("a state directory below a file", five.run(
                "--config", config, "login", "pay", extra={"XDG_STATE_HOME": str(file)}), STORE)

    def run(self, mounts):
        parts = [self.missing]
        if mounts:
            parts += [lambda where: self.full(where, "ssi"), lambda where: self.full(where, "alor"), self.read_only]
        if os.geteuid() == 0:
            parts.append(self.foreign)
        for part in parts:
            with tempfile.TemporaryDirectory(prefix="latchkey-") as directory:
                part(directory)


def main():
    parser = argparse.ArgumentParser(description="a home that is full, read-only, foreign or missing")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--inside", action="store_true", help="mounts are this process's own")
    options = parser.parse_args()
    if not options.inside:
        own = ["unshare", "--mount", "--propagation", "private"]
        if subprocess.run([*own, "true"], capture_output=True).returncode == 0:
            os.execvp(own[0], [*own, sys.executable, __file__, "--bin", options.bin, "--inside"])
    home = Home(options.bin)
    home.run(options.inside)
    print("\n".join(home.lines))
    if not options.inside:
        print("left out, as nothing may be mounted here: a full and a read-only filesystem")
    print("\n".join(home.wrong[:30]) or "ok")
    return 1 if home.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
