#!/usr/bin/env python3
"""The authority's database is busy, full, read-only, broken, not to be read.    // checklist 70; promise I11

    disk_trouble.py --bin DIRECTORY
"""
import argparse
import json
import sqlite3
import sys
import time

from failing_disk import FailingDisk
from house import House

PATIENCE = 60
wrong = []


def expect(what, good, seen):
    if not good:
        wrong.append(f"{what}: {seen}")


class Trouble:
    def __init__(self, binaries):
        self.disk = FailingDisk(binaries)
        self.house = House(binaries, environment=self.disk.environment)
        self.house.add_key("key")
        self.house.serve()
        self.tokens = self.house.log_in("key")

    def close(self):
        self.house.close()
        self.disk.close()

    def refused(self, what, answer):
        """503, with Retry-After and the wire's own shape."""
        status, headers, text = answer
        expect(f"{what}: status", status == 503, (status, text))
        wait = headers["Retry-After"] or "none"
        expect(f"{what}: Retry-After", wait.isdigit() and int(wait) >= 1, wait)
        try:
            expect(f"{what}: shape", "code" in json.loads(text) and "msg" in json.loads(text), text)
        except ValueError:
            wrong.append(f"{what}: not the wire's: {text[:200]}")

    def during(self, what, reads_work):
        self.refused(f"{what}, refresh", self.house.refresh(self.tokens["refreshToken"]))
        self.refused(f"{what}, login", self.house.post("/api/v3/auth/token", {
            "apiKey": "key", "apiSecret": self.house.secrets["key"]}))
        proof = self.house.proof(self.tokens["accessToken"])
        expect(f"{what}: a look-up", proof == 200 if reads_work else proof in (200, 503), proof)
        stranger = self.house.proof("nobody's token")
        expect(f"{what}: a stranger", stranger in (401, 503), stranger)
        live = self.house.fetch("GET", "/livez")[0]
        expect(f"{what}: /livez", live == 200, live)
        self.ready(what, 503)

    def ready(self, what, wanted):
        """It asks the store once a second, so the answer may be that old."""
        deadline = time.monotonic() + PATIENCE
        while (status := self.house.fetch("GET", "/readyz")[0]) != wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        expect(f"{what}: /readyz", status == wanted, status)

    def after(self, what):
        """The same process, and nothing was spent by what was refused."""
        deadline = time.monotonic() + PATIENCE
        while True:
            status, _, text = self.house.refresh(self.tokens["refreshToken"])
            if status != 503 or time.monotonic() > deadline:
                break
            time.sleep(0.1)  # as a client would, Retry-After says when
        expect(f"after {what}: refresh", status == 200, (status, text))
        if status == 200:
            self.tokens = json.loads(text)
        expect(f"after {what}: a look-up", self.house.proof(self.tokens["accessToken"]) == 200, "")
        self.ready("after " + what, 200)
        expect(f"after {what}: alive", self.house.process.poll() is None, self.house.process.poll())

    def ordered(self, what, order, reads_work):
        with self.disk.fails(order):
            self.during(what, reads_work)
        self.after(what)

    def busy(self):
        """Another process holds the database for longer than anybody waits."""
        holder = sqlite3.connect(self.house.directory / "state/latchkeyd.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            self.during("busy", True)
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        self.after("busy")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    trouble = Trouble(parser.parse_args().bin)
    try:
        trouble.after("nothing")
        trouble.ordered("full", "ENOSPC", True)
        trouble.ordered("read-only", "EROFS", True)
        trouble.ordered("broken", "EIO", True)
        trouble.ordered("gone", "EIO all", False)
        trouble.busy()
    finally:
        trouble.close()
    print("\n".join(wrong) or "busy, full, read-only, broken, gone: refused, and recovered")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
