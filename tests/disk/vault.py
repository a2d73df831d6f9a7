#!/usr/bin/env python3
"""A vault that is damaged, foreign or hostile.                     // promises I2, I8, I9, I11

    vault.py --bin DIRECTORY [--flips EVERY]

Every truncation at a boundary and between, bits flipped from the header to the end, wrong
passphrases, absurd parameters of the key. Wanted: exit code 7 and a message, in bounded time, with
the file as it was; or, where the damage touches nothing that is read, the very token that was
there. Never another token, never a crash, never a new vault in the place of the old one.
"""
import argparse
import collections
import hashlib
import json
import pathlib
import resource
import shutil
import sqlite3
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from five import Five  # noqa: E402

STORE, NEEDS_PERSON = 7, 3
LONGEST = 5  # seconds for a refusal
PAGE = 4096


def hash_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Damage:
    def __init__(self, five):
        self.five, self.wrong, self.ends = five, [], collections.Counter()
        self.vault = five.state() / "vault.db"
        five.login("ssi")
        five.login("alor")
        self.tokens = {profile: five.token(profile) for profile in ("ssi", "alor")}
        self.whole = self.vault.read_bytes()

    def put(self, content):
        """The vault with that content, and nothing beside it."""
        for ending in ("-wal", "-shm", "-journal"):
            pathlib.Path(str(self.vault) + ending).unlink(missing_ok=True)
        self.vault.write_bytes(content)
        self.vault.chmod(0o600)

    def ask(self, what, profile="ssi", **options):
        begin = time.monotonic()
        done = self.five.run("--no-input", "token", profile, **options)
        if time.monotonic() - begin > LONGEST:
            self.wrong.append(f"{what}: it took {time.monotonic() - begin:.1f} s")
        if done.returncode < 0:
            self.wrong.append(f"{what}: killed by signal {-done.returncode}")
        self.ends[done.returncode] += 1
        return done

    def refused(self, what, done):
        if done.returncode != STORE or not done.stderr.startswith("latchkey: ") or done.stdout:
            self.wrong.append(f"{what}: {done.returncode}: {done.stderr.strip()[:200]}")

    def is_as_it_was(self, what, before):
        if self.vault.read_bytes() != before:
            self.wrong.append(f"{what}: the file was changed")
        for ending in ("-wal", "-journal"):
            beside = pathlib.Path(str(self.vault) + ending)
            if beside.exists() and beside.stat().st_size:
                self.wrong.append(f"{what}: {beside.name} was written")

    # -- truncated ---------------------------------------------------------------------

    def truncate(self):
        size = len(self.whole)
        edges = {0, 1, 15, 16, 17, 18, 28, 60, 68, 72, 99, 100, 101, size - 1}
        edges |= {page + by for page in range(PAGE, size, PAGE) for by in (-1, 0, 1)}
        edges |= set(range(0, size, 211))
        for length in sorted(edge for edge in edges if 0 <= edge < size):
            what = f"the first {length} bytes of {size}"
            self.put(self.whole[:length])
            self.refused(what, self.ask(what))
            self.is_as_it_was(what, self.whole[:length])

    def lengthen(self):
        for extra in (1, 100, PAGE, 3 * PAGE):
            what = f"{extra} bytes more"
            content = self.whole + b"\xa5" * extra
            self.put(content)
            self.hands_out_the_same(what, self.ask(what))

    # -- flipped -------------------------------------------------------------------------

    def hands_out_the_same(self, what, done, profile="ssi"):
        """Or refuses."""
        if done.returncode != 0:
            return self.refused(what, done)
        if done.stdout.strip() != self.tokens[profile]:
            self.wrong.append(f"{what}: another token than the one that was kept")

    def flip(self, every):
        size = len(self.whole)
        used = [at for at in range(size) if self.whole[at] != 0 or at < 100]
        places = [(at, 1 << (at % 8)) for at in used[::every]]
        places += [(at, bit) for at in range(100) for bit in (1, 0x80)]
        for at, bit in places:
            what = f"bit {bit:#x} at byte {at}"
            content = bytearray(self.whole)
            content[at] ^= bit
            self.put(content)
            for profile in ("ssi", "alor"):
                done = self.ask(what, profile)
                if done.returncode == NEEDS_PERSON and self.is_in_a_name(at):
                    continue  # another profile's name now, so ours has no entry
                self.hands_out_the_same(what, done, profile)
            if self.vault.read_bytes() != bytes(content):
                self.wrong.append(f"{what}: the file was changed")

    def is_in_a_name(self, at):
        return any(self.whole[max(0, at - len(name)):at + len(name)].find(name) >= 0
                   for name in (b"ssi", b"alor"))

    # -- other files in its place ------------------------------------------------------------

    def replace(self):
        others = {"nothing": b"", "zeros": bytes(3 * PAGE), "a text": b"hello\n" * 1000, "noise": bytes(
            (i * 7919 >> 3) & 0xff for i in range(5 * PAGE))}
        for name, content in others.items():
            self.put(content)
            self.refused(name, self.ask(name))
            self.is_as_it_was(name, content)
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "other.db"
            other = sqlite3.connect(path)
            other.executescript("CREATE TABLE entries(profile, generation, sealed); PRAGMA journal_mode=WAL;")
            other.close()
            self.put(path.read_bytes())
            self.refused("another database", self.ask("another database"))

    # -- the key -------------------------------------------------------------------------------

    def changed(self, script, *values):
        """The vault after a statement of somebody who may write to it."""
        self.put(self.whole)
        vault = sqlite3.connect(self.vault)
        vault.execute(script, values)
        vault.commit()
        vault.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        vault.close()
        return self.vault.read_bytes()

    def hostile_records(self):
        self.put(self.whole)
        vault = sqlite3.connect(self.vault)
        record = json.loads(vault.execute("SELECT value FROM meta WHERE name='protection'").fetchone()[0])
        vault.close()
        yield from ("", "{", "[]", "null", "{}", '{"kind":"file"}', "[" * 100000)
        for change in ({"passes": 2**31}, {"passes": -1}, {"passes": 2**63}, {"passes": "3"}, {"passes": 1e9},
                       {"memory": 2**40}, {"memory": 2**63 - 1}, {"memory": -1}, {"memory": "64"},
                       {"kind": "rot13"}, {"kind": 7}, {"wrapped": ""}, {"wrapped": "00" * 72}, {"wrapped": "zz"},
                       {"wrapped": "0" * 1000000}, {"salt": "q"}, {"salt": "00" * 100000}, {"extra": "x" * 100000}):
            yield json.dumps(dict(record, **change))
        for passes, memory in ((0, 0), (8, 2**28), (8, 1), (1, 2**28), (9, 2**26), (3, 2**29)):
            yield json.dumps(dict(record, kind="passphrase", salt="00" * 16, passes=passes, memory=memory))

    def tamper_with_the_key(self):
        askpass = self.five.broker.home / "askpass"
        askpass.write_text("#!/bin/sh\necho wrong horse battery\n")
        askpass.chmod(0o700)
        for record in list(self.hostile_records()):
            what = f"the key record {record[:90]}"
            content = self.changed("UPDATE meta SET value=? WHERE name='protection'", record)
            done = self.ask(what, extra={"LATCHKEY_ASKPASS": str(askpass)})
            unread = '"extra"' in record or '"salt": "00000000' in record and '"kind": "file"' in record
            if unread:  # this kind of key does not look at it
                self.hands_out_the_same(what, done)
            else:
                self.refused(what, done)
            self.is_as_it_was(what, content)

    def swap_entries(self):
        """Whoever can write the file puts one profile's entry in the place of another's."""
        content = self.changed("UPDATE entries SET sealed=(SELECT sealed FROM entries WHERE profile='alor'), "
                               "generation=(SELECT generation FROM entries WHERE profile='alor') WHERE profile='ssi'")
        self.refused("a swapped entry", self.ask("a swapped entry"))
        self.is_as_it_was("a swapped entry", content)
        self.hands_out_the_same("the entry beside a swapped one", self.ask("the entry beside", "alor"), "alor")
        content = self.changed("UPDATE entries SET generation=generation+1 WHERE profile='ssi'")
        self.refused("a generation that was raised", self.ask("a raised generation"))
        for statement in ("DELETE FROM meta", "DROP TABLE entries", "DROP TABLE meta", "PRAGMA user_version=99",
                          "PRAGMA user_version=0", "PRAGMA application_id=1"):
            content = self.changed(statement)
            self.refused(statement, self.ask(statement))
            self.is_as_it_was(statement, content)

    def run(self, flips):
        self.truncate()
        self.lengthen()
        self.flip(flips)
        self.replace()
        self.tamper_with_the_key()
        self.swap_entries()
        self.put(self.whole)
        self.hands_out_the_same("put back", self.ask("put back"))


def wrong_passphrases(binaries):
    """A vault of a passphrase: wrong ones change nothing, and the right one still opens it."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(binaries, directory) as five:
        five.configure(head='[vault]\nkey = "passphrase"\n')
        askpass = five.broker.home / "askpass"
        askpass.write_text("#!/bin/sh\nprintf '%s\\n' \"$WORDS\"\n")
        askpass.chmod(0o700)

        def run(words, *command):
            return five.run(*command, extra={"LATCHKEY_ASKPASS": str(askpass), "WORDS": words})
        if run("correct horse", "login", "pay").returncode != 0:
            return ["a vault with a passphrase cannot be made"]
        token, before = run("correct horse", "token", "pay").stdout, hash_of(five.state() / "vault.db")
        for words in ("", "wrong", "correct horse ", "Correct horse", "c" * 5000):
            done = run(words, "token", "pay")
            if done.returncode != (NEEDS_PERSON if words == "" else STORE) or done.stdout or not done.stderr:
                wrong.append(f"passphrase {words[:20]!r}: {done.returncode}: {done.stderr.strip()}")
        done = five.run("--no-input", "token", "pay")
        if done.returncode != NEEDS_PERSON or done.stdout:
            wrong.append(f"no passphrase: {done.returncode}: {done.stderr.strip()}")
        if hash_of(five.state() / "vault.db") != before:
            wrong.append("a wrong passphrase changed the vault")
        if not token or run("correct horse", "token", "pay").stdout != token:
            wrong.append("the right passphrase does not open it any more")
    return wrong


def main():
    parser = argparse.ArgumentParser(description="a vault that is damaged, foreign or hostile")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--flips", type=int, default=13, help="flip a bit in each Nth byte that is used")
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, Five(options.bin, directory) as five:
        damage = Damage(five)
        damage.run(options.flips)
    damage.wrong += wrong_passphrases(options.bin)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    ends = ", ".join(f"{end}: {count}" for end, count in sorted(damage.ends.items()))
    print(f"{sum(damage.ends.values())} damaged vaults; exit codes {ends}; at most {peak} MiB; "
          f"{time.monotonic() - begin:.0f} s")
    print("\n".join(damage.wrong[:30]) or "ok")
    return 1 if damage.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
