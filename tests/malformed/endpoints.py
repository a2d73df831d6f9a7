"""Every endpoint of all systems, and a request to each that is right but for one thing."""
import dataclasses
import urllib.parse

import values
from wire import request
from world import CHALLENGE, FORM, JSON, VERIFIER


@dataclasses.dataclass
class Endpoint:
    system: str          # whose refusals it gives
    method: str
    path: str
    kind: str = "none"   # where its fields are: json, sealed, form, query, none
    fields: object = None
    must: tuple = ()     # fields that have one right value: with another it is refused
    headers: tuple = ()  # name and value, or a token's name to be carried as a bearer

    every: int = 1       # of many attempts, each so manieth: its answers are long
    taken: bool = False  # whether the right request is: then a field that need not be right may be anything

    @property
    def name(self):
        return f"{self.system} {self.method} {self.path}"

    def headers_for(self, world, content_type=True):
        found = [world.bearer(h) if isinstance(h, str) else h for h in self.headers]
        if content_type and self.kind in ("json", "sealed", "form"):
            found.insert(0, FORM if self.kind == "form" else JSON)
        return found

    def body(self, world, plain):
        return world.seal(plain) if self.kind == "sealed" else plain

    def right(self, world):
        """Body and target of a request that is as it should be."""
        if self.kind == "query":
            return None, self.path + "?" + urllib.parse.urlencode(self.fields)
        if self.kind == "form":
            return urllib.parse.urlencode(self.fields).encode(), self.path
        if self.kind == "none":
            return (None if self.method == "GET" else b""), self.path
        return self.body(world, values.write(self.fields, lambda path, name, own: name + own)), self.path

    def request(self, world, body=None, target=None, method=None, headers=None, host="127.0.0.1"):
        own_body, own_target = self.right(world)
        return request(method or self.method, target or own_target,
                       self.headers_for(world) if headers is None else headers,
                       own_body if body is None else body, host)


UNKNOWN = "00000000-0000-4000-8000-00000000000f"  # a refresh token that nobody has


def endpoints(world):
    partner = ("Partner-Code", world.till["partner"])
    portfolio = world.trader["attributes"]["portfolios"].split()[0]
    app = {"client_id": world.app["id"], "client_secret": world.app["secret"]}
    web = {"client_id": world.web["id"], "client_secret": world.web["secret"]}
    service = {"client_id": world.service["id"], "client_secret": world.service["secret"]}
    below = world.below
    push = {"apiKey": world.push["id"], "apiSecret": world.push["secret"]}
    order = {"side": "buy", "type": "limit", "quantity": 1, "price": 191.33, "comment": "no",
             "instrument": {"symbol": "SBER", "exchange": "MOEX"}, "user": {"portfolio": portfolio}}
    login = {"username": world.merchant["login"], "password": world.merchant["password"],
             "client_id": world.till["id"], "client_secret": world.till["secret"]}
    code = {"order_id": "o-1", "va": "VA100", "bincode": "970454", "amount": 10000}
    till = (partner, "till")
    return [
        Endpoint("fastconnect", "POST", "/api/v3/auth/requestOtp", "json", push, ("apiKey", "apiSecret")),
        Endpoint("fastconnect", "POST", "/api/v3/auth/token", "json", dict(push, transactionId="1"),
                 ("apiKey", "apiSecret")),
        Endpoint("fastconnect", "POST", "/api/v3/auth/token", "json", dict(push, otp="000000"),
                 ("apiKey", "apiSecret")),
        Endpoint("fastconnect", "POST", "/api/v3/auth/refresh", "json", {"refreshToken": UNKNOWN}, ("refreshToken",)),
        Endpoint("fastconnect", "GET", "/api/v3/account/info", headers=("fast",)),
        Endpoint("fastconnect", "GET", "/api/v3/data/securitiesByBoard", "query", {"board": "HOSE", "symbol": "SSI"},
                 headers=("fast",)),
        Endpoint("fastconnect", "GET", "/api/v3/trading/accountBalance", "query",
                 {"clientId": world.smart["owner"], "accountNo": "0011331"}, headers=("fast",)),

        Endpoint("chathub", "POST", "/api/company/get-token", "json",
                 {"login": world.company["login"], "password": world.company["password"]}, ("login", "password")),
        Endpoint("chathub", "POST", "/api/operator/get-token", "json",
                 {"id": world.operator, "expiresAt": world.iso(3600)}, ("expiresAt",), ("company",)),
        Endpoint("chathub", "POST", "/api/operator/validate-token", "json", {"token": UNKNOWN}, (), ("company",)),
        Endpoint("chathub", "GET", "/api/company/organization", headers=("company",)),
        Endpoint("chathub", "GET", "/api/operator", "query", {"organizationId": world.organization},
                 headers=("company",)),
        Endpoint("chathub", "POST", "/api/operator/synchronize", "json",
                 [{"organizationId": world.organization, "name": "Bohdan"}], (), ("company",)),
        Endpoint("chathub", "POST", "/api/operator/status", "json", {"id": 1, "status": 0}, (), ("company",)),

        Endpoint("alor", "POST", "/refresh", "json", {"token": world.token("uuid"), "allowedPortfolios": [portfolio]},
                 ("token",)),
        Endpoint("alor", "POST", "/refresh", "query",
                 {"token": world.token("uuid"), "allowedPortfolios": f'["{portfolio}"]'}, ("token",)),
        Endpoint("alor", "GET", f"/md/v2/Clients/MOEX/{portfolio}/summary", headers=("alor",)),
        Endpoint("alor", "GET", f"/md/v2/Clients/MOEX/{portfolio}/positions", headers=("alor",)),
        Endpoint("alor", "GET", f"/md/v2/Clients/MOEX/{portfolio}/orders", headers=("alor",)),
        Endpoint("alor", "GET", f"/client/v1.0/users/{world.trader['login']}/portfolios", headers=("alor",)),
        Endpoint("alor", "POST", "/commandapi/warptrans/TRADE/v2/client/orders/actions/limit", "json", order,
                 ("side", "quantity", "user.portfolio"), ("alor",)),

        Endpoint("sinopac", "POST", "/oauth2/token", "form",
                 dict(app, grant_type="authorization_code", code=UNKNOWN, redirect_uri=world.callback), tuple(app)),
        Endpoint("sinopac", "POST", "/oauth2/token", "form",
                 dict(app, grant_type="refresh_token", refresh_token=UNKNOWN), tuple(app)),
        Endpoint("sinopac", "POST", "/oauth2/api/v1/trust/getTestToken", headers=("sinopac",)),

        Endpoint("oauth2", "POST", below + "/oauth2/token", "form",
                 dict(web, grant_type="authorization_code", code=UNKNOWN, redirect_uri=world.callback,
                      code_verifier=VERIFIER), tuple(web)),
        Endpoint("oauth2", "POST", below + "/oauth2/token", "form",
                 dict(web, grant_type="refresh_token", refresh_token=UNKNOWN, scope="openid"), tuple(web)),
        Endpoint("oauth2", "POST", below + "/oauth2/token", "form",
                 dict(service, grant_type="client_credentials", scope="openid"), ("grant_type", *service), taken=True),
        Endpoint("oauth2", "POST", below + "/oauth2/token", "form",
                 dict(web, grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=UNKNOWN), tuple(web)),
        Endpoint("oauth2", "POST", below + "/oauth2/device_authorization", "form", dict(web, scope="openid"),
                 tuple(web), taken=True),
        Endpoint("oauth2", "POST", below + "/oauth2/par", "form",
                 dict(web, response_type="code", redirect_uri=world.callback, scope="openid", state="s",
                      code_challenge=CHALLENGE, code_challenge_method="S256"),
                 ("response_type", "redirect_uri", "code_challenge_method", *web), taken=True),
        Endpoint("oauth2", "POST", below + "/oauth2/introspect", "form", dict(web, token=UNKNOWN), tuple(web), taken=True),
        Endpoint("oauth2", "POST", below + "/oauth2/revoke", "form", dict(web, token=UNKNOWN), tuple(web), taken=True),
        Endpoint("oauth2", "GET", below + "/oauth2/userinfo", headers=("oauth2",)),
        Endpoint("oauth2", "POST", below + "/oauth2/userinfo", headers=("oauth2",)),
        Endpoint("oauth2", "GET", below + "/oauth2/jwks"),
        Endpoint("oauth2", "GET", below + "/.well-known/openid-configuration"),
        Endpoint("oauth2", "GET", below + "/.well-known/oauth-authorization-server"),

        Endpoint("tconnect", "POST", "/openapi/v1/auth/login", "sealed", login, tuple(login), (partner,)),
        Endpoint("tconnect", "POST", "/openapi/v1/auth/refresh", "sealed", {"refresh_token": UNKNOWN},
                 ("refresh_token",), (partner,)),
        Endpoint("tconnect", "POST", "/openapi/v1/transaction/qr", "sealed",
                 {"from_date": "2026-01-07 00:00:00", "to_date": "2026-01-08 00:00:00", "limit": 10, "page": 1},
                 ("from_date", "to_date"), till),
        Endpoint("tconnect", "POST", "/openapi/v1/transaction/qr/generate", "sealed", dict(code, req_id="r"), (), till),
        Endpoint("tconnect", "POST", "/openapi/v1/transaction/qr/order/status", "sealed", {"order_id": "o-1",
                                                                                           "acc_no": "1"},
                 (), till),
        Endpoint("tconnect", "POST", "/openapi/v1/qr", "sealed", code, (), till + (("x-service-code", "vccb-qr"),)),

        Endpoint("control", "POST", "/_sandbox/revoke", "json", {"system": "nobody", "client": "x", "user": "y"},
                 ("system",)),
        Endpoint("control", "POST", "/_sandbox/restart-day", "json", {"system": "alor"}),
        Endpoint("control", "POST", "/_sandbox/push", "json", {"transaction": "nothing", "approve": True},
                 ("approve",)),
        Endpoint("control", "POST", "/_sandbox/advance", "json", {"by": "soon"}, ("by",)),
        Endpoint("control", "POST", "/_sandbox/advance", "json", {"by": "9223372036854775807s"}, ("by",)),
        Endpoint("control", "GET", "/_sandbox/outbox", "query", {"system": "fastconnect"}),
        Endpoint("control", "GET", "/_sandbox/requests", "query", {"last": "5"}, every=8),
        Endpoint("control", "GET", "/_sandbox/info"),
        Endpoint("health", "GET", "/livez"),
        Endpoint("health", "GET", "/readyz"),
        Endpoint("health", "GET", "/metrics"),
    ]
