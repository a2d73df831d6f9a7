#!/usr/bin/env python3
"""Who verifies tokens gets the keys for it while the authority's disk fails.    // checklist 70

    disk_keys.py --bin DIRECTORY

A standard realm: its JWK set is answered from memory and stays what it was; a look-up says what is so or that we are in trouble,
never that a token which lives is dead; nothing is issued.
"""
import argparse
import json
import pathlib
import sys
import time
import urllib.parse

from failing_disk import FailingDisk

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from authority import Authority  # noqa: E402
from verifier import verifies  # noqa: E402

PATIENCE = 60
LONGER = 3  # seconds; an authority looks for keys of another process every two
wrong = []


def expect(what, good, seen=""):
    if not good:
        wrong.append(f"{what}: {seen}")


class House(Authority):
    def __init__(self, binaries):
        super().__init__(binaries, "oauth2", {"scopes": "openid read"})
        made = self.admin("client", "create", "service", "--scope", "read", "--grant", "client_credentials")
        self.client = {"client_id": "service", "client_secret": made["client_secret"]}

    def serve_on(self, disk):
        kept, self.environment = self.environment, dict(self.environment, **disk.environment)
        try:
            self.serve()
        finally:
            self.environment = kept

    def post(self, path, **form):
        """Status, headers and JSON."""
        status, headers, text = self.fetch("POST", path, urllib.parse.urlencode(dict(self.client, **form)), {
            "Content-Type": "application/x-www-form-urlencoded"})
        return status, headers, json.loads(text)

    def issue(self):
        return self.post("/oauth2/token", grant_type="client_credentials")

    def jwks(self):
        """None if it was refused."""
        status, headers, text = self.fetch("GET", "/oauth2/jwks")
        return json.loads(text) if (status, headers["Cache-Control"]) == (200, "public, max-age=300") else None


def in_trouble(what, house, token, jwks, reads_work):
    status, headers, said = house.issue()
    expect(f"{what}: a new token", (status, said.get("error")) == (503, "temporarily_unavailable"), (status, said))
    expect(f"{what}: Retry-After", (headers["Retry-After"] or "").isdigit(), headers["Retry-After"])
    begun = time.monotonic()
    while time.monotonic() < begun + LONGER:
        seen = house.jwks()
        expect(f"{what}: the JWK set", seen == jwks, seen)
        expect(f"{what}: verified by it", seen is None or verifies(token, seen))
        status, _, said = house.post("/oauth2/introspect", token=token)
        told = (status, said.get("active"))
        expect(f"{what}: introspection", told == (200, True) or (told == (503, None) and not reads_work), (status, said))


def recovered(what, house):
    deadline = time.monotonic() + PATIENCE
    while (answer := house.issue())[0] == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    expect(f"after {what}: a new token", answer[0] == 200, answer)
    expect(f"after {what}: alive", house.process.poll() is None, house.process.poll())
    return answer[2].get("access_token", "")


def takes_up_new_keys(house):
    """It looks for them again."""
    new = house.admin("keys", "rotate", "--lead", "1h")["kid"]
    deadline = time.monotonic() + PATIENCE
    while new not in (kids := [key["kid"] for key in house.jwks()["keys"]]) and time.monotonic() < deadline:
        time.sleep(0.1)
    expect("a new key afterwards", new in kids, kids)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries = parser.parse_args().bin
    disk = FailingDisk(binaries)
    with House(binaries) as house:
        house.serve_on(disk)
        jwks, token = house.jwks(), recovered("nothing", house)
        for what, order in (("full", "ENOSPC"), ("read-only", "EROFS"), ("broken", "EIO"), ("gone", "EIO all")):
            with disk.fails(order):
                in_trouble(what, house, token, jwks, reads_work=order != "EIO all")
            token = recovered(what, house)
        takes_up_new_keys(house)
    disk.close()
    print("\n".join(wrong) or "full, read-only, broken, gone: the JWK set stood, and nothing that lives was called dead")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
