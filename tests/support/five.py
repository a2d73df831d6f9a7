"""A sandbox, a broker with a profile for each of its five systems and for the standard wire, and what tests
of renewal need: logins, the moment of expiry, and what the authority was asked.
"""
import contextlib
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import time

import ledger
from person import UUID, Person
from sandbox import Broker, Sandbox

# profile → system, what gets a new access token, and how long after a login the old one is dead.
SYSTEMS = {"ssi": ("fastconnect", "refresh", "8h1m"), "alor": ("alor", "refresh", "31m"),
           "sinopac": ("sinopac", "refresh", "24h1m"), "pay": ("tconnect", "refresh", "10h1m"),
           "chat": ("chathub", "delegate", "24h1m")}
# The same of the standard wire, which has an issuer instead of a documented host.
STANDARD = {"std": ("oauth2", "refresh", "11m")}
WIRES = SYSTEMS | STANDARD
# Whose refresh token is good once, and who never gives its answer again …
SINGLE_USE = ("ssi", "sinopac")
# … and who does, for longer than a test needs to ask again: what was lost costs them no login.
ANSWERS_AGAIN = ("std",)
REPLAY_WINDOW = "5m"
PROOFS = {"ssi": ("GET", "/api/v3/data/securitiesByBoard?board=HOSE"), "chat": ("GET", "/api/operator"),
          "alor": ("GET", "/md/v2/Clients/MOEX/D39004/summary"),
          "sinopac": ("POST", "/oauth2/api/v1/trust/getTestToken"),
          "std": ("GET", "/oidc/oauth2/userinfo"),
          "pay": ("POST", "/openapi/v1/transaction/qr", "-d", json.dumps(
              {"from_date": "2026-01-01 00:00:00", "to_date": "2099-12-31 23:59:59", "limit": 10, "page": 1}))}
NATIVE_REDIRECT = "http://127.0.0.1:8000/cb"  # of a native client: any port will do
AS_JSON = {"Content-Type": "application/json"}


def needed_life(words):
    """The seconds of `--live-for 20m`; None if a command does not say."""
    words = list(map(str, words))
    if "--live-for" not in words:
        return None
    text = words[words.index("--live-for") + 1]
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


class Five:
    """`base`: where profiles find the authority, if not at the sandbox itself; `timeout`: a
    profile's patience with one call."""

    def __init__(self, binaries, directory, *arguments, timeout="30s", base=None):
        self.binaries, self.directory = pathlib.Path(binaries).resolve(), pathlib.Path(directory)
        self.clients = ledger.ClientLedger(str(self.directory / "clients"))
        self.tokens = set()  # all that was printed
        self.sandbox = Sandbox(binaries, "--set", f"oauth2.replay_window={REPLAY_WINDOW}", *arguments)
        self.systems = self.sandbox.info["systems"]
        self.broker = Broker(binaries, directory)
        self.timeout, self.base = timeout, base or self.sandbox.base
        self.write_secrets()
        self.configure()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.close()

    # -- configuration ------------------------------------------------------------------

    def write_secrets(self):
        pay = self.systems["tconnect"]
        self.secrets = {
            "ssi-secret": self.systems["fastconnect"]["clients"][0]["secret"],
            "chat-password": self.systems["chathub"]["users"][0]["password"],
            "sinopac-secret": self.systems["sinopac"]["clients"][0]["secret"],
            "pay-password": pay["users"][0]["password"], "pay-secret": pay["clients"][0]["secret"],
            "pay-key": pay["clients"][0]["shared_key"]}
        self.files = {name: self.broker.secret_file(name, text) for name, text in self.secrets.items()}

    def config(self, base=None, head=""):
        """The text of a configuration with all of them."""
        client = {name: system["clients"][0] for name, system in self.systems.items() if system["clients"]}
        chat, pay = self.systems["chathub"], self.systems["tconnect"]
        common = f'base_url = "{base or self.base}"\ntimeout = "{self.timeout}"'
        self.redirect = client["sinopac"]["redirect_uris"][0]
        return f"""{head}
[profiles.ssi]
provider = "fastconnect"
{common}
api_key = "{client['fastconnect']['id']}"
api_secret_file = "{self.files['ssi-secret']}"
[profiles.chat]
provider = "chathub"
{common}
login = "{chat['users'][0]['login']}"
password_file = "{self.files['chat-password']}"
operator = {chat['organizations'][0]['operators'][0]['id']}
[profiles.alor]
provider = "alor"
{common}
[profiles.sinopac]
provider = "sinopac"
{common}
client_id = "{client['sinopac']['id']}"
client_secret_file = "{self.files['sinopac-secret']}"
redirect_uri = "{self.redirect}"
[profiles.std]
provider = "oauth2"
issuer = "{self.sandbox.base}/oidc"
api_url = "{self.sandbox.base}"
timeout = "{self.timeout}"
client_id = "demo-native"
redirect_uri = "{NATIVE_REDIRECT}"
scope = "openid offline_access"
replay_window = "{REPLAY_WINDOW}"
[profiles.pay]
provider = "tconnect"
{common}
username = "{pay['users'][0]['login']}"
password_file = "{self.files['pay-password']}"
client_id = "{client['tconnect']['id']}"
client_secret_file = "{self.files['pay-secret']}"
partner_code = "{client['tconnect']['partner']}"
aes_key_file = "{self.files['pay-key']}"
"""

    def configure(self, base=None, head=""):
        self.broker.configure(self.config(base, head))

    def state(self):
        """The vault's directory."""
        return self.broker.home / ".local/state/latchkey"

    # -- running --------------------------------------------------------------------------

    def environment(self, extra=None):
        """Of a command whose clock is the authority's."""
        offset = {"LATCHKEY_CLOCK_OFFSET": self.sandbox.offset} if self.sandbox.offset else {}
        return dict(self.broker.environment, **offset, **(extra or {}))

    def run(self, *words, input=None, extra=None, timeout=120):
        """One command, written down for the judge; (exit code, stdout, stderr) as subprocess has them."""
        began = time.time()
        done = subprocess.run([self.broker.program, *map(str, words)], input=input, capture_output=True, text=True,
                              env=self.environment(extra), timeout=timeout, start_new_session=True)
        self.record(words, done.returncode, done.stdout, began)
        return done

    def record(self, words, code, printed, began, pid=0, ended=None):
        """What a client did, for the judge. `pid` is not known of one that has ended."""
        need = needed_life(words)
        words = [str(word) for word in words if not str(word).startswith("-")]
        token = printed if words[0] == "token" and printed.endswith("\n") and printed.count("\n") == 1 else None
        self.tokens |= {token.strip()} if token else set()
        self.clients.record(" ".join(words), code, began, pid, words[1] if len(words) > 1 else "", token, ended=ended,
                            need=need)

    def verdict(self):
        """Complaints of the judge, which knows what the authority did and what the clients saw."""
        clients = self.clients.path if os.path.exists(self.clients.path) else None
        return ledger.judge_files(self.sandbox.info["ledger"], clients)

    def leaks(self):
        """Files of the broker in which a secret or a token is in clear, and which."""
        own, known = set(self.files.values()), dict(self.secrets, **{f"token {i}": t for i, t in enumerate(self.tokens)})
        for path in sorted(self.broker.home.rglob("*")):
            if path.is_file() and path not in own:
                content = path.read_bytes()
                yield from (f"{name} is in {path}" for name, text in known.items() if text.encode() in content)

    def latchkey(self, *words, code=0, **options):
        done = self.run(*words, **options)
        if done.returncode != code:
            raise RuntimeError(f"latchkey {' '.join(map(str, words))}: {done.returncode}, not {code}: {done.stderr}")
        return done

    def token(self, profile):
        return self.latchkey("token", profile).stdout.strip()

    def login(self, profile):
        """With time for it: a short timeout is for what is tested, and the machine may be busy."""
        path = self.broker.home / ".config/latchkey/config.toml"
        text = path.read_text()
        path.write_text(text.replace(f'timeout = "{self.timeout}"', 'timeout = "60s"'))
        try:
            return self.login_in_a_hurry(profile)
        finally:
            path.write_text(text)

    def login_in_a_hurry(self, profile):
        if profile == "ssi":
            return self.latchkey("login", "ssi", "--no-otp")
        if profile == "alor":
            user = self.systems["alor"]["users"][0]
            person = Person(user["login"], user["password"])
            uuid = UUID.search(person.walk(self.sandbox.base + "/tokens")[1])[0]
            return self.latchkey("login", "alor", "--refresh-token-file", "-", input=uuid + "\n")
        if profile == "sinopac":
            registered = self.systems["sinopac"]["clients"][0]["redirect_uris"]
            free = next(uri for uri in registered if port_is_free(uri))
            return self.log_in_with_a_browser(profile, self.redirect, free)
        if profile == "std":
            return self.log_in_with_a_browser(profile, NATIVE_REDIRECT, f"http://127.0.0.1:{a_free_port()}/cb")
        return self.latchkey("login", profile)

    def log_in_with_a_browser(self, profile, configured, free):
        """Of the redirect URIs that the client may use, one whose port is free."""
        user = self.systems[WIRES[profile][0]]["users"][0]
        person = {"BROWSER": str(pathlib.Path(__file__).resolve().parent / "person.py"),
                  "PERSON_LOGIN": user["login"], "PERSON_PASSWORD": user["password"]}
        text = (self.broker.home / ".config/latchkey/config.toml").read_text()
        path = self.broker.home / "login.toml"
        path.write_text(text.replace(f'"{configured}"', f'"{free}"'))
        return self.latchkey("login", profile, "--config", str(path), extra=person)

    def accepts(self, profile, token):
        """Whether the authority takes that access token."""
        if profile == "pay":  # its calls are encrypted: the broker makes one
            return self.run("request", "pay", *PROOFS["pay"]).returncode == 0
        if not re.fullmatch("[!-~]+", token):
            return False
        method, path = PROOFS[profile]
        return self.sandbox.fetch(method, path, headers={"Authorization": f"Bearer {token}"})[0] == 200

    # -- time and the authority ---------------------------------------------------------------

    def advance(self, duration):
        _, _, text = self.sandbox.fetch("POST", "/_sandbox/advance", json.dumps({"by": duration}), AS_JSON)
        self.sandbox.offset = json.loads(text)["offset"]

    def expire(self, profile):
        """Lets the profile's access token die."""
        self.advance(WIRES[profile][2])

    def fault(self, system, operation, fault, **members):
        """The sandbox spoils an answer: docs/latchkeyd.md, "Faults"."""
        rule = dict({"system": system, "operation": operation, "fault": fault}, **members)
        status, _, text = self.sandbox.fetch("POST", "/_sandbox/fault", json.dumps(rule), AS_JSON)
        if status != 200:
            raise RuntimeError(f"{rule}: {status} {text}")

    def struck(self):
        """How many answers the faults that there are have spoilt."""
        return sum(rule["struck"] for rule in json.loads(self.sandbox.fetch("GET", "/_sandbox/faults")[2]))

    def clear_faults(self):
        self.sandbox.fetch("POST", "/_sandbox/fault/clear", "{}", AS_JSON)

    def requests(self, profile, operations=None):
        """What the authority was asked of that profile's system, oldest first."""
        _, _, text = self.sandbox.fetch("GET", "/_sandbox/requests?last=10000")
        system = WIRES[profile][0]
        return [row for row in json.loads(text)
                if row["system"] == system and (operations is None or row["operation"] in operations)]

    def renewals(self, profile):
        return self.requests(profile, (WIRES[profile][1],))


def port_is_free(uri):
    port = int(re.search(r":(\d+)/", uri)[1])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def vault_is_sound(path):
    """What SQLite itself says of the file."""
    with contextlib.closing(sqlite3.connect(path)) as vault:
        return vault.execute("PRAGMA integrity_check").fetchone() == ("ok",)
