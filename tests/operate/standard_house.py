"""An authority with one realm of the standard dialect, a person, and clients that send the person to log in."""
import base64
import hashlib
import json
import pathlib
import sys
import urllib.parse

from operated import Operated, PASSWORD

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from person import Person  # noqa: E402

BACK = "https://app.example/cb"
VERIFIER = "v" * 43


class StandardHouse(Operated):
    """The realm is called `id`. Clients are made before start()."""

    def create(self, name, *words):
        self.admin("client", "create", "--realm", "id", name, "--secret-file", self.path / name, *words)
        return {"client_id": name, "client_secret": json.loads((self.path / name).read_text())["client_secret"]}

    def start(self):
        self.admin("user", "create", "--realm", "id", "ann", "--password-file", "-", input=PASSWORD + "\n")
        self.port = self.serve()["listening"]
        self.person = Person("ann", PASSWORD)

    def send(self, path, client, **fields):
        """Status and JSON."""
        status, _, text = self.ask(self.port, "POST", path, urllib.parse.urlencode(dict(client, **fields)),
                                   {"Content-Type": "application/x-www-form-urlencoded"})
        return status, json.loads(text)

    def post(self, client, **fields):
        return self.send("/oauth2/token", client, **fields)

    def authorize(self, client, **more):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
        asked = dict({"response_type": "code", "client_id": client["client_id"], "redirect_uri": BACK, "scope": "read",
                      "code_challenge": challenge, "code_challenge_method": "S256"}, **more)
        return f"http://127.0.0.1:{self.port}/oauth2/authorize?" + urllib.parse.urlencode(asked)

    def tokens(self, client):
        _, back = self.person.walk(self.authorize(client))
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
        status, said = self.post(client, grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)
        self.assertEqual(status, 200, said)
        return said
