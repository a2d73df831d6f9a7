#!/usr/bin/env python3
"""Which tokens say the number of their row, by dialect, and that they are found by it after a restart: numbers.py --bin DIRECTORY"""
import argparse
import contextlib
import json
import pathlib
import sqlite3
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import logins  # noqa: E402
import standard  # noqa: E402
from sandbox import Sandbox  # noqa: E402

NOTHING, ACCESS, BOTH = 0, 1, 3  # token_sets.said
WANTED = {("fastconnect", BOTH): 2, ("chathub", ACCESS): 2, ("oauth2", BOTH): 2, ("sinopac", NOTHING): 2}


def told(directory):
    """How many rows of each realm say how much."""
    store = f"file:{directory}/latchkeyd.db?mode=ro"
    with contextlib.closing(sqlite3.connect(store, uri=True, timeout=60)) as database:
        return {(realm, said): many for realm, said, many in database.execute(
            "SELECT f.realm, t.said, count(*) FROM token_sets t JOIN families f ON f.number = t.family GROUP BY 1, 2")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries = parser.parse_args().bin
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory:
        with Sandbox(binaries, "--plain", "--dir", directory) as sandbox:
            fastconnect, sinopac = logins.fastconnect(sandbox), logins.sinopac(sandbox)
            company, operator = logins.chathub(sandbox)
            person = standard.Client(sandbox, "demo-web").log_in()["refresh_token"]
        with Sandbox(binaries, "--plain", "--dir", directory) as sandbox:
            answers = {
                "fastconnect": sandbox.fetch("POST", "/api/v3/auth/refresh", json.dumps({"refreshToken": fastconnect}),
                                             logins.AS_JSON)[0],
                "sinopac": sandbox.fetch("POST", "/oauth2/token", logins.sinopac_refresh_form(sandbox, sinopac),
                                         logins.AS_FORM)[0],
                "chathub": sandbox.fetch("POST", "/api/operator/validate-token", json.dumps({"token": operator}),
                                         dict(logins.AS_JSON, Authorization=f"Bearer {company}"))[0],
                "oauth2": standard.Client(sandbox, "demo-web").refresh(person)[0]}
            found = told(directory)
    wrong = [] if found == WANTED else [f"{found}, and not {WANTED}"]
    wrong += [f"{realm}: {status} after a restart" for realm, status in answers.items() if status != 200]
    print("\n".join(wrong) or "each token says of its row what its form has room for, and is found after a restart")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
