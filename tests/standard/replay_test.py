#!/usr/bin/env python3
"""A spent refresh token that comes again over the standard wire: a lost answer, a reuse, a stranger.
                                            // checklist 20, 22, 24

    replay_test.py --bin DIRECTORY [it_...]
"""
import json
import sys

from stage import holds
from play import play
from sandbox import Sandbox
from standard import Client, proof, refusal

REFUSED = (400, "invalid_grant")
OWNERS = ("demo-web", "demo-native")  # with a secret, and without one


class Login:
    """Of one client, whose first refresh token is spent."""

    def __init__(self, sandbox, owner):
        self.sandbox, self.owner = sandbox, Client(sandbox, owner)
        self.spent = self.owner.log_in()["refresh_token"]
        status, self.answer = self.owner.refresh(self.spent)
        holds(f"{owner}: is renewed", status == 200, self.answer)
        self.tokens = json.loads(self.answer)

    def go_on(self):
        """Uses the successor."""
        status, text = self.owner.refresh(self.tokens["refresh_token"])
        holds("the successor is good", status == 200, text)
        self.tokens = json.loads(text)

    def bring_again(self):
        return self.owner.refresh(self.spent)

    def is_answered_again(self, when):
        again = self.bring_again()
        holds(f"the same bytes {when}", again == (200, self.answer), (self.answer, again))

    def is_reuse(self, when):
        again = self.bring_again()
        holds(f"reuse {when}", refusal(again) == REFUSED, again)
        holds(f"its bearer is dead {when}", proof(self.sandbox, self.tokens["access_token"]) == 401)
        newest = self.owner.refresh(self.tokens["refresh_token"])
        holds(f"its newest refresh token is dead {when}", refusal(newest) == REFUSED, newest)

    def lives(self, when):
        holds(f"its bearer lives {when}", proof(self.sandbox, self.tokens["access_token"]) == 200)


def sandbox_of(binaries):
    return Sandbox(binaries, "--dialect", "oauth2")


def it_answers_the_same_bytes_until_the_successor_is_used(binaries):
    for owner in OWNERS:
        with sandbox_of(binaries) as sandbox:
            login, bystander = Login(sandbox, owner), Login(sandbox, owner)
            holds("it says how long", login.tokens["expires_in"] == 600, login.answer)
            sandbox.advance("5s")
            login.is_answered_again("after five seconds")
            sandbox.advance("15s")
            login.is_answered_again("after twenty")
            login.lives("after that")
            login.go_on()
            login.lives("with its new tokens")
            login.is_reuse("in the window, after its successor")
            bystander.lives("beside it")
            bystander.go_on()


def it_takes_it_for_reuse_when_the_window_is_over(binaries):
    for owner in OWNERS:
        with sandbox_of(binaries) as sandbox:
            login = Login(sandbox, owner)
            sandbox.advance("31s")
            login.lives("until then")
            login.is_reuse("after the window")


def it_lets_no_stranger_end_a_login(binaries):
    for owner, other in (OWNERS, OWNERS[::-1]):
        with sandbox_of(binaries) as sandbox:
            login, stranger = Login(sandbox, owner), Client(sandbox, other)
            impostor = Client(sandbox, "demo-web")
            impostor.shown["client_secret"] = "not its secret"

            def refused(when):
                for which, token in (("spent", login.spent), ("live", login.tokens["refresh_token"])):
                    answer = stranger.refresh(token)
                    holds(f"{other} with {owner}'s {which} token {when}", refusal(answer) == REFUSED, answer)
                    answer = impostor.refresh(token)
                    holds(f"a wrong secret {when}", refusal(answer) == (401, "invalid_client"), answer)
                login.lives(f"after {other} brought its tokens {when}")

            sandbox.advance("5s")
            refused("in the window")
            login.is_answered_again("after a stranger")
            sandbox.advance("30s")
            refused("after the window")
            login.go_on()
            refused("after its successor")
            login.go_on()
            login.is_reuse("of its own")


if __name__ == "__main__":
    sys.exit(play(globals()))
