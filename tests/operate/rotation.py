#!/usr/bin/env python3
"""Signing keys come and go while clients renew: rotation.py --bin DIRECTORY [TEST...]"""
import json
import threading
import time

import operated
from standard_house import BACK, StandardHouse
from verifier import kid_of, verifies

PATIENCE = 60
LEAD = 10  # seconds; a running authority takes a key up within two


class Renewals:
    """One login that renews without a pause; whoever gets its tokens has read the JWK set a moment before."""

    def __init__(self, house, client):
        self.house, self.client = house, client
        self.token = house.tokens(client)["refresh_token"]
        self.came, self.refused, self.unverified = [], [], []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            known = self.house.jwks()
            status, said = self.house.post(self.client, grant_type="refresh_token", refresh_token=self.token)
            if status != 200:
                self.refused.append((status, said))
                return
            self.token = said["refresh_token"]
            self.came.append(kid_of(said["access_token"]))
            if not verifies(said["access_token"], known):
                self.unverified.append(self.came[-1])

    def stop(self):
        self.over.set()
        self.thread.join(PATIENCE)


class Rotation(StandardHouse):
    realms = '[realms.id]\ndialect = "oauth2"\n[realms.id.settings]\nissuer = "https://id.example"\nscopes = "openid read"\n'

    def setUp(self):
        super().setUp()
        self.client = self.create("app", "--redirect-uri", BACK)
        self.start()
        threading.Thread(target=self.running[-1].stderr.read, daemon=True).start()  # else a full pipe stops its log
        self.renewals = Renewals(self, self.client)
        self.addCleanup(self.renewals.stop)
        self.until("it has begun", lambda: self.renewals.came)

    def jwks(self):
        status, headers, text = self.ask(self.port, "GET", "/oauth2/jwks")
        self.assertEqual((status, headers["Cache-Control"]), (200, "public, max-age=300"))
        return json.loads(text)

    def published(self):
        return {key["kid"] for key in self.jwks()["keys"]}

    def states(self):
        return {key["kid"]: key["state"] for key in json.loads(self.admin("keys", "list", "--realm", "id", "--json"))}

    def rotate(self, *words):
        return json.loads(self.admin("keys", "rotate", "--realm", "id", *words, "--json"))["kid"]

    def issue(self):
        return self.tokens(self.client)["access_token"]

    def until(self, what, holds):
        deadline = time.monotonic() + PATIENCE
        while not holds():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.1)

    def lives(self, token):
        return self.send("/oauth2/introspect", self.client, token=token)[1]["active"]

    def renewed_all_the_time(self, old, new):
        """Under the old key and then under the new one, and was never refused."""
        renewals = self.renewals
        self.until("a renewal under the new key", lambda: renewals.refused or renewals.came[-1] == new)
        renewals.stop()
        self.assertEqual(renewals.refused, [])
        turn = renewals.came.index(new)
        self.assertEqual((set(renewals.came[:turn]), set(renewals.came[turn:])), ({old}, {new}))

    def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(self):
        first = self.issue()
        old = kid_of(first)
        self.assertEqual((self.published(), self.states()), ({old}, {old: "signing"}))
        new = self.rotate("--lead", f"{LEAD}s")
        self.until("both are published", lambda: self.published() == {old, new})
        between = self.issue()
        self.assertEqual(self.states(), {old: "signing", new: "waiting"})
        self.assertEqual(kid_of(between), old)
        self.until("the new one signs", lambda: kid_of(self.issue()) == new)
        self.assertEqual(self.states(), {old: "verifying", new: "signing"})
        self.assertEqual(self.published(), {old, new})
        for token in (first, between, self.issue()):
            self.assertTrue(verifies(token, self.jwks()))
            self.assertTrue(self.lives(token))
        mixed = first.rpartition(".")[0] + "." + between.rpartition(".")[2]
        self.assertFalse(verifies(mixed, self.jwks()), "one token with the other's signature")
        self.renewed_all_the_time(old, new)
        self.assertEqual(self.renewals.unverified, [], "what is signed can be verified by who read the set before")

    def test_a_retired_key_signs_nothing_more_and_stays_published(self):
        first = self.issue()
        old = kid_of(first)
        self.admin("keys", "retire", "--realm", "id", old)
        self.until("another one signs", lambda: kid_of(self.issue()) != old)
        self.assertEqual(self.states()[old], "verifying")
        self.assertTrue(verifies(first, self.jwks()))
        self.renewed_all_the_time(old, kid_of(self.issue()))

    def test_a_stolen_key_leaves_the_set_and_takes_its_tokens_along(self):
        first = self.issue()
        old = kid_of(first)
        self.assertTrue(verifies(first, self.jwks()))
        self.admin("keys", "retire", "--realm", "id", old, "--now")
        self.until("it is not published", lambda: old not in self.published())
        self.assertFalse(verifies(first, self.jwks()))
        fresh = self.issue()
        self.assertNotEqual(kid_of(fresh), old)
        self.assertTrue(verifies(fresh, self.jwks()))
        self.assertIn(self.states().get(old), (None, "over"))
        self.renewed_all_the_time(old, kid_of(fresh))
        self.refused(4, "no such key", "--config", self.path / "x.toml", "keys", "retire", "--realm", "id", old)

    def test_a_key_that_waits_is_brought_forward_for_a_stolen_one(self):
        old = kid_of(self.issue())
        waiting = self.rotate("--lead", "1h")
        self.until("both are published", lambda: self.published() == {old, waiting})
        self.assertEqual(self.states(), {old: "signing", waiting: "waiting"})
        self.admin("keys", "retire", "--realm", "id", old, "--now")
        self.until("it took over", lambda: self.published() == {waiting})
        self.assertEqual(kid_of(self.issue()), waiting)
        self.renewed_all_the_time(old, waiting)
        self.assertEqual(self.renewals.unverified, [])


if __name__ == "__main__":
    operated.main()
