#!/usr/bin/env python3
"""Malformed input to everything that a running `latchkeyd sandbox` serves.

run.py --bin DIRECTORY [--build DIRECTORY] [GROUP...]
"""
import argparse
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import borrowed  # noqa: E402
import envelopes  # noqa: E402
import fields  # noqa: E402
import framing  # noqa: E402
import logs  # noqa: E402
import pages  # noqa: E402
import routes  # noqa: E402
from judge import Judge  # noqa: E402
from sandbox import Sandbox  # noqa: E402
from world import World  # noqa: E402

GROUPS = {"fields": fields.run, "envelopes": envelopes.run, "routes": routes.run, "pages": pages.run,
          "framing": framing.run, "borrowed": borrowed.run}


def attack(sandbox, judge, options):
    world = World(sandbox, judge)
    print(f"before: {world.happy()} honest requests are served", flush=True)
    for name in options.groups or GROUPS:
        began, asked = time.monotonic(), len(judge.took)
        GROUPS[name](world, judge, options)
        print(f"{name}: {len(judge.took) - asked} requests in {time.monotonic() - began:.0f} s, "
              f"{len(judge.complaints)} complaints so far", flush=True)
    world.after()
    world.advance("25h")
    print(f"after: {world.happy()} honest requests are served", flush=True)
    return world


def main():
    parser = argparse.ArgumentParser(description="malformed input to everything that is served")
    parser.add_argument("--bin", required=True, help="where latchkeyd is")
    parser.add_argument("--kit", default=str(HERE), help="where borrowed corpora may be installed")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS) + "; default: all")
    options = parser.parse_args()
    if not (pathlib.Path(options.bin) / "latchkeyd").is_file():
        parser.error(f"there is no latchkeyd in {options.bin}: build it (tools/build asan latchkeyd)")
    sandbox = Sandbox(options.bin, "--log")
    judge = Judge(sandbox.base, lambda: sandbox.process.poll() is None)
    try:
        attack(sandbox, judge, options)
    except Exception as what:  # whatever it was: a complaint, with what the server wrote
        judge.complain("the test", f"{type(what).__name__}: {what}")
    alive = sandbox.process.poll() is None
    with open(sandbox.directory / "latchkeyd.log", "rb") as written:
        code = sandbox.close()  # its directory ends with it; what it wrote is read after its last word
        text = written.read()
    logs.check(judge, text)
    if not alive or code != 0:
        judge.complain("latchkeyd", f"ended with {code}{'' if alive else ', by itself'}\n"
                                    + text[-6000:].decode(errors="replace"))
    print(judge.summary())
    for complaint in judge.complaints:
        print(complaint)
    if judge.dropped:
        print(f"and {judge.dropped} more")
    print(f"malformed: {len(judge.took)} requests, {len(judge.complaints) + judge.dropped} complaints")
    return 1 if judge.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
