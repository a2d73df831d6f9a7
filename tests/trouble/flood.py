#!/usr/bin/env python3
"""A client that floods is suspended: refused, its tokens kept, told once, until an operator enables it.

    flood.py --bin DIRECTORY
"""
import argparse
import json
import sys
import urllib.parse

from house import House, LOGIN
from authority import Authority

PER_SECOND = 5
MOST = 400  # requests that a flood may take; it is one a good deal earlier
REFUSED = {401, 403}
SERVICES = {"issuer": "https://id.example", "client_flood_per_second": PER_SECOND}
wrong = []


def expect(what, good, seen=""):
    if not good:
        wrong.append(f"{what}: {seen}")


def flood(ask):
    """Asks as fast as it can until it is refused; how many were served."""
    for served in range(MOST):
        if ask() != 200:
            return served
    return MOST


def suspensions(house):
    """What the audit log has of them; such lines are on disk when they are made."""
    lines = [json.loads(line) for line in (house.directory / "state/audit.jsonl").read_text().splitlines()]
    return [(line.get("client"), line.get("user"), line["detail"]) for line in lines if line["event"] == "suspended"]


def restart(house):
    house.process.terminate()
    house.process.wait(60)
    house.serve()


def a_key(binaries):
    """FastConnect's, by protected calls."""
    with House(binaries, {"client_flood_per_second": PER_SECOND}) as house:
        house.add_key("loud")
        house.add_key("quiet")
        house.serve()
        loud, quiet = house.log_in("loud"), house.log_in("quiet")
        for _ in range(4 * PER_SECOND):
            house.post(LOGIN, {"apiKey": "quiet", "apiSecret": "a stranger's guess"})
        expect("a stranger suspends nobody", house.proof(quiet["accessToken"]) == 200 and not suspensions(house))

        served = flood(lambda: house.proof(loud["accessToken"]))
        expect("a flood ends", PER_SECOND - 1 <= served < MOST, served)
        expect("it is told once", suspensions(house) == [("loud", None, "flood")], suspensions(house))

        def shut_out(when):
            proof = house.proof(loud["accessToken"])
            refresh = house.refresh(loud["refreshToken"])[0]
            login = house.post(LOGIN, {"apiKey": "loud", "apiSecret": house.secrets["loud"]})[0]
            expect(f"{when}: its bearer", proof == 403, proof)
            expect(f"{when}: its refresh", refresh in REFUSED, refresh)
            expect(f"{when}: its login", login in REFUSED, login)
            expect(f"{when}: another is served", house.proof(quiet["accessToken"]) == 200)

        shut_out("suspended")
        restart(house)
        shut_out("after a restart")
        expect("it is told no second time", len(suspensions(house)) == 1, suspensions(house))
        holders = house.admin("grant", "holders", "--client", "loud")
        expect("its login was not ended", [one["client"] for one in holders] == ["loud"], holders)
        states = {one["id"]: (one["state"], one["why"]) for one in house.admin("client", "list")}
        expect("its operator sees it", states == {"loud": ("disabled", "flood"), "quiet": ("active", "")}, states)

        house.admin("client", "enable", "loud")
        expect("enabled: its bearer", house.proof(loud["accessToken"]) == 200)
        status, _, text = house.refresh(loud["refreshToken"])
        expect("enabled: its refresh, which the refusals did not spend", status == 200, (status, text))
        expect("enabled: its new bearer", house.proof(json.loads(text).get("accessToken", "")) == 200)


def a_service(binaries):
    """Of standard OAuth: by what it asks for with its own secret."""
    with Authority(binaries, "oauth2", SERVICES) as house:
        secrets = {name: house.admin("client", "create", name, "--grant", "client_credentials")["client_secret"]
                   for name in ("loud", "quiet")}
        house.serve()

        def ask(name):
            form = {"grant_type": "client_credentials", "client_id": name, "client_secret": secrets[name]}
            status, _, text = house.fetch("POST", "/oauth2/token", urllib.parse.urlencode(form),
                                          {"Content-Type": "application/x-www-form-urlencoded"})
            return status, json.loads(text)

        served = flood(lambda: ask("loud")[0])
        expect("a service's flood ends", PER_SECOND <= served < MOST, served)
        status, said = ask("loud")
        expect("a service is refused", status in REFUSED | {400} and "access_token" not in said, (status, said))
        expect("a service's is told once", suspensions(house) == [("loud", None, "flood")], suspensions(house))
        expect("another service is served", ask("quiet")[0] == 200)
        restart(house)  # a new process knows nothing of the second in which it flooded
        house.admin("client", "enable", "loud")
        expect("a service is enabled", ask("loud")[0] == 200)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries = parser.parse_args().bin
    a_key(binaries)
    a_service(binaries)
    print("\n".join(wrong) or "who floods is suspended, nobody else, and comes back when an operator says so")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
