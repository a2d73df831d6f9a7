"""A production authority with one realm, its clients, and how they ask."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from authority import Authority  # noqa: E402

LOGIN, REFRESH = "/api/v3/auth/token", "/api/v3/auth/refresh"
PROOF = "/api/v3/data/securitiesByBoard?board=HOSE"


class House(Authority):
    """Of the dialect whose refresh tokens are good once; API keys log in."""

    def __init__(self, binaries, settings=None, environment=None):
        super().__init__(binaries, "fastconnect", dict({"refresh_ends_access": False}, **(settings or {})))
        self.config.write_text('[monitor]\npublic = "health"\n' + self.config.read_text())
        self.extra = environment or {}
        self.secrets = {}

    def add_key(self, name):
        self.secrets[name] = self.admin("client", "create", name)["client_secret"]
        return name

    def serve(self):
        kept, self.environment = self.environment, dict(self.environment, **self.extra)
        try:
            return super().serve()
        finally:
            self.environment = kept

    def post(self, path, body):
        return self.fetch("POST", path, json.dumps(body), {"Content-Type": "application/json"})

    def log_in(self, name):
        status, _, text = self.post(LOGIN, {"apiKey": name, "apiSecret": self.secrets[name]})
        assert status == 200, (status, text)
        return json.loads(text)

    def refresh(self, token):
        """Status, headers, text."""
        return self.post(REFRESH, {"refreshToken": token})

    def proof(self, access):
        """The status of a protected call."""
        return self.fetch("GET", PROOF, headers={"Authorization": "Bearer " + access})[0]
