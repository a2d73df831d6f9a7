#!/usr/bin/env python3
"""What comes of a login ends with it, and what a client has begun ends with the client.    // checklist 27, 38

    descent.py --bin DIRECTORY

Over HTTP, on a file: tokens that were exchanged for a login's (RFC 8693), by the login's own revocation and by an operator's;
codes, device codes and pushed requests of a client that is disabled, after it is enabled again.
"""
import argparse
import base64
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from authority import Authority  # noqa: E402
from person import Person  # noqa: E402

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
CALLBACK = "https://client.example/cb"
PASSWORD = "correct horse battery"
wrong = []


def expect(what, good, seen=""):
    if not good:
        wrong.append(f"{what}: {seen}")


class House(Authority):
    def __init__(self, binaries):
        super().__init__(binaries, "oauth2", {"token_exchange": True, "scopes": "openid profile read write",
                                              "audience": "https://api.example"})
        self.admin("user", "create", "ann", "--password-file", self.secret_file(PASSWORD))
        self.secrets = {}
        for client, words in (("front", ["--redirect-uri", CALLBACK, "--grant", "authorization_code", "--grant", "refresh_token",
                                         "--grant", DEVICE]),
                              ("back", ["--scope", "read", "--resource", "https://api.example", "--grant", EXCHANGE])):
            self.secrets[client] = self.admin("client", "create", client, *words)["client_secret"]

    def post(self, path, client, **form):
        """Status and JSON."""
        basic = base64.b64encode(f"{client}:{self.secrets[client]}".encode()).decode()
        status, _, text = self.fetch("POST", path, urllib.parse.urlencode(form), {
            "Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic " + basic})
        return status, json.loads(text) if text else {}

    def code(self):
        asked = urllib.parse.urlencode({"client_id": "front", "response_type": "code", "scope": "read write", "redirect_uri": CALLBACK})
        kind, where = Person("ann", PASSWORD).walk(f"{self.base}/oauth2/authorize?{asked}")
        assert kind == "redirect", where
        return urllib.parse.parse_qs(urllib.parse.urlsplit(where).query)["code"][0]

    def redeem(self, code):
        return self.post("/oauth2/token", "front", grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    def exchange(self, token):
        status, got = self.post("/oauth2/token", "back", grant_type=EXCHANGE, subject_token=token, subject_token_type=ACCESS)
        assert status == 200, got
        return got["access_token"]

    def lives(self, token):
        status, said = self.post("/oauth2/introspect", "back", token=token)
        assert status == 200, said
        return said["active"]


def exchanged(house):
    def by_its_holder(login):
        status, said = house.post("/oauth2/revoke", "front", token=login["refresh_token"])
        expect("the revocation", status == 200, said)

    def by_an_operator(_):
        done = house.admin("grant", "revoke", "--client", "front")
        expect("the revocation", done == {"revoked": 3}, done)

    for what, end in (("by its holder", by_its_holder), ("by an operator", by_an_operator)):
        login = house.redeem(house.code())[1]
        first = house.exchange(login["access_token"])
        second = house.exchange(first)
        expect(f"{what}: before", [house.lives(one) for one in (first, second)] == [True, True])
        end(login)
        expect(f"{what}: what was made from it", [house.lives(one) for one in (first, second)] == [False, False])


def begun(house):
    code = house.code()
    device = house.post("/oauth2/device_authorization", "front", scope="read")[1]
    pushed = house.post("/oauth2/par", "front", response_type="code", scope="read", redirect_uri=CALLBACK)[1]
    house.admin("client", "disable", "front")
    expect("a disabled client", house.redeem(code)[0] == 401)
    house.admin("client", "enable", "front")
    status, said = house.redeem(code)
    expect("its code", (status, said.get("error")) == (400, "invalid_grant"), said)
    status, said = house.post("/oauth2/token", "front", grant_type=DEVICE, device_code=device["device_code"])
    expect("its device code", (status, said.get("error")) == (400, "invalid_grant"), said)
    asked = urllib.parse.urlencode({"client_id": "front", "request_uri": pushed["request_uri"]})
    status = house.fetch("GET", f"/oauth2/authorize?{asked}")[0]
    expect("its pushed request", status == 400, status)
    expect("and it may begin anew", house.redeem(house.code())[0] == 200)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    with House(parser.parse_args().bin) as house:
        house.serve()
        exchanged(house)
        begun(house)
    print("\n".join(wrong) or "what came of a login ended with it, and what a client had begun with the client")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
