"""The pages a person sees: their forms, cookies and addresses, spoilt one at a time."""
import urllib.parse

import person
import values
from fields import BAD_ENCODINGS, encode, pairs_of, quote, spoilt_pairs
from wire import request
from world import FORM

HOSTILE = "\"'><script>alert(document.cookie)</script><img src=x onerror=alert(1)>"


class Browser:
    """Cookies and the last page's form; what it sends is made by hand."""

    def __init__(self, judge):
        self.judge, self.cookies = judge, {}

    def headers(self, more=()):
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return ([("Cookie", jar)] if jar else []) + list(more)

    def keep(self, answer):
        for line in answer.all("Set-Cookie") if answer is not None else ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def get(self, label, target):
        return self.keep(self.judge.ask(label, request("GET", target, self.headers()), "page"))

    def form(self, label, target, action):
        """The hidden proof of the form on that page which is sent to `action`."""
        answer = self.get(label, target)
        for form in person.Page(answer.body.decode()).forms:
            if urllib.parse.urlsplit(form["action"]).path.endswith(action):
                return next(field["value"] for field in form["fields"] if field["name"] == "form")
        raise RuntimeError(f"{label}: no form for {action}")

    def post(self, label, target, body, refused=False, more=(FORM,), never=()):
        return self.keep(
            self.judge.ask(label, request("POST", target, self.headers(more), body), "page", refused, True,
            never))


def places(world):
    """Login page, query that goes along, login and password of each system with pages."""
    query = world.authorize().partition("?")[2]
    return [("/tokens/login", "", world.trader), ("/oauth2/login", "?" + query, world.saver),
            (world.door, "?" + world.ask_standard().partition("?")[2], world.person)]


def own(login):
    """What the address of a page's own form ends in."""
    return "/" + login.rpartition("/")[2]


def log_in(judge, login, query, account):
    """A browser whose person is logged in."""
    browser = Browser(judge)
    proof = browser.form("login page", login + query, own(login))
    answer = browser.post("login", login + query, urllib.parse.urlencode(
        {"form": proof, "login": account["login"], "password": account["password"]}))
    if answer is None or answer.status != 303:
        raise RuntimeError(f"{login}: nobody is logged in ({answer and answer.status})")
    return browser


def login_forms(world, judge, login, query, account):
    """The first form, before anybody is known."""
    browser = Browser(judge)
    right = {
        "form": browser.form("login page", login + query, own(login)), "login": account["login"],
        "password": account["password"]}
    for label, body, name in spoilt_pairs(right):
        guest = Browser(judge)
        guest.cookies = dict(browser.cookies)
        answer = guest.post(f"{login} form: {label}", login + query, body)
        if answer is not None and answer.status == 303 and name:
            judge.complain(f"{login} form: {label}", "somebody was let in", body, answer)
        if judge.throttled:  # a form is older than it may be by then
            world.after()
            right["form"] = browser.form("login page", login + query, own(login))
    for document in values.DOCUMENTS:
        browser.post(f"{login}: document {document[:12]!r}", login + query, document, refused=True)
    whole = urllib.parse.urlencode(right)
    for kind in values.CONTENT_TYPES:
        if kind != FORM[1]:
            browser.post(f"{login}: type {str(kind)[:30]}", login + query, whole, refused=True,
                         more=[] if kind is None else [("Content-Type", kind)])
    for site in ("cross-site", "same-site", "evil", "", "none, same-origin"):
        browser.post(f"{login}: from {site!r}", login + query, whole,
                     refused=bool(site), more=[FORM, ("Sec-Fetch-Site", site)])
    world.after()


def hostile_logins(world, judge, login, query):
    """What is typed comes back as text, never as markup."""
    browser = Browser(judge)
    proof = browser.form("login page", login + query, own(login))
    for text in [HOSTILE, *values.INJECTIONS]:
        body = urllib.parse.urlencode({"form": proof,
    "login": text,
    "password": "a wrong password of nobody"},
     errors="surrogatepass")
        marks = [text.encode("utf-8", "surrogatepass")] if set(text) & set("<>\"") else []
        browser.post(f"{login}: typed {text[:20]!r}", login + query, body, refused=True,
                     never=[*marks, b"a wrong password of nobody"])
        if judge.throttled:
            world.after()
            proof = browser.form("login page", login + query, own(login))


def later_forms(world, judge, login, query, account):
    """Continue, log out and consent: without a session, and with one and a proof that is wrong."""
    for action in ("/continue", "/out", "/consent"):
        stranger, known = Browser(judge), log_in(judge, login, query, account)
        page = login + ("/consent" if action == "/consent" else "") + query
        right = {"form": known.form("page", page, action), "answer": "allow"}
        for label, body, name in spoilt_pairs(right):
            stranger.post(f"{login}{action} of a stranger: {label}", login + action + query, body)
            answer = known.post(f"{login}{action}: {label}", login + action + query, body)
            gone = answer is not None and answer.status in (302, 303)
            ended = gone and (action == "/out" or "code=" in answer.header("Location"))
            if name == "form" and gone and not urllib.parse.urlsplit(answer.header("Location")).path.endswith(
                    own(login)):
                judge.complain(f"{login}{action}: {label}", "obeyed without a proof", body, answer)
            if ended or answer is None or action == "/consent" and (b"eyJ" in answer.body or gone):
                known = log_in(judge, login, query, account)
                right = {"form": known.form("page", page, action), "answer": "allow"}
        if known.cookies:
            known.post(f"{login}{action}: no body", login + action + query, b"")


def cookies(world, judge, login, query, account):
    browser = log_in(judge, login, query, account)
    own = dict(browser.cookies)
    for name, value in own.items():
        for other in ["",
    "x",
    value[:-1],
    value + "0",
    value.swapcase(),
    value[::-1],
    "A" * 9000,
    "%00",
    "\"" + value + "\"",
    "é",
    "a;b",
    "\x7f",
    value + "; " + name + "=x",
    "' OR 1=1 --",
     *(text for text in values.INJECTIONS if text.isprintable() and len(text) < 60)]:
            for path in (login, login + "/consent"):
                raw = request("GET", path + query, [("Cookie", f"{name}={other}")])
                judge.ask(f"{path}: cookie {name}={other[:20]!r}", raw, "page", early=True)
    for jar in (
        "=", ";", ";;;=;;=", "a" * 5000, "; ".join( ["a=b"] * 1000), ",".join( ["a=b"] * 50), "=".join(
        ["a"] * 100)):
        judge.ask(f"{login}: jar {jar[:12]!r}", request("GET", login + query, [("Cookie", jar)]), "page", early=True)


def addresses(world, judge):
    """The query that sends a browser here (checklist 6, 7, 14)."""
    for login, query in (("/oauth2/login", world.authorize(grant_type="authorization_code").partition("?")[2]),
                         (world.door, world.ask_standard().partition("?")[2])):
        spoilt_addresses(world, judge, login, dict(urllib.parse.parse_qsl(query)))
    for text in BAD_ENCODINGS:
        judge.ask(f"start page: {text!r}", request("GET", b"/tokens?x=" + text), "page", early=True)


def spoilt_addresses(world, judge, login, right):
    bound = ("client_id", "redirect_uri")
    for path in (login, login + "/consent", login + "/nothing"):
        for label, text, name in spoilt_pairs(right):
            answer = judge.ask(f"{path}: {label}", request("GET", path.encode() + b"?" + text), "page", early=True)
            gone = answer is not None and answer.header("Location")
            if gone and not gone.startswith((world.callback + "?", login + "?")):
                judge.complain(f"{path}: {label}", "a redirect to a stranger", text, answer)
            if gone and name in bound and not gone.startswith("/"):
                judge.complain(f"{path}: {label}", "a redirect before client and address are known", text, answer)
        for uri in (
            "https://evil.example/cb", world.callback + "/", world.callback + "?a=b", world.callback + "#f",
            world.callback.upper(), world.callback.replace( "127.0.0.1", "localhost"), world.callback.replace(
            "127.0.0.1", "127.0.0.1@evil.example"), world.callback.replace( "http:", "https:"),
            world.callback + "/../x", world.callback.replace( "/cb", "/%63b"), "//evil.example",
            "javascript:alert(1)", "data:text/html,x", world.callback + "\t", " " + world.callback,
            world.callback + "\r\nX-Injected: 1", world.callback + "\u0000", "http://127.0.0.1:8001/cb"):
            text = encode([(n, quote(uri) if n == b"redirect_uri" else v) for n, v in pairs_of(right)])
            answer = judge.ask(
                f"{path}: redirect_uri {uri[:40]!r}", request("GET", path.encode() + b"?" + text), "page",
                refused=True, early=True)
            if answer is not None and answer.header("Location"):
                judge.complain(f"{path}: redirect_uri {uri!r}", "a redirect", text, answer)


def methods(judge, world):
    for login, query, _ in places(world):
        for path in (login, login + "/continue", login + "/out", login + "/consent", login + "/nothing", "/tokens"):
            for method in values.METHODS:
                judge.ask(f"{method[:12]} {path}", request(method, path + query), "page", early=len(method) > 100)


def run(world, judge, _):
    for login, query, account in places(world):
        login_forms(world, judge, login, query, account)
        hostile_logins(world, judge, login, query)
        later_forms(world, judge, login, query, account)
        cookies(world, judge, login, query, account)
    addresses(world, judge)
    methods(judge, world)
