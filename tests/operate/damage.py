#!/usr/bin/env python3
"""A store that cannot be read is trouble of ours, and told as that: damage.py --bin DIRECTORY [TEST...]"""
import base64
import json
import sqlite3
import urllib.parse

import operated
from operated import Operated

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# A token's family is looked for at a page that is no table's.
FAMILIES_ELSEWHERE = """PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'access_tokens')
WHERE name = 'families';"""


class Damage(Operated):
    realms = ('[realms.id]\ndialect = "oauth2"\n[realms.id.settings]\nissuer = "https://id.example"\n'
              'registration = "token"\ntoken_exchange = true\n')

    def create(self, name, *words):
        self.admin("client", "create", "--realm", "id", name, "--secret-file", self.path / name, *words)
        return json.loads((self.path / name).read_text())["client_secret"]

    def damage(self, script):
        database = sqlite3.connect(self.path / "state/latchkeyd.db")
        database.executescript(script)
        database.commit()
        database.close()

    def post(self, port, fields):
        return self.ask(port, "POST", "/oauth2/token", urllib.parse.urlencode(fields),
                        {"Content-Type": "application/x-www-form-urlencoded"})

    def test_a_token_that_cannot_be_looked_up_is_not_called_invalid(self):
        desk = {"client_id": "desk", "client_secret": self.create(
            "desk", "--scope", "client_registration", "--grant", "client_credentials", "--grant", EXCHANGE)}
        port = self.serve()["listening"]
        status, _, text = self.post(port, dict(desk, grant_type="client_credentials", scope="client_registration"))
        self.assertEqual(status, 200, text)
        token = json.loads(text)["access_token"]
        self.stop()
        self.damage(FAMILIES_ELSEWHERE)
        port = self.serve()["listening"]
        register = self.ask(port, "POST", "/oauth2/register", {"redirect_uris": ["https://app.example/cb"]},
                            {"Authorization": "Bearer " + token})
        exchange = self.post(port, dict(desk, grant_type=EXCHANGE, subject_token=token,
                                        subject_token_type="urn:ietf:params:oauth:token-type:access_token"))
        for status, headers, text in (register, exchange):
            self.assertEqual((status, json.loads(text)["error"]), (503, "temporarily_unavailable"))
            self.assertIn("Retry-After", headers)

    def test_a_client_that_cannot_be_looked_up_is_not_called_wrong(self):
        self.create("signer")
        self.damage("UPDATE clients SET scopes = 'x' WHERE id = 'signer'")
        port = self.serve()["listening"]
        parts = [{"alg": "ES256"}, {"iss": "signer", "sub": "signer"}]
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        status, _, said = self.post(port, {"grant_type": "client_credentials", "client_assertion": text + ".AAAA",
                                           "client_assertion_type": ASSERTION})
        self.assertEqual((status, json.loads(said)["error"]), (503, "temporarily_unavailable"))


if __name__ == "__main__":
    operated.main()
