#!/usr/bin/env python3
"""What is over leaves the database by itself; what lives stays.

    leaving.py --bin DIRECTORY
"""
import argparse
import contextlib
import json
import pathlib
import sqlite3
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import logins  # noqa: E402
from sandbox import Sandbox  # noqa: E402

LOGINS = 300  # more than leave in one step
PATIENCE = 60
STRANGERS = 300  # logins that nobody has
TABLES = ("token_sets", "families", "counters")


def rows(store):
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=PATIENCE)) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def wait_for(store, wanted):
    """The rows when they are as many as wanted, or when patience is over."""
    end = time.monotonic() + PATIENCE
    while (found := rows(store)) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return found


def guess(sandbox, login):
    body = json.dumps({"login": login, "password": "guess"})
    return sandbox.fetch("POST", "/api/company/get-token", body, logins.AS_JSON)[0]


def table_sizes(sets, counters):
    return {"token_sets": sets, "families": sets, "counters": counters}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries, wrong = parser.parse_args().bin, []
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
            Sandbox(binaries, "--plain", "--dir", directory, "--set", "fastconnect.single_session=false") as sandbox:
        store = pathlib.Path(directory) / "latchkeyd.db"
        for _ in range(LOGINS):
            logins.fastconnect(sandbox)
        if (refused := {guess(sandbox, f"stranger {i}") for i in range(STRANGERS)}) != {401}:
            wrong.append(f"strangers: {refused}")
        before = rows(store)
        if before != table_sizes(LOGINS, STRANGERS):
            wrong.append(f"after {LOGINS} logins and {STRANGERS} guesses: {before}")
        sandbox.advance("32h30m")  # all are over, and stay for an hour, for whoever looks into a case
        living = logins.fastconnect(sandbox)
        kept = rows(store)
        if kept["token_sets"] != LOGINS + 1 or kept["families"] != LOGINS + 1:
            wrong.append(f"within the hour: {kept}")
        sandbox.advance("31m")
        after = wait_for(store, table_sizes(1, 0))
        if after != table_sizes(1, 0):
            wrong.append(f"{PATIENCE} s after their hour was over: {after}")
        if sandbox.fetch("POST", "/api/v3/auth/refresh", f'{{"refreshToken": "{living}"}}', logins.AS_JSON)[0] != 200:
            wrong.append("the one that lives was lost")
    print("\n".join(wrong) or f"{LOGINS} logins and the counts of {STRANGERS} guesses left, one login stayed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
