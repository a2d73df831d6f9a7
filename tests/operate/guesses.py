#!/usr/bin/env python3
"""Wrong logins are counted by network, over all realms and dialects: guesses.py --bin DIRECTORY [TEST...]   // checklist 57"""
import json

import operated
from operated import Operated, PASSWORD

MOST = 2  # and one more each half minute


class Guesses(Operated):
    def setUp(self):
        super().setUp()
        self.configure(f"[limits]\nwrong_logins = {MOST}\n", listen="port = 0\nbehind_proxy = true")
        self.add_company()
        self.admin("client", "create", "--realm", "ssi", "robot", "--secret-file", self.path / "robot")
        self.secret = json.loads((self.path / "robot").read_text())["client_secret"]
        self.port = self.serve()["listening"]

    def post(self, network, path, body):
        return self.ask(self.port, "POST", path, body, {"X-Forwarded-For": network})

    def person(self, network, password=PASSWORD):
        return self.post(network, "/api/company/get-token", {"login": "company", "password": password})

    def robot(self, network, secret=None):
        return self.post(network, "/api/v3/auth/token", {"apiKey": "robot", "apiSecret": secret or self.secret})

    def guess(self, login, network):
        """Until nothing more is compared for that network."""
        statuses = [login(network, "guess")[0] for _ in range(MOST + 1)]
        self.assertEqual(statuses, [401] * MOST + [429])

    def turned_away(self, answer):
        self.assertEqual(answer[0], 429, answer[2])
        self.assertRegex(answer[1]["Retry-After"] or "", r"^[1-9]\d*$")

    def test_guesses_in_one_dialect_count_in_the_other(self):
        for guessed, other, network in ((self.person, self.robot, "192.0.2.1"), (self.robot, self.person, "192.0.2.2")):
            self.guess(guessed, network)
            self.turned_away(other(network))
            self.assertEqual(other("192.0.2.77")[0], 200, "another network is not meant")

    def test_guesses_in_both_dialects_are_one_count(self):
        self.assertEqual(self.person("192.0.2.1", "guess")[0], 401)
        self.assertEqual(self.robot("192.0.2.1", "guess")[0], 401)
        self.turned_away(self.person("192.0.2.1"))
        self.turned_away(self.robot("192.0.2.1"))

    def test_who_is_logged_in_goes_on(self):
        status, _, text = self.robot("192.0.2.1")
        self.assertEqual(status, 200, text)
        self.guess(self.person, "192.0.2.1")
        self.turned_away(self.robot("192.0.2.1"))
        token = {"refreshToken": json.loads(text)["refreshToken"]}
        self.assertEqual(self.post("192.0.2.1", "/api/v3/auth/refresh", token)[0], 200)

    def test_right_logins_cost_nothing(self):
        for login in (self.person, self.robot) * (MOST + 1):
            self.assertEqual(login("192.0.2.1")[0], 200)


if __name__ == "__main__":
    operated.main()
