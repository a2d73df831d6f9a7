"""The sandbox as honest clients see it: how each system is logged in to, and whether all of it works."""
import base64
import calendar
import hashlib
import hmac
import json
import re
import struct
import time
import urllib.parse

import cipher
import person
from wire import request

JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
KEPT_IV = bytes(range(16))
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Unhappy(Exception):
    """An honest request was not served."""


class World:
    """Tokens of all systems, made when they are asked for and again after `renew`."""

    def __init__(self, sandbox, judge):
        self.sandbox, self.judge, self.tokens, self.asked, self.uuid = sandbox, judge, {}, 0, None
        systems = self.systems = sandbox.info["systems"]
        self.smart = next(c for c in systems["fastconnect"]["clients"] if c["otp"] == "typed")
        self.push = next(c for c in systems["fastconnect"]["clients"] if c["otp"] == "push")
        self.sms = next(c for c in systems["fastconnect"]["clients"] if c["otp"] == "outbox")
        self.company = systems["chathub"]["users"][0]
        self.operator = systems["chathub"]["organizations"][-1]["operators"][-1]["id"]
        self.organization = systems["chathub"]["organizations"][-1]["id"]
        self.trader, self.saver = systems["alor"]["users"][0], systems["sinopac"]["users"][0]
        self.app, self.till = systems["sinopac"]["clients"][0], systems["tconnect"]["clients"][0]
        self.merchant = systems["tconnect"]["users"][0]
        self.key = bytes.fromhex(self.till["shared_key"])
        self.callback = self.app["redirect_uris"][0]
        standard = systems["oauth2"]
        self.person, self.below = standard["users"][0], standard["prefix"]
        self.door = self.below + "/oauth2/authorize"
        self.web, self.native, self.service = (
            next(c for c in standard["clients"] if c["id"] == name)
            for name in ("demo-web", "demo-native", "demo-service"))
        for system in systems.values():
            for account in system["users"] + system["clients"]:
                judge.keep_secret(*(str(account.get(k, "")) for k in
                                    ("password", "secret", "private_key", "shared_key", "totp_seed", "totp_base32")))

    # -- one honest request --------------------------------------------------------

    def want(self, method, path, headers=(), body=None, status=200):
        answer = self.judge.line.ask(request(method, path, headers, body))
        if answer.status != status:
            raise Unhappy(f"{method} {path.partition('?')[0]}: HTTP {answer.status} {answer.body[:200]!r}")
        self.asked += 1
        return json.loads(answer.body) if answer.body[:1] in (b"{", b"[", b'"') else answer.body

    def post(self, path, value, *headers):
        return self.want("POST", path, [JSON, *headers], json.dumps(value))

    def advance(self, duration):
        self.post("/_sandbox/advance", {"by": duration})
        self.tokens.clear()

    def after(self):
        """Who guessed too often waits a day: not here."""
        if self.judge.throttled:
            self.judge.throttled = False
            self.advance("25h")

    def now(self):
        text = self.want("GET", "/_sandbox/info")["now"]
        return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))

    def iso(self, ahead):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now() + ahead))

    def token(self, name):
        """fast, company, operator, alor, uuid, sinopac, oauth2, till …: alive now."""
        if name not in self.tokens:
            for key, value in getattr(self, "log_in_" + HOME[name])().items():
                self.tokens[key] = value
                self.judge.keep_secret(value)
        return self.tokens[name]

    def bearer(self, name):
        return "Authorization", "Bearer " + self.token(name)

    # -- the logins ------------------------------------------------------------------

    def otp(self):
        seed = bytes.fromhex(self.smart["totp_seed"])
        mac = hmac.new(seed, struct.pack(">Q", self.now() // 30), hashlib.sha1).digest()
        at = mac[19] & 15
        return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"

    def log_in_fastconnect(self):
        self.post("/_sandbox/advance", {"by": "31s"})  # a code is good once
        keys = {"apiKey": self.smart["id"], "apiSecret": self.smart["secret"], "otp": self.otp()}
        tokens = self.post("/api/v3/auth/token", keys)
        return {"fast": tokens["accessToken"], "fast refresh": tokens["refreshToken"]}

    def log_in_chathub(self):
        company = self.post("/api/company/get-token",
                            {"login": self.company["login"], "password": self.company["password"]})
        self.tokens["company"] = company
        operator = self.post("/api/operator/get-token", {"id": self.operator, "expiresAt": self.iso(20 * 3600)},
                             ("Authorization", "Bearer " + company))
        return {"company": company, "operator": operator}

    def log_in_alor(self):
        if not self.uuid:  # good for a year
            walker = person.Person(self.trader["login"], self.trader["password"])
            _, page = walker.walk(self.sandbox.base + "/tokens")
            self.uuid = person.UUID.search(page)[0]
        return {"uuid": self.uuid, "alor": self.post("/refresh", {"token": self.uuid})["AccessToken"]}

    def authorize(self, **other):
        asked = {
            "response_type": "code", "client_id": self.app["id"], "redirect_uri": self.callback,
            "state": "abcd1234"}
        return "/oauth2/login?" + urllib.parse.urlencode(dict(asked, **other))

    def code(self):
        walker = person.Person(self.saver["login"], self.saver["password"])
        _, where = walker.walk(self.sandbox.base + self.authorize())
        return re.search(r"[?&]code=([^&]+)", where)[1]

    def form(self, **fields):
        whole = dict(fields, client_id=self.app["id"], client_secret=self.app["secret"])
        return self.want("POST", "/oauth2/token", [FORM], urllib.parse.urlencode(whole))

    def log_in_sinopac(self):
        tokens = self.form(grant_type="authorization_code", code=self.code(), redirect_uri=self.callback)
        return {"sinopac": tokens["access_token"], "sinopac refresh": tokens["refresh_token"]}

    def ask_standard(self, **other):
        asked = {"response_type": "code", "client_id": self.web["id"], "redirect_uri": self.callback,
                 "state": "abcd1234", "scope": "openid profile", "code_challenge": CHALLENGE,
                 "code_challenge_method": "S256", "nonce": "n"}
        return self.door + "?" + urllib.parse.urlencode(dict(asked, **other))

    def standard(self, **fields):
        whole = dict(fields, client_id=self.web["id"], client_secret=self.web["secret"])
        return self.want("POST", self.below + "/oauth2/token", [FORM], urllib.parse.urlencode(whole))

    def log_in_oauth2(self):
        walker = person.Person(self.person["login"], self.person["password"])
        _, where = walker.walk(self.sandbox.base + self.ask_standard())
        tokens = self.standard(grant_type="authorization_code", code=re.search(r"[?&]code=([^&]+)", where)[1],
                               redirect_uri=self.callback, code_verifier=VERIFIER)
        return {"oauth2": tokens["access_token"], "oauth2 refresh": tokens["refresh_token"]}

    def seal(self, plain, key=None, iv=KEPT_IV, padded=True):
        """{"data": …} around bytes."""
        blocks = cipher.pad(plain) if padded else plain
        return b'{"data":"%s"}' % (iv + cipher.encrypt(key or self.key, iv, blocks)).hex().encode()

    def sealed(self, path, value, *headers):
        return self.want("POST", path, [("Partner-Code", self.till["partner"]), JSON, *headers],
                         self.seal(json.dumps(value).encode()))

    def log_in_tconnect(self):
        tokens = self.sealed("/openapi/v1/auth/login", {
            "username": self.merchant["login"], "password": self.merchant["password"],
            "client_id": self.till["id"], "client_secret": self.till["secret"]})
        return {"till": tokens["access_token"], "till refresh": tokens["refresh_token"]}

    # -- everything once ---------------------------------------------------------------

    def happy(self):
        """Logs in to all of them, renews and uses what it got. How many requests were served."""
        self.tokens.clear()
        self.asked = 0
        portfolio = self.trader["attributes"]["portfolios"].split()[0]
        self.want("GET", "/api/v3/account/info", [self.bearer("fast")])
        self.post("/api/v3/auth/requestOtp", {"apiKey": self.sms["id"], "apiSecret": self.sms["secret"]})
        self.post("/api/v3/auth/refresh", {"refreshToken": self.token("fast refresh")})
        self.want("GET", "/api/operator", [self.bearer("operator")])
        self.post("/api/operator/validate-token", {"token": self.token("operator")}, self.bearer("company"))
        self.want("GET", f"/md/v2/Clients/MOEX/{portfolio}/orders", [self.bearer("alor")])
        self.want("POST", "/oauth2/api/v1/trust/getTestToken", [FORM, self.bearer("sinopac")], "")
        self.form(grant_type="refresh_token", refresh_token=self.token("sinopac refresh"))
        self.want("GET", self.below + "/oauth2/userinfo", [self.bearer("oauth2")])
        self.standard(grant_type="refresh_token", refresh_token=self.token("oauth2 refresh"))
        self.want("GET", self.below + "/.well-known/openid-configuration")
        self.want("GET", self.below + "/oauth2/jwks")
        self.sealed("/openapi/v1/transaction/qr", {"from_date": "2020-01-01 00:00:00", "to_date": "2099-12-31 23:59:59",
                                                   "limit": 10, "page": 1}, self.bearer("till"))
        self.sealed("/openapi/v1/auth/refresh", {"refresh_token": self.token("till refresh")})
        for path in ("/livez", "/readyz", "/_sandbox/info"):
            self.want("GET", path)
        self.tokens.clear()
        return self.asked


HOME = {"fast": "fastconnect", "fast refresh": "fastconnect", "company": "chathub", "operator": "chathub",
        "alor": "alor", "uuid": "alor", "sinopac": "sinopac", "sinopac refresh": "sinopac",
        "oauth2": "oauth2", "oauth2 refresh": "oauth2", "till": "tconnect", "till refresh": "tconnect"}
