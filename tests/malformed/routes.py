"""Right requests to the wrong place, by the wrong method, with the wrong header fields."""
import values
from endpoints import endpoints
from wire import request

# Prefix → whose words an unknown path below it is refused in.
PREFIXES = {
    "/api/v3/": "fastconnect", "/api/company/": "chathub", "/api/operator/": "chathub", "/md/": "alor",
    "/client/": "alor", "/commandapi/": "alor", "/tokens/": "page", "/oauth2/": "sinopac", "/oauth2/login/": "page",
    "/oidc/oauth2/": "oauth2", "/oidc/oauth2/authorize/": "page", "/oidc/": "plain",
    "/openapi/v1/": "tconnect", "/_sandbox/": "control", "/": "plain", "/api/": "plain", "/livez/": "plain",
    "/readyzz": "plain", "/openapi/v2/": "plain", "/oauth2": "plain", "/_sandbox": "plain", "/refresh/": "plain",
    "/REFRESH": "plain"}
BELOW = [
    "nothing", "nothing/at/all", "a" * 4000, "%20", "a%20b", "%D0%B0%D0%B1", "a;b=c", "a:b", "a@b", "~", "*", "(",
    "%3f", "%23", "%25", "%7b%7b7*7%7d%7d", "%3Cscript%3Ealert(1)%3C/script%3E", "'%20OR%20'1'='1",
    "%24%7Bjndi:ldap://127.0.0.1/a%7D", "%E2%80%AE", "favicon.ico", ".env", ".git/config", "a.", "...", "%EF%BB%BF",
    "%F0%9F%91%A9", "metric", "admin"]
# These the reader of the target refuses, before it is known whose they are.
UNREADABLE = ["..", ".", "a/../b", "%2e%2e/x", "%2E", "a%2fb", "a%2Fb", "%00", "%0a", "%0d%0aX-Injected:1",
    "%", "%2", "%zz", "%c0%af", "%ff", "%ed%a0%80", "#x", "a#b", "%u002e", "a\x80", "é", "%1b[2J", "%5c", "a\\b"]
# {p} is the path, {r} all of it but its last letter, {l} that letter.
ODD_PATHS = [
    "{p}/", "{p}//", "/{p}", "{p}/.", "{p}%2f", "{r}%{l:02x}", "/.{p}", "{p}%00", "{p}?", "{p}??", "{p}?&", "{p}#",
    "{p};x=1",
    "{p}.json", "{p}%20", "/x/..{p}", "/%2e{p}", "http://127.0.0.1{p}", "HTTPS://evil.example{p}", "//evil.example{p}",
    "{p}?" + "a" * 9000]


def wrong_methods(world, judge, endpoint, known):
    for method in values.METHODS:
        right = method in known[endpoint.path.lower()] or (method == "HEAD" and "GET" in known[endpoint.path.lower()])
        # A browser asks so whether its script may (checklist 17).
        right = right or (method == "OPTIONS" and endpoint.system == "oauth2" and "introspect" not in endpoint.path)
        answer = judge.ask(f"{endpoint.name}: method {method[:20]}", endpoint.request(world, method=method),
                           endpoint.system, refused=not right, early=len(method) > 100)
        if answer is not None and answer.status == 405 and not answer.header("Allow"):
            judge.complain(f"{endpoint.name}: method {method}", "405 without Allow", b"", answer)


def odd_paths(world, judge, endpoint):
    _, target = endpoint.right(world)
    path, mark, query = target.partition("?")
    odd_ones = [odd.format(p=path, r=path[:-1], l=ord(path[-1])) for odd in ODD_PATHS] + [path.swapcase()]
    for number, odd in enumerate(odd_ones):
        raw = endpoint.request(world, target=odd + (mark + query if "?" not in odd else ""))
        answer = judge.ask(f"{endpoint.name}: path {number}", raw, None)
        if answer is not None and answer.header("Location"):
            judge.complain(f"{endpoint.name}: path {number}", "a redirect", raw, answer)


def unknown_paths(world, judge):
    headers = [("Content-Type", "application/json"), world.bearer("fast"), ("Partner-Code", world.till["partner"])]
    for prefix, shape in PREFIXES.items():
        for method, body in (("GET", None), ("POST", b"{}"), ("DELETE", None)):
            for path in BELOW:
                judge.ask(f"{method} {prefix}{path[:40]}", request(method, prefix + path, headers, body), shape,
                          refused=True)
            for path in UNREADABLE:
                judge.ask(
                    f"{method} {prefix}{path[:40]}", request(method, prefix + path, headers, body), "plain",
                    refused=True)


def content_types(world, judge, endpoint):
    others = [h for h in endpoint.headers_for(world) if h[0] != "Content-Type"]
    for kind in values.CONTENT_TYPES:
        given = others if kind is None else others + [("Content-Type", kind)]
        judge.ask(
            f"{endpoint.name}: type {str(kind)[:40]}", endpoint.request(world, headers=given), endpoint.system,
            early=True)
    judge.ask(f"{endpoint.name}: two types", endpoint.request(world, headers=others +
     [("Content-Type", "application/json"), ("Content-Type", "text/plain")]), endpoint.system)


def bearers(world, judge, endpoint):
    """Everything that an Authorization field can be, where one is wanted."""
    own = next(h for h in endpoint.headers if isinstance(h, str))
    token = world.token(own)
    rest = [h for h in endpoint.headers_for(world) if h[0] != "Authorization"]
    parts = token.split(".")
    wrong = ["",
    " ",
    "Bearer",
    "Bearer ",
    "bearer",
    "Bearer  ",
    "Basic " + token,
    token,
    "Token " + token,
    "Bearer " + token + " x",
    "Bearer " + token + ",x",
    "Bearer, " + token,
    "Bearer\t" + token + "\t\tx",
    "Bearer \"" + token + "\"",
    "Bearer " + token[:-1],
    "Bearer " + token + "A",
    "Bearer " + token.swapcase(),
    "Bearer " + "A" * 9000,
    "Bearer é",
    "Bearer %41",
    "Bearer ' OR 1=1",
    "Bearer null",
    "Bearer undefined",
    "Digest a=b",
    "Basic Og==",
    "Basic !!!",
    "Bearer=" + token,
    "Bearer:" + token,
    "Bearer " + world.token("company" if own != "company" else "fast"),
    "Bearer " + ".".join(parts[:2]) + ".",
    "Bearer eyJhbGciOiJub25lIn0." + (parts[1] if len(parts) > 1 else "e30") + ".",
     "Bearer " + "." * 50]
    for value in wrong:
        judge.ask(f"{endpoint.name}: Authorization {value[:30]!r}", endpoint.request(
            world, headers=rest + [("Authorization", value)]), endpoint.system, refused=True, early=True)
    for pair in ([("Authorization", "Bearer " + token)] * 2,
                 [("Authorization", "Bearer " + token), ("authorization", "Bearer x")]):
        judge.ask(
            f"{endpoint.name}: two Authorizations", endpoint.request(world, headers=rest + pair), endpoint.system,
            refused=True)
    judge.ask(f"{endpoint.name}: no token", endpoint.request(world, headers=rest), endpoint.system, refused=True)
    if endpoint.system == "chathub":
        key = ("X-Authorization-Key", token)
        for pair in ([key, key], [key, ("Authorization", "Bearer x")], [("X-Authorization-Key", "")],
                     [("X-Authorization-Key", "a b")], [("X-Authorization-Key", "Bearer " + token)],
                     [("X-Authorization-Key", "é")]):
            judge.ask(
                f"{endpoint.name}: {[h for h, _ in pair]}", endpoint.request(world, headers=rest + pair),
                "chathub", refused=True)


def odd_fields(world, judge, endpoint):
    """Header fields that nobody asked for change nothing."""
    for extra in (("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/_sandbox/info"),
                  ("X-Forwarded-For", "127.0.0.1, x\"}"),
                  ("X-Forwarded-Host", "evil.example"), ("X-Request-Id", "a\"}{\"event\":\"forged\""),
                  ("Accept", "*/*;q=\x7f"),
                  ("Accept-Language", "vi;q=nan, en;q=1e9, " + "x," * 500), ("Accept-Language", "zh-" * 1000),
                  ("Accept-Encoding", "gzip, br"),
                  ("Range", "bytes=0-0"), ("If-None-Match", "*"), ("Cookie", "latchkey-alor-session=x; " * 50),
                  ("Origin", "https://evil.example"),
                  ("Connection", "close"), ("Connection", "Authorization"), ("Upgrade", "h2c"),
                  ("Content-Encoding", "gzip"),
                  ("Referer", "x" * 4000), ("User-Agent", "() { :;}; echo"), ("Max-Forwards", "0"), ("Te",
                                                                                                     "trailers"),
                                                                                                     ("Trailer",
                                                                                                      "Host")):
        judge.ask(f"{endpoint.name}: {extra[0]} {extra[1][:20]!r}", endpoint.request(
            world, headers=endpoint.headers_for(world) + [extra]), endpoint.system, early=True)


def run(world, judge, _):
    known = {}
    for endpoint in endpoints(world):
        known.setdefault(endpoint.path.lower(), set()).add(endpoint.method)
    for number in range(len(endpoints(world))):
        for attack in (odd_paths, content_types, odd_fields, bearers):
            endpoint = endpoints(world)[number]  # with tokens of now
            if attack is not bearers or any(isinstance(h, str) for h in endpoint.headers):
                attack(world, judge, endpoint)
                world.after()
        wrong_methods(world, judge, endpoints(world)[number], known)
    unknown_paths(world, judge)
