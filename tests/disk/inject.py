#!/usr/bin/env python3
"""A disk that fails at every place of a renewal.                   // promises I2, I3, I8, I11

    inject.py --bin DIRECTORY PROFILE

At each call of a renewal that touches the disk the kernel answers ENOSPC, EIO, EROFS or what that
call may be answered: once, and from there on. Wanted: exit code 7 with a message and no token, or
0 with a token that the authority takes. A disk that failed before the request was sent means that
nothing was sent, and that the next `latchkey token` on a good disk succeeds; one that failed
afterwards may cost the rotation (9), never more.
"""
import argparse
import collections
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from five import SINGLE_USE, Five, vault_is_sound  # noqa: E402
from kernel import interfere, require_strace, trace  # noqa: E402

ERRORS = {"pwrite64": ("ENOSPC", "EIO"), "write": ("ENOSPC",), "fdatasync": ("EIO", "ENOSPC"), "fsync": ("EIO",),
          "ftruncate": ("ENOSPC",), "fallocate": ("ENOSPC",), "openat": ("EROFS", "EMFILE"), "unlink": ("EROFS",),
          "mkdir": ("ENOSPC",), "pread64": ("EIO",), "rename": ("EROFS",), "renameat2": ("EROFS",)}
STORE, TRY_LATER, LOST, NEEDS_PERSON = 7, 6, 9, 3
SENDS = ("sendto", "sendmsg")


class Disk:
    def __init__(self, five, profile):
        self.five, self.profile = five, profile
        self.wrong, self.ends = [], collections.Counter()

    def command(self):
        return [self.five.broker.program, "token", self.profile]

    def places(self):
        """(call, error, is it before the request is sent) of one renewal, on our files only."""
        self.five.login(self.profile)
        self.five.expire(self.profile)
        done, calls = trace(self.command(), self.five.directory / "trace", env=self.five.environment())
        if done.returncode != 0:
            raise RuntimeError(f"the traced renewal failed: {done.stderr}")
        first = next(call.at for call in calls if "/vault.db" in call.text)
        sent = next(call.at for call in calls if call.name in SENDS)
        last = max(call.at for call in calls if call.name == "fdatasync")  # the log is put away
        for call in calls:
            ours = call.name != "openat" or "/.local/state/" in call.text or "/vault.key" in call.text
            if ours and first <= call.at <= last and call.name in ERRORS:
                for error in ERRORS[call.name]:
                    yield call, error, call.at < sent

    def fail_at(self, call, error, early, for_good):
        where = f"{self.profile}, {error} at {call.name} {call.nth}{' and after' if for_good else ''}"
        self.five.expire(self.profile)
        before = len(self.five.renewals(self.profile))
        place = (call.name, f"{call.nth}+" if for_good else call.nth)
        failed = interfere(self.command(), f"error={error}", [place], env=self.five.environment())
        asked = self.five.renewals(self.profile)[before:]
        self.judge(where, call.name, failed, asked, early, for_good)
        if self.profile == "chat":
            self.five.advance("3s")
        self.recover(where, failed, before, bool(asked))
        self.ends[failed.returncode] += 1

    def judge(self, where, name, failed, asked, early, for_good):
        if failed.returncode == 0:
            if not self.five.accepts(self.profile, failed.stdout.strip()):
                self.wrong.append(f"{where}: a token that the authority does not take")
            return
        # With no file to be opened at all, libcurl is not there either; and the output may be full.
        allowed = {"openat": (STORE, TRY_LATER), "write": (STORE, TRY_LATER)}.get(name, (STORE, LOST))
        printed = failed.stdout and name != "write"  # of a full output, a beginning may be there
        if failed.returncode not in allowed or not failed.stderr.startswith("latchkey: ") or printed:
            self.wrong.append(f"{where}: {failed.returncode}: {failed.stderr.strip()[:200]}")
        if early and for_good and asked and self.profile in SINGLE_USE:
            self.wrong.append(f"{where}: a single-use token was sent though its answer could not be stored")

    def recover(self, where, failed, before, asked):
        """On a good disk."""
        after = self.five.run("token", self.profile)
        rows = self.five.renewals(self.profile)[before:]
        single = self.profile in SINGLE_USE
        if single and len(rows) > 1:
            self.wrong.append(f"{where}: the refresh token met the authority {len(rows)} times")
        if failed.returncode == 0 and after.stdout != failed.stdout:
            self.wrong.append(f"{where}: what was handed out is not in the vault: {after.stderr.strip()[:200]}")
        lost = failed.returncode == LOST and after.returncode == NEEDS_PERSON
        if single and (after.returncode == LOST or lost):
            self.ends["lost"] += 1
            if not asked:
                self.wrong.append(f"{where}: a loss, though nothing was sent")
            self.five.login(self.profile)
        elif after.returncode != 0:
            self.wrong.append(f"{where}: then {after.returncode}: {after.stderr.strip()[:200]}")
            self.five.login(self.profile)
        if not vault_is_sound(self.five.state() / "vault.db"):
            self.wrong.append(f"{where}: the vault is damaged")

    def run(self):
        for call, error, early in list(self.places()):
            for for_good in (False, True) if call.name != "write" else (False,):  # a message must be possible
                self.fail_at(call, error, early, for_good)


def main():
    parser = argparse.ArgumentParser(description="a disk that fails at every place of a renewal")
    parser.add_argument("--bin", required=True)
    parser.add_argument("profile")
    options = parser.parse_args()
    require_strace()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
            Five(options.bin, directory, timeout="1s") as five:
        disk = Disk(five, options.profile)
        disk.run()
    ends = ", ".join(f"{end}: {count}" for end, count in sorted(disk.ends.items(), key=str))
    print(f"{options.profile}: {ends}; {time.monotonic() - begin:.0f} s")
    print("\n".join(disk.wrong[:30]) or "ok")
    return 1 if disk.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
