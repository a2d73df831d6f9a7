#!/usr/bin/env python3
"""What a client of a standard realm does not get by asking otherwise: greed.py --bin DIRECTORY [TEST...]"""
import json
import urllib.parse

import operated
from standard_house import BACK, StandardHouse

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
API, FILES = "https://api.example", "https://files.example"


class Greed(StandardHouse):
    realms = ('[realms.id]\ndialect = "oauth2"\n[realms.id.settings]\nissuer = "https://id.example"\n'
              f'scopes = "openid read"\naudience = "{API}"\nresources = "{FILES}"\n'
              'registration = "token"\ntoken_exchange = true\n')

    def setUp(self):
        super().setUp()
        self.configure('[limits]\nwrong_secrets = 5\n')

    def exchange(self, client, token, **more):
        return self.post(client, grant_type=EXCHANGE, subject_token=token, subject_token_type=ACCESS_TOKEN, **more)

    def in_silence(self, client):
        """Where a browser is sent with prompt=none."""
        answer = self.person.fetch(self.authorize(client, prompt="none"))
        return urllib.parse.parse_qs(urllib.parse.urlsplit(answer[1]["Location"]).query)

    def test_an_exchanged_token_is_no_consent(self):
        front = self.create("front", "--redirect-uri", BACK)
        sly = self.create("sly", "--redirect-uri", BACK, "--resource", API, "--grant", "authorization_code", "--grant", EXCHANGE)
        self.start()
        mine = self.tokens(front)["access_token"]
        self.assertEqual(self.exchange(sly, mine)[0], 200)
        self.assertEqual(self.in_silence(sly).get("error"), ["consent_required"])
        self.assertIn("code", self.in_silence(front))

    def test_an_exchange_widens_no_audience(self):
        front = self.create("front", "--redirect-uri", BACK, "--grant", "authorization_code", "--grant", EXCHANGE)
        back = self.create("back", "--resource", API, "--grant", EXCHANGE)
        both = self.create("both", "--resource", API, "--resource", FILES, "--grant", EXCHANGE)
        self.start()
        mine = self.tokens(front)["access_token"]
        for client, asked, status in ((front, {}, 200), (back, {}, 200), (front, {"audience": API}, 200),
                                      (front, {"audience": FILES}, 400), (back, {"resource": FILES}, 400),
                                      (both, {"resource": FILES}, 200)):
            got = self.exchange(client, mine, **asked)
            self.assertEqual(got[0], status, (client["client_id"], asked, got))
            if status == 400:
                self.assertEqual(got[1]["error"], "invalid_target")

    def test_who_was_registered_registers_nobody(self):
        desk = self.create("desk", "--scope", "client_registration", "--grant", "client_credentials")
        self.start()
        token = self.post(desk, grant_type="client_credentials", scope="client_registration")[1]["access_token"]
        status, _, text = self.ask(self.port, "POST", "/oauth2/register",
                                   {"redirect_uris": [BACK], "scope": "read client_registration",
                                    "grant_types": ["client_credentials"]}, {"Authorization": "Bearer " + token})
        self.assertEqual((status, json.loads(text)["scope"]), (201, "read"), text)

    def test_a_refresh_says_nothing_of_a_secret_to_who_guesses_on_and_on(self):
        front = self.create("front", "--redirect-uri", BACK)
        self.start()
        live = self.tokens(front)["refresh_token"]
        guess = dict(front, client_secret="guess")
        statuses = [self.post(guess, grant_type="refresh_token", refresh_token="none")[0] for _ in range(9)]
        self.assertEqual(statuses[:5], [401] * 5)
        self.assertEqual(statuses[-1], 429)
        self.assertEqual(self.post(front, grant_type="refresh_token", refresh_token="none")[0], 429)
        self.assertEqual(self.post(front, grant_type="refresh_token", refresh_token=live)[0], 200)


if __name__ == "__main__":
    operated.main()
