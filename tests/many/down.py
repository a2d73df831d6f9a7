#!/usr/bin/env python3
"""200 programs ask at the instant of expiry, and the provider is down.   // promises I3, I8, I12, N11

    down.py --bin DIRECTORY [--programs N] [PROFILE...]

It answers 503, or 429 with a Retry-After, or nothing at all. Wanted: all end by the deadline and one
second with exit code 6, having made together no more calls than one patient program; another
profile's cached token costs meanwhile what it always costs; and when the provider is back, one
renewal serves them all.
"""
import argparse
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
from five import SINGLE_USE, Five  # noqa: E402
from hostile import Hostile, reply  # noqa: E402
from many import Homes, crowd_of, expiry  # noqa: E402

PATIENCE = 2  # the profile's timeout
DEADLINE = 2 * PATIENCE + 2  # one for whoever is waited for, one of its own
MOST_CALLS = 6
TRY_LATER, LOST, NEEDS_PERSON = 6, 9, 3
PROFILES = ("ssi", "alor")


def troubles(server):
    return {"503": reply("{}", "503 Service Unavailable"),
            "503 for a minute": reply("{}", "503 Service Unavailable", ("Retry-After: 60",)),
            "429 for a second": reply("{}", "429 Too Many Requests", ("Retry-After: 1",)),
            "silence": lambda _: server.hold(), "a closed door": b""}


def meanwhile(five, profile):
    """Seconds that a cached token of another profile takes while the others wait."""
    begin = time.monotonic()
    done = five.run("token", profile)
    return time.monotonic() - begin if done.returncode == 0 else None


def down(five, homes, profile, what, count, server):
    wrong = []
    five.expire(profile)
    five.login("pay")
    server.asked.clear()
    five.configure(server.base)
    for home in ("other", "linked"):
        path = five.directory / home / ".config/latchkey/config.toml"
        path.write_text(path.read_text().replace(five.base, server.base))
    crowd, _ = crowd_of(five, homes, profile, count)
    ended = crowd.let_go(60, lambda: meanwhile(five, "pay"))
    crowd.write_down(five, ended)
    five.configure()
    for home in ("other", "linked"):
        path = five.directory / home / ".config/latchkey/config.toml"
        path.write_text(path.read_text().replace(server.base, five.base))
    codes = {code for code, _, _, _ in ended}
    # Of a bare 503 nobody knows whether it came before the commit: then a single-use token is in doubt.
    doubt = profile in SINGLE_USE and what in ("503", "silence", "a closed door")
    allowed = {TRY_LATER} | ({LOST, NEEDS_PERSON} if doubt else set())
    if not codes <= allowed or any(out for _, _, out, _ in ended):
        wrong.append(f"{profile}, {what}: exit codes {codes}")
    times = sorted(seconds for _, seconds, _, _ in ended)
    if times[-1] > DEADLINE:
        wrong.append(f"{profile}, {what}: the slowest took {times[-1]:.1f} s")
    if not 1 <= len(server.asked) <= MOST_CALLS:
        wrong.append(f"{profile}, {what}: {len(server.asked)} calls")
    if crowd.meanwhile is None or crowd.meanwhile > 1 + times[0]:
        wrong.append(f"{profile}, {what}: another profile's token took {crowd.meanwhile}")
    print(f"{profile}, {what}: {count} programs, {len(server.asked)} calls, exit codes {sorted(codes)}, slowest {times[-1]:.1f} s, "
          f"another profile's token {crowd.meanwhile or -1:.2f} s", flush=True)
    five.advance("2h")
    if LOST in codes or five.run("token", profile).returncode in (LOST, NEEDS_PERSON):
        five.login(profile)
    return wrong


def main():
    parser = argparse.ArgumentParser(description="many programs and a provider that is down")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("profiles", nargs="*")
    options = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Hostile() as server, \
            Five(options.bin, directory, timeout=f"{PATIENCE}s") as five:
        homes = Homes(five)
        for profile in options.profiles or PROFILES:
            five.login(profile)
            for what, server.answer in troubles(server).items():
                wrong += down(five, homes, profile, what, options.programs, server)
            wrong += expiry(five, homes, profile, options.programs)
        wrong += five.verdict()
    print("\n".join(wrong[:20]) or "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
