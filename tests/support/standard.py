"""A client of the standard wire in a sandbox, without a broker: its logins, and what each of its calls is answered."""
import base64
import hashlib
import json
import secrets
import urllib.parse

from logins import AS_FORM, taken
from person import Person

TOKEN, REVOKE, PROOF = "/oidc/oauth2/token", "/oidc/oauth2/revoke", "/oidc/oauth2/userinfo"
INTROSPECT = "/oidc/oauth2/introspect"


class Client:
    """One of the sandbox's demo clients, by its id."""

    def __init__(self, sandbox, name):
        self.sandbox = sandbox
        system = sandbox.info["systems"]["oauth2"]
        self.user = system["users"][0]
        known = next(client for client in system["clients"] if client["id"] == name)
        self.redirect = next(iter(known.get("redirect_uris", [])), None)
        self.shown = {"client_id": name}
        if "secret" in known:
            self.shown["client_secret"] = known["secret"]

    def post(self, path, **form):
        """Status, headers, text."""
        return self.sandbox.fetch("POST", path, urllib.parse.urlencode(dict(self.shown, **form)), AS_FORM)

    def log_in(self):
        """The tokens of a person's login in a browser."""
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = urllib.parse.urlencode({
            "client_id": self.shown["client_id"], "response_type": "code", "redirect_uri": self.redirect,
            "scope": "openid offline_access", "code_challenge": challenge, "code_challenge_method": "S256"})
        kind, where = Person(self.user["login"], self.user["password"]).walk(
            f"{self.sandbox.base}/oidc/oauth2/authorize?{asked}")
        if kind != "redirect":
            raise RuntimeError(f"no code: {where}")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(where).query)["code"][0]
        return taken(self.post(TOKEN, grant_type="authorization_code", code=code, redirect_uri=self.redirect,
                               code_verifier=verifier))

    def refresh(self, token):
        """Status, and the body as it came."""
        status, _, text = self.post(TOKEN, grant_type="refresh_token", refresh_token=token)
        return status, text

    def revoke(self, token):
        status, _, text = self.post(REVOKE, token=token)
        if status != 200:
            raise RuntimeError(f"the revocation was not acknowledged: {status} {text}")


def proof(sandbox, access):
    """The status of a protected call."""
    return sandbox.fetch("GET", PROOF, headers={"Authorization": "Bearer " + access})[0]


def refusal(answer):
    """Status and error of what refresh() came back with."""
    status, text = answer
    return status, json.loads(text).get("error")
