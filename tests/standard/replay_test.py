#!/usr/bin/env python3
"""A spent refresh token on the standard wire: its answer once more, to the byte, to its own client; else its family ends.

    replay_test.py --bin DIRECTORY                        // checklist 22, 23; RFC 9700 section 4.14.2
"""
import base64
import hashlib
import json
import pathlib
import re
import secrets
import sys
import unittest
import urllib.parse

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
sys.path.insert(0, str(SUPPORT))
from logins import AS_FORM  # noqa: E402
from person import Person  # noqa: E402
from sandbox import Sandbox  # noqa: E402

BIN = sys.argv[sys.argv.index("--bin") + 1]
TOKEN, USERINFO = "/oidc/oauth2/token", "/oidc/oauth2/userinfo"


class Replay(unittest.TestCase):
    def setUp(self):
        self.sandbox = Sandbox(BIN)  # replay_window is 30 s where nobody says otherwise
        self.addCleanup(self.sandbox.close)
        self.system = self.sandbox.info["systems"]["oauth2"]
        self.web = self.client("demo-web")

    def client(self, name):
        client = next(one for one in self.system["clients"] if one["id"] == name)
        return {"client_id": name, "client_secret": client["secret"]}

    def log_in(self):
        user = self.system["users"][0]
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        redirect = "http://127.0.0.1:8000/cb"
        asked = {"response_type": "code", "client_id": "demo-web", "redirect_uri": redirect, "state": "s",
                 "scope": "openid offline_access", "prompt": "consent", "code_challenge": challenge,
                 "code_challenge_method": "S256"}
        _, where = Person(user["login"], user["password"]).walk(
            f"{self.sandbox.base}/oidc/oauth2/authorize?{urllib.parse.urlencode(asked)}")
        code = re.search(r"[?&]code=([^&]+)", where)[1]
        status, text = self.post({"grant_type": "authorization_code", "code": urllib.parse.unquote(code),
                                  "redirect_uri": redirect, "code_verifier": verifier}, self.web)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def post(self, form, client):
        status, _, text = self.sandbox.fetch("POST", TOKEN, urllib.parse.urlencode(form | client), AS_FORM)
        return status, text

    def refresh(self, token, client=None):
        return self.post({"grant_type": "refresh_token", "refresh_token": token}, client or self.web)

    def refused(self, answer):
        self.assertEqual((answer[0], json.loads(answer[1])["error"]), (400, "invalid_grant"))

    def is_good(self, access):
        return self.sandbox.fetch("GET", USERINFO, headers={"Authorization": f"Bearer {access}"})[0] == 200

    def test_the_same_client_gets_the_same_bytes_inside_the_window(self):
        first = self.log_in()
        answer = self.refresh(first["refresh_token"])
        self.assertEqual(answer[0], 200)
        for _ in range(2):
            self.sandbox.advance("5s")
            self.assertEqual(self.refresh(first["refresh_token"]), answer)
        self.assertEqual(json.loads(answer[1])["expires_in"], 600)

    def test_when_the_successor_was_used_it_is_a_reuse(self):
        first, bystander = self.log_in(), self.log_in()
        second = json.loads(self.refresh(first["refresh_token"])[1])
        third = json.loads(self.refresh(second["refresh_token"])[1])
        self.assertTrue(self.is_good(third["access_token"]))
        self.refused(self.refresh(first["refresh_token"]))
        self.refused(self.refresh(third["refresh_token"]))
        self.assertFalse(self.is_good(third["access_token"]))
        self.assertEqual(self.refresh(bystander["refresh_token"])[0], 200)

    def test_after_the_window_it_is_a_reuse(self):
        first = self.log_in()
        second = json.loads(self.refresh(first["refresh_token"])[1])
        self.sandbox.advance("31s")
        self.refused(self.refresh(first["refresh_token"]))
        self.refused(self.refresh(second["refresh_token"]))
        self.assertFalse(self.is_good(second["access_token"]))

    def test_another_client_gets_nothing_and_ends_nothing(self):
        """Else whoever sees a token could end the login that it is of."""
        first = self.log_in()
        answer = self.refresh(first["refresh_token"])
        self.refused(self.refresh(first["refresh_token"], {"client_id": "demo-native"}))
        self.assertEqual(self.refresh(first["refresh_token"]), answer)
        self.assertEqual(self.refresh(json.loads(answer[1])["refresh_token"])[0], 200)


if __name__ == "__main__":
    del sys.argv[1:]
    unittest.main()
