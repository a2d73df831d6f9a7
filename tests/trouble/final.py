#!/usr/bin/env python3
"""What was ended stays ended: across restarts, with a clock that is set back, and forward.
                                                                     // checklist 23, 27; promises I4, I5, I9

    final.py --bin DIRECTORY [it_...]
"""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from play import play  # noqa: E402
from sandbox import Sandbox  # noqa: E402
from standard import Client, proof, refusal  # noqa: E402

LOGIN, UNTIL_THE_END = "2026-03-01T12:00:00Z", "4m"
# What the clock says when it is started again, and whether the first access tokens are still in their time.
RESTARTS = (("before the end", "2026-03-01T12:02:00Z", True), ("after it", "2026-03-01T12:07:00Z", True),
            ("before the login", "2026-03-01T11:00:00Z", True), ("weeks later", "2026-03-21T12:00:00Z", False),
            ("before the end again", "2026-03-01T12:02:00Z", True))

TO_THE_MINUTE = len("2026-03-01T12:00")


def holds(what, true, seen=None):
    if not true:
        raise AssertionError(f"not so: {what}; seen: {seen}")


class Family:
    """A login of a client, and all its tokens so far."""

    def __init__(self, sandbox, client):
        self.client = Client(sandbox, client)
        first = self.client.log_in()
        self.bearers, self.refreshes = [first["access_token"]], [first["refresh_token"]]
        self.renew("at first")

    def renew(self, when):
        status, text = self.client.refresh(self.refreshes[-1])
        holds(f"renewed {when}", status == 200, text)
        self.bearers.append(json.loads(text)["access_token"])
        self.refreshes.append(json.loads(text)["refresh_token"])

    def lives(self, when, bearers):
        seen = [proof(self.client.sandbox, one) for one in bearers]
        holds(f"lives {when}", seen == [200] * len(bearers), seen)
        self.renew(when)
        newest = proof(self.client.sandbox, self.bearers[-1])
        holds(f"a new bearer {when}", newest == 200, newest)

    def is_over(self, when):
        seen = [proof(self.client.sandbox, one) for one in self.bearers]
        holds(f"no bearer {when}", seen == [401] * len(self.bearers), seen)
        seen = [refusal(self.client.refresh(one)) for one in reversed(self.refreshes)]
        holds(f"no refresh token {when}", seen == [(400, "invalid_grant")] * len(self.refreshes), seen)


def by_reuse(one):
    one.renew("before the reuse")
    answer = one.client.refresh(one.refreshes[0])
    holds("a reuse is refused", refusal(answer) == (400, "invalid_grant"), answer)


def by_an_operator(one):
    one.client.sandbox.control("revoke", "oauth2", "--client", "demo-native")


# How families end, each acknowledged, and whose they are.
ENDS = {"its holder, by the refresh token": ("demo-web", lambda one: one.client.revoke(one.refreshes[-1])),
        "its holder, by the access token": ("demo-web", lambda one: one.client.revoke(one.bearers[-1])),
        "reuse": ("demo-web", by_reuse), "an operator": ("demo-native", by_an_operator)}


def terminate(sandbox):
    holds("it stops in good order", sandbox.close() == 0)


def kill(sandbox):
    sandbox.process.kill()
    sandbox.process.wait()
    sandbox.close()


def ended_ones_stay_ended(binaries, state, stop):
    def start(at):
        return Sandbox(binaries, "--dialect", "oauth2", "--dir", state, "--at", at)

    with start(LOGIN) as sandbox:
        kept = Family(sandbox, "demo-web")
        over = {by: Family(sandbox, client) for by, (client, _) in ENDS.items()}
        first = list(kept.bearers)
        sandbox.advance(UNTIL_THE_END)
        for by, one in over.items():
            holds(f"{by}: alive before", proof(sandbox, one.bearers[-1]) == 200)
            end = ENDS[by][1]
            end(one)
        stop(sandbox)
    for when, at, in_time in RESTARTS:
        with start(at) as sandbox:
            holds("its clock is set", sandbox.info["now"][:TO_THE_MINUTE] == at[:TO_THE_MINUTE], sandbox.info["now"])
            kept.client.sandbox = sandbox
            for by, one in over.items():
                one.client.sandbox = sandbox
                one.is_over(f"{when}, ended by {by}")
            kept.lives(when, first if in_time else [])
            stop(sandbox)


def it_stays_ended_wherever_the_clock_is_set(binaries):
    with tempfile.TemporaryDirectory(prefix="latchkey-") as place:
        ended_ones_stay_ended(binaries, pathlib.Path(place) / "state", terminate)


def it_stays_ended_when_it_is_killed_too(binaries):
    with tempfile.TemporaryDirectory(prefix="latchkey-") as place:
        ended_ones_stay_ended(binaries, pathlib.Path(place) / "state", kill)


if __name__ == "__main__":
    sys.exit(play(globals()))
