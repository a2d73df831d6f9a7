#!/usr/bin/env python3
"""npm oauth2-server as the oracle: the same requests to it and to our Sinopac face must get the same
status, members in the same order, words and headers. A row may differ only in what it names, and only
where docs/divergences.md has the words that it quotes.
"""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.parse

import install
from story import HERE, Story, arguments

from authority import Authority  # noqa: E402
from person import Person  # noqa: E402
from sandbox import Sandbox, clean_environment, plain_fetch  # noqa: E402

BACK = "http://127.0.0.1:8000/cb"
OTHER_BACK = "http://127.0.0.1:18000/cb"
TOKEN, LOGIN, PROOF = "/oauth2/token", "/oauth2/login", "/oauth2/api/v1/trust/getTestToken"
DEMO = ("latchkey-demo", "demo-client-secret")
OTHER = ("other-client", "other-client-secret")
NARROW = ("code-only", "code-only-secret")  # may use authorization_code and nothing else
COMPARED = ("status", "type", "body", "cache-control", "pragma", "www-authenticate", "location")


# -- the two sides ---------------------------------------------------------------


class Side:
    def token(self, client=DEMO, headers=None, method="POST", type="application/x-www-form-urlencoded",
              **form):
        if client:
            form = {"client_id": client[0], "client_secret": client[1], **form}
        body = urllib.parse.urlencode({k: v for k, v in form.items() if v is not None})
        if type:
            headers = {"Content-Type": type, **(headers or {})}
        return self.fetch(method, TOKEN, body if method == "POST" else None, headers)

    def proof(self, headers=None, more="", body=""):
        return self.fetch("POST", PROOF + more, body,
                          {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})

    def login(self, **query):
        asked = {"response_type": "code", "client_id": DEMO[0], "redirect_uri": BACK, "state": "abcd1234"}
        asked = {k: v for k, v in (asked | query).items() if v is not None}
        return self.fetch("GET", LOGIN + "?" + urllib.parse.urlencode(asked))

    def exchange(self, client=DEMO, **form):
        return self.token(client, **{"grant_type": "authorization_code", "code": self.code(), "redirect_uri": BACK} | form)

    def refresh(self, client=DEMO, **form):
        return self.token(client, **{"grant_type": "refresh_token"} | form)

    def tokens(self, client=DEMO):
        return json.loads(self.exchange(client, code=self.code(client))[2])

    def code(self, client=DEMO):
        return re.search(r"[?&]code=([^&]+)", self.callback(client))[1]


class Oracle(Side):
    def __init__(self, packages, clients):
        self.place = tempfile.mkdtemp(prefix="latchkey-")
        shutil.copy(HERE / "oracle/server.cjs", self.place)
        os.symlink(packages / "node_modules", f"{self.place}/node_modules")
        environment = dict(clean_environment(self.place), CLIENTS=json.dumps(clients))
        self.process = subprocess.Popen([packages / "node", "server.cjs"], cwd=self.place, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.base = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def fetch(self, method, path, body=None, headers=None):
        return plain_fetch(self.base, method, path, body, headers)

    def later(self, hours=0, minutes=0):
        plain_fetch(self.base, "POST", "/age", json.dumps({"seconds": hours * 3600 + minutes * 60}))

    def callback(self, client=DEMO):
        return self.login(client_id=client[0])[1]["Location"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        shutil.rmtree(self.place, ignore_errors=True)


class Ours(Side):
    """A sandbox, whose clock can be moved, or an authority with more clients."""

    def __init__(self, authority, user):
        self.authority, self.user, self.base = authority, user, authority.base

    def fetch(self, method, path, body=None, headers=None):
        return plain_fetch(self.base, method, path, body, headers)

    def later(self, hours=0, minutes=0):
        self.authority.advance(f"{hours * 60 + minutes}m")

    def callback(self, client=DEMO):
        query = urllib.parse.urlencode({"response_type": "code", "client_id": client[0],
                                        "redirect_uri": BACK, "state": "abcd1234"})
        return Person(*self.user).walk(f"{self.base}{LOGIN}?{query}")[1]


# -- what is asked -----------------------------------------------------------------


def basic(client, separator=":"):
    return {"Authorization": "Basic " + base64.b64encode(separator.join(client).encode()).decode()}


def bearer(token, scheme="Bearer"):
    return {"Authorization": f"{scheme} {token}"}


def twice(act):
    """`act` of one value, the second time."""
    def row(side):
        value = act[0](side)
        act[1](side, value)
        return act[1](side, value)
    return row


def after(act, **time):
    def row(side):
        value = act[0](side)
        side.later(**time)
        return act[1](side, value)
    return row


CODE = (lambda s: s.code(), lambda s, code: s.exchange(code=code))
REFRESH = (lambda s: s.tokens()["refresh_token"], lambda s, token: s.refresh(refresh_token=token))
ACCESS = (lambda s: s.tokens()["access_token"], lambda s, token: s.proof(bearer(token)))


def wrong_uri_then_right(side):
    code = side.code()
    side.exchange(code=code, redirect_uri=OTHER_BACK)
    return side.exchange(code=code)



ERROR_PAGE = {"body": "the library answers JSON", "type": "the library answers JSON"}
CHALLENGE = {"www-authenticate": "the library sends no `WWW-Authenticate`"}
NO_DENY = {name: "`allowed=false`" for name in ("status", "type", "body", "cache-control")}
HEADER_ONLY = {name: "in the query or the body of a call" for name in ("status", "body", "www-authenticate")}

# (what, request, differences)
ROWS = [
    ("a code for tokens", lambda s: s.exchange(), {}),
    ("a refresh", lambda s: s.refresh(refresh_token=s.tokens()["refresh_token"]), {}),
    ("a content type with a charset", lambda s: s.exchange(type="application/x-www-form-urlencoded; charset=utf-8"), {}),
    ("Basic instead of the body", lambda s: s.exchange(None, headers=basic(DEMO)), {}),
    ("Basic wins over the body", lambda s: s.exchange(("nobody", "x"), headers=basic(DEMO)), {}),
    ("the callback", lambda s: (302, {"Location": s.callback()}, ""), {}),

    ("GET at the token endpoint", lambda s: s.token(method="GET"), {}),
    ("PUT at the token endpoint", lambda s: s.token(method="PUT"), {}),
    ("JSON instead of a form", lambda s: s.exchange(type="application/json"), {}),
    ("text instead of a form", lambda s: s.exchange(type="text/plain"), {}),

    ("no client at all", lambda s: s.exchange(None), {}),
    ("no client_secret", lambda s: s.exchange(None, client_id=DEMO[0]), {}),
    ("an empty client_secret", lambda s: s.exchange((DEMO[0], "")), {}),
    ("no client_id", lambda s: s.exchange(None, client_secret=DEMO[1]), {}),
    ("a client_id with a control character", lambda s: s.exchange(("a\tb", "x")), {}),
    ("a client_secret with a letter of another script", lambda s: s.exchange((DEMO[0], "пароль")), {}),
    ("an unknown client", lambda s: s.exchange(("nobody", "x")), {}),
    ("a wrong secret", lambda s: s.exchange((DEMO[0], "x")), {}),
    ("a wrong secret in Basic", lambda s: s.exchange(None, headers=basic((DEMO[0], "x"))), {}),
    ("a wrong secret beside another header", lambda s: s.exchange((DEMO[0], "x"), headers=bearer("y")), {}),
    ("Basic without a colon, nothing else", lambda s: s.exchange(None, headers=basic(DEMO, "")), {}),
    ("Basic in the form encoding", lambda s: s.exchange(None, headers=basic((DEMO[0].replace("-", "%2D"), DEMO[1]))), {}),
    ("a wrong client and no grant_type", lambda s: s.token(("nobody", "x")), {}),

    ("no grant_type", lambda s: s.token(code="x"), {}),
    ("an empty grant_type", lambda s: s.token(grant_type=""), {}),
    ("an unknown grant_type", lambda s: s.token(grant_type="telepathy"), {}),
    ("an unknown grant_type that is a URI", lambda s: s.token(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer"), {}),
    ("a grant_type that cannot be one", lambda s: s.token(grant_type="two words"), {}),
    ("grant_type password", lambda s: s.token(grant_type="password", username="a", password="b"), {}),
    ("grant_type client_credentials", lambda s: s.token(grant_type="client_credentials"), {}),
    ("no grant_type and a good code", lambda s: s.exchange(grant_type=None), {}),
    ("an unknown grant_type and a good code", lambda s: s.exchange(grant_type="telepathy"), {}),
    ("grant_type password and a good code", lambda s: s.exchange(grant_type="password"), {}),
    ("a good code where a refresh token should be", lambda s: s.refresh(refresh_token=s.code()), {}),

    ("no code", lambda s: s.exchange(code=None), {}),
    ("an empty code", lambda s: s.exchange(code=""), {}),
    ("a code with a control character", lambda s: s.exchange(code="a\x01b"), {}),
    ("an unknown code", lambda s: s.exchange(code="0" * 40), {}),
    ("a used code", twice(CODE), {}),
    ("an old code", after(CODE, minutes=6), {}),
    ("a code that is not old yet", after(CODE, minutes=4), {}),
    ("no redirect_uri", lambda s: s.exchange(redirect_uri=None), {}),
    ("a redirect_uri that is none", lambda s: s.exchange(redirect_uri="not a uri"), {}),
    ("another redirect_uri", lambda s: s.exchange(redirect_uri=OTHER_BACK), {}),
    ("a redirect_uri of nobody", lambda s: s.exchange(redirect_uri="http://elsewhere.example/cb"), {}),
    ("another redirect_uri, then the right one", wrong_uri_then_right, {}),
    ("an old code and another redirect_uri",
     after((CODE[0], lambda s, code: s.exchange(code=code, redirect_uri=OTHER_BACK)), minutes=6), {}),

    ("no refresh_token", lambda s: s.refresh(), {}),
    ("an empty refresh_token", lambda s: s.refresh(refresh_token=""), {}),
    ("a refresh_token with a control character", lambda s: s.refresh(refresh_token="a\x01b"), {}),
    ("an unknown refresh_token", lambda s: s.refresh(refresh_token="0" * 40), {}),
    ("an access token as refresh_token", lambda s: s.refresh(refresh_token=s.tokens()["access_token"]), {}),
    ("a spent refresh_token", twice(REFRESH), {}),
    ("a refresh_token after 25 hours", after(REFRESH, hours=25), {}),
    ("an old refresh_token", after(REFRESH, hours=49), {}),

    ("a call without a token", lambda s: s.proof(), {}),
    ("a call with a bad token", lambda s: s.proof(bearer("0" * 40)), CHALLENGE),
    ("a call with an old token", after(ACCESS, hours=25), CHALLENGE),
    ("a call with Basic", lambda s: s.proof(basic(DEMO)), {}),
    ("a call with Bearer and nothing", lambda s: s.proof({"Authorization": "Bearer"}), {}),
    ("a call with a bare token", lambda s: s.proof({"Authorization": "0" * 40}), {}),
    ("a call with bearer in small letters", lambda s: s.proof(bearer("0" * 40, "bearer")),
     {name: "in any case" for name in ("status", "body", "www-authenticate")}),
    ("a call with a bad token in the query", lambda s: s.proof(more="?access_token=" + "0" * 40), HEADER_ONLY),
    ("a call with a bad token in the body", lambda s: s.proof(body="access_token=" + "0" * 40),
     {name: HEADER_ONLY["body"] for name in ("body", "www-authenticate")}),

    ("login: an unknown client", lambda s: s.login(client_id="nobody"), ERROR_PAGE),
    ("login: no client_id", lambda s: s.login(client_id=None), ERROR_PAGE),
    ("login: another redirect_uri", lambda s: s.login(redirect_uri="http://elsewhere.example/cb"), ERROR_PAGE),
    ("login: a redirect_uri that is none", lambda s: s.login(redirect_uri="not a uri"), ERROR_PAGE),
    ("login: no state", lambda s: s.login(state=None), {}),
    ("login: an empty state", lambda s: s.login(state=""), {}),
    ("login: a state with a control character", lambda s: s.login(state="a\x01b"), {}),
    ("login: no response_type", lambda s: s.login(response_type=None), {}),
    ("login: response_type token", lambda s: s.login(response_type="token"), {}),
    ("login: an unknown client and no state", lambda s: s.login(client_id="nobody", state=None), ERROR_PAGE),
    ("login: the person says no", lambda s: s.login(allowed="false"), NO_DENY),
]

# With clients that the sandbox does not have.
CLIENT_ROWS = [
    ("a grant that the client may not use", lambda s: s.refresh(NARROW, refresh_token="0" * 40), {}),
    ("and no refresh_token", lambda s: s.refresh(NARROW), {}),
    ("the grant that it may use", lambda s: s.exchange(NARROW, code=s.code(NARROW)), {}),
    ("another client's code", lambda s: s.exchange(OTHER, code=s.code()), {}),
    ("another client's refresh_token", lambda s: s.refresh(OTHER, refresh_token=s.tokens()["refresh_token"]), {}),
]


# -- how it is compared --------------------------------------------------------------


def shape(answer):
    """What must be the same; tokens and codes become their form."""
    status, headers, text = answer
    seen = {"status": status, "type": (headers.get("Content-Type") or "").split(";")[0]}
    for name in ("cache-control", "pragma", "www-authenticate"):
        seen[name] = headers.get(name)
    seen["location"] = None
    if headers.get("Location"):
        where = urllib.parse.urlsplit(headers["Location"])
        seen["location"] = [f"{where.scheme}://{where.netloc}{where.path}",
                            [(k, form(k, v)) for k, v in urllib.parse.parse_qsl(where.query)]]
    try:
        seen["body"] = [(k, form(k, v)) for k, v in json.loads(text).items()]
    except (ValueError, AttributeError):
        seen["body"] = "not JSON"
    if 300 <= status < 400:
        seen["type"] = seen["body"] = seen["cache-control"] = None
    elif status != 200:
        # Listed as "whether a refusal may be stored": the library leaves it to the web framework.
        seen["cache-control"] = seen["pragma"] = None
    return seen


def form(name, value):
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{40}", value):
        return "40 hexadecimal digits"
    if name == "expires_in" and value in (86398, 86399, 86400):
        return "a day"
    return value


def compare(story, divergences, row, oracle, ours):
    what, ask, allowed = row
    theirs, mine = shape(ask(oracle)), shape(ask(ours))
    different = {name for name in COMPARED if theirs[name] != mine[name]}
    text = f"{what}: {theirs['status']} {dict(theirs['body']).get('error_description', '') if isinstance(theirs['body'], list) else ''}"
    excused = {name for name, words in allowed.items() if words in divergences}
    if not story.claim(text.rstrip(": ") + (f"  (differs in {', '.join(sorted(different))})" if different else ""),
                       different == excused):
        for name in sorted(different ^ excused):
            print(f"      {name}: the library {theirs[name]!r}, ours {mine[name]!r}")


def authority_of_clients(binaries):
    authority = Authority(binaries, "sinopac")
    password = "correct horse battery"
    authority.admin("user", "create", "USER01", "--password-file", authority.secret_file(password))
    for (name, secret), grants in ((DEMO, []), (OTHER, []), (NARROW, ["--grant", "authorization_code"])):
        authority.admin("client", "create", name, "--redirect-uri", BACK, *grants,
                        "--client-secret-file", authority.secret_file(secret))
    return authority.serve(), ("USER01", password)


def main():
    options = arguments()
    packages = install.node_packages(options.kit)
    story = Story()
    divergences = (HERE.parent.parent / "docs/divergences.md").read_text()
    both = ["authorization_code", "refresh_token"]
    clients = [{"id": c[0], "secret": c[1], "redirectUris": [BACK, OTHER_BACK], "grants": grants}
               for c, grants in ((DEMO, both), (OTHER, both), (NARROW, both[:1]))]
    oracle = Oracle(packages, clients)
    try:
        with Sandbox(options.bin, "--dialect", "sinopac") as sandbox:
            user = sandbox.info["systems"]["sinopac"]["users"][0]
            for row in ROWS:
                compare(story, divergences, row, oracle, Ours(sandbox, (user["login"], user["password"])))
        authority, person = authority_of_clients(options.bin)
        with authority:
            for row in CLIENT_ROWS:
                compare(story, divergences, row, oracle, Ours(authority, person))
    finally:
        oracle.close()
    story.end()


if __name__ == "__main__":
    main()
