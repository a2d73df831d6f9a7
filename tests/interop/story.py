"""What every test here is made of: an authority, claims that are printed, a way to end."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import install

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from sandbox import clean_environment  # noqa: E402


class Story:
    """Claims, one a line. The test fails if one of them is false."""

    def __init__(self):
        self.wrong = 0

    def claim(self, what, true, seen=None):
        print(("ok    " if true else "WRONG ") + what, flush=True)
        if not true:
            self.wrong += 1
            if seen is not None:
                print(f"      seen: {seen}", flush=True)
        return true

    def refused(self, what, kind, act):
        """`act` must raise `kind`; gives back what was raised."""
        try:
            value = act()
        except kind as error:
            self.claim(f"{what}: {type(error).__name__}", True)
            return error
        self.claim(f"{what}: should be refused", False, value)
        return None

    def end(self):
        print(f"{self.wrong} wrong" if self.wrong else "all as claimed")
        sys.exit(1 if self.wrong else 0)


def arguments(**more):
    """--bin, the directory of the programs, and --kit, where install.py puts things."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--kit", default="build/interop")
    for name, options in more.items():
        parser.add_argument("--" + name, **options)
    return parser.parse_args()


@contextlib.contextmanager
def client_place(packages):
    """A directory with the clients and, where given, their packages: Node looks beside the script."""
    with tempfile.TemporaryDirectory(prefix="latchkey-") as place:
        shutil.copytree(HERE / "clients", place, dirs_exist_ok=True)
        if packages:
            os.symlink(packages / "node_modules", f"{place}/node_modules")
        yield place


def run_client(story, command, given, packages=None):
    """Runs one of clients/, which prints claims and reads what it needs from $GIVEN."""
    with client_place(packages) as place:
        environment = dict(clean_environment(place), GIVEN=json.dumps(given))
        done = subprocess.run(command, cwd=place, env=environment, timeout=300)
    if not story.claim(f"{command[-1]} ends well", done.returncode == 0):
        print(f"      exit code {done.returncode}")


def hear_client(options, name, given):
    """Runs clients/NAME in options.language; the one JSON document that it prints."""
    packages = None
    if options.language == "python":
        command = [install.python(options.kit), f"{name}.py"]
    elif options.language == "node":
        packages = install.node_packages(options.kit)
        command = [packages / "node", f"{name}.mjs"]
    else:
        command = [install.program("php"), f"{name}.php"]
    with client_place(packages) as place:
        done = subprocess.run(command, cwd=place, env=dict(clean_environment(place), GIVEN=json.dumps(given)),
                              stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    return json.loads(done.stdout)
