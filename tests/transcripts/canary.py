#!/usr/bin/env python3
"""Plants recognisable secrets, lives a day with all five systems and the standard wire, and looks for them where they
must not be: the authority's log and store, the broker's vault and configuration, what commands
print and say, the arguments and the environment of processes.      // promise I7, checklist 68

    canary.py --bin DIRECTORY

A proxy between broker and authority records the wire: so the tokens are known too, and it is
known that every planted secret was really used.
"""
import argparse
import base64
import json
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
SUPPORT = HERE.parent / "support"
sys.path.insert(0, str(SUPPORT))
from agent import Agent, until  # noqa: E402
from person import UUID, Person  # noqa: E402
from sandbox import Broker, clean_environment  # noqa: E402
from server import Server  # noqa: E402

TOKENS = re.compile(rb'"(?:accessToken|AccessToken|access_token|refreshToken|refresh_token|data)"\s*:\s*"([^"]{16,})"'
                    rb'|Bearer ([\w.~+/-]{16,})|[?&]code=([0-9a-f]{16,})|\r\n\r\n"(eyJ[\w.-]+)"')


class Wire:
    """Passes bytes on and keeps them."""

    def __init__(self):
        self.port_behind, self.seen = None, bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:  # closed
                return
            server = socket.create_connection(("127.0.0.1", self.port_behind))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    def pass_on(self, source, sink):
        try:
            while piece := source.recv(65536):
                self.seen += piece
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # the other direction was closed first
            pass

    def tokens(self):
        return {next(group for group in match.groups() if group).decode() for match in TOKENS.finditer(bytes(self.seen))}


class Canary:
    def __init__(self, binaries, directory):
        self.binaries, self.top = pathlib.Path(binaries).resolve(), pathlib.Path(directory)
        self.planted, self.outputs, self.codes = {}, [], set()
        self.cage = self.top / "planted"  # the one place where they may be
        self.cage.mkdir()
        self.home = self.top / "authority"
        self.home.mkdir()
        self.broker = Broker(binaries, self.top)
        self.server = self.wire = self.agent = None

    def plant(self, name, text=None):
        self.planted[name] = text or f"canary-{name}-{secrets.token_hex(8)}"
        path = self.cage / name
        path.write_text(self.planted[name])
        path.chmod(0o600)
        return path

    # -- running -------------------------------------------------------------------

    def admin(self, *words):
        done = subprocess.run([self.binaries / "latchkeyd", "--config", self.home / "d.toml", *map(str, words)],
                              capture_output=True, text=True, env=clean_environment(self.home), timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"latchkeyd {words}: {done.stderr}")
        self.outputs.append((f"latchkeyd {words[0]} {words[1]}", done.stderr))
        return done.stdout

    def latchkey(self, *words, code=0, hands_out=False, **options):
        done = self.broker.run(*words, **options)
        if done.returncode != code:
            raise RuntimeError(f"latchkey {' '.join(map(str, words))}: {done.returncode}, {done.stderr}")
        self.outputs.append((f"latchkey {words[0]} {words[1]}", done.stderr + ("" if hands_out else done.stdout)))
        return done.stdout

    def watcher(self, name, command):
        """A program that the broker runs; it looks at who runs it before it answers."""
        path = self.top / name
        path.write_text(f"#!/bin/sh\ncat /proc/$PPID/cmdline /proc/$PPID/environ /proc/$$/environ "
                        f">> '{self.top}/{name}.seen' 2>/dev/null\n{command}\n")
        path.chmod(0o700)
        return path

    # -- the systems ----------------------------------------------------------------

    def open_authority(self):
        self.admin_key = self.home / "master.key"
        subprocess.run([self.binaries / "latchkeyd", "key", "create", self.admin_key], check=True)
        self.planted["master-key"] = self.admin_key.read_text().strip()
        realms = "".join(f'[realms.{name}]\ndialect = "{name}"\n'
                         for name in ("fastconnect", "chathub", "alor", "sinopac", "tconnect"))
        self.wire = Wire()
        self.issuer = f"http://127.0.0.1:{self.wire.port}/oidc"
        realms += (f'[realms.standard]\ndialect = "oauth2"\nprefix = "/oidc"\n[realms.standard.settings]\n'
                   f'issuer = "{self.issuer}"\nscopes = "openid offline_access"\n')
        (self.home / "d.toml").write_text(f'[listen]\nport = 0\n[state]\ndirectory = "{self.home}/state"\n'
                                          f'[master_key]\nfile = "{self.admin_key}"\n{realms}')
        user = ("user", "create", "--password-file")
        self.admin(*user, self.plant("ssi-user"), "--realm", "fastconnect", "ssi-user")
        self.admin(*user, self.plant("chat-password"), "--realm", "chathub", "company")
        self.admin(*user, self.plant("alor-password"), "--realm", "alor", "P039004",
                   "--attribute", "portfolios=D39004", "--attribute", "agreements=39004")
        self.admin(*user, self.plant("sinopac-password"), "--realm", "sinopac", "USER01")
        self.admin(*user, self.plant("pay-password"), "--realm", "tconnect", "me@example.vn")
        self.admin(*user, self.plant("std-password"), "--realm", "standard", "ann")
        self.admin("organization", "create", "--realm", "chathub", "--owner", "company", "Support")
        self.admin("operator", "create", "--realm", "chathub", "--organization", "1", "Olena")
        client = ("client", "create", "--client-secret-file")
        self.admin(*client, self.plant("ssi-secret"), "--realm", "fastconnect", "desk", "--owner", "ssi-user",
                   "--otp", "outbox", "--otp-address", "+84")
        self.redirect = f"http://127.0.0.1:{free_port()}/cb"
        self.admin(*client, self.plant("sinopac-secret"), "--realm", "sinopac", "robot", "--redirect-uri", self.redirect)
        self.admin(*client, self.plant("std-secret"), "--realm", "standard", "web", "--redirect-uri", self.redirect)
        self.admin("client", "create", "--realm", "alor", "tokens-page", "--public")
        shown = self.admin(*client, self.plant("pay-secret"), "--realm", "tconnect", "till", "--json",
                           "--owner", "me@example.vn", "--partner", "ACME")
        self.plant("pay-key", json.loads(shown)["shared_key"])
        self.server = Server(self.binaries, ["--config", str(self.home / "d.toml")],
                             clean_environment(self.home), self.home)
        self.wire.port_behind = int(self.server.port)

    def configure(self):
        base = f'base_url = "http://127.0.0.1:{self.wire.port}"'
        askpass = f"exec cat '{self.cage}/chat-password'"
        self.broker.configure(f"""
[agent]
notify = ["{self.watcher('hook', 'cat > /dev/null')}"]
[profiles.ssi]
provider = "fastconnect"
{base}
api_key = "desk"
api_secret_file = "{self.cage}/ssi-secret"
[profiles.chat]
provider = "chathub"
{base}
login = "company"
operator = 1
password_command = ["{self.watcher('command', askpass)}"]
[profiles.alor]
provider = "alor"
{base}
[profiles.sinopac]
provider = "sinopac"
{base}
client_id = "robot"
redirect_uri = "{self.redirect}"
[profiles.std]
provider = "oauth2"
issuer = "{self.issuer}"
client_id = "web"
client_secret_file = "{self.cage}/std-secret"
auth_method = "client_secret_post"
redirect_uri = "{self.redirect}"
scope = "openid offline_access"
api_url = "http://127.0.0.1:{self.wire.port}"
[profiles.pay]
provider = "tconnect"
{base}
username = "me@example.vn"
client_id = "till"
partner_code = "ACME"
keep_secrets = true
""")

    def log_in(self):
        otp = self.watcher("otp", f"exec '{self.binaries}/latchkeyd' --config '{self.home}/d.toml' outbox --realm "
                           f"fastconnect --json | grep -o '[0-9]\\{{6\\}}' | tail -n 1 | tee -a '{self.cage}/codes'")
        self.latchkey("login", "ssi", extra={"LATCHKEY_ASKPASS": str(otp)})
        self.latchkey("login", "chat")
        uuid = UUID.search(Person("P039004", self.planted["alor-password"]).walk(
            f"http://127.0.0.1:{self.wire.port}/tokens")[1])[0]
        self.plant("alor-refresh-token", uuid)
        self.latchkey("login", "alor", "--refresh-token-file", self.cage / "alor-refresh-token")
        self.latchkey("login", "sinopac", "--client-secret-file", self.cage / "sinopac-secret",
                      extra={"BROWSER": str(self.browser("browser", "USER01", "sinopac-password"))})
        self.latchkey("login", "std", extra={"BROWSER": str(self.browser("std-browser", "ann", "std-password"))})
        # Mistakes repeat what was given more often than successes do.
        self.latchkey("login", "pay", "--password-file", self.cage / "pay-secret", "--client-secret-file",
                      self.cage / "pay-password", "--aes-key-file", self.cage / "pay-key", code=5)
        self.latchkey("login", "pay", "--password-file", self.cage / "pay-password", "--client-secret-file",
                      self.cage / "pay-secret", "--aes-key-file", self.cage / "pay-key")

    def browser(self, name, login, password):
        return self.watcher(name, f"PERSON_LOGIN={login} PERSON_PASSWORD=$(cat '{self.cage}/{password}') "
                            f"exec '{sys.executable}' '{SUPPORT}/person.py' \"$@\"")

    def use(self):
        calls = {"ssi": ("GET", "/api/v3/account/info"), "chat": ("GET", "/api/operator"),
                 "alor": ("GET", "/md/v2/Clients/MOEX/D39004/summary"),
                 "sinopac": ("POST", "/oauth2/api/v1/trust/getTestToken"),
                 "std": ("GET", "/oidc/oauth2/userinfo"),
                 "pay": ("POST", "/openapi/v1/transaction/qr", "-d", json.dumps(
                     {"from_date": "2026-01-01 00:00:00", "to_date": "2099-12-31 23:59:59", "limit": 10, "page": 1}))}
        for profile, call in calls.items():
            self.plant(f"{profile}-token", self.latchkey("token", profile, hands_out=True).strip())
            self.latchkey("header", profile, hands_out=True)
            self.latchkey("request", profile, *call)
            self.latchkey("request", profile, "GET", "/nowhere", code=5)
            self.latchkey("validate", profile)
            self.latchkey("refresh", profile)
            self.latchkey("status", profile, "--json")
        self.latchkey("login", "ssi", "--api-secret", self.planted["ssi-secret"], code=2)

    def log_out(self):
        self.admin("grant", "revoke", "--realm", "fastconnect", "--client", "desk")
        self.latchkey("refresh", "ssi", code=5)
        for profile in ("ssi", "chat", "alor", "sinopac", "std", "pay"):
            self.latchkey("logout", profile)

    # -- looking -------------------------------------------------------------------------------

    def look(self, when):
        """Where a secret is that must not be."""
        needles = dict(self.planted)
        needles.update((f"token {i}", token) for i, token in enumerate(sorted(self.wire.tokens())))
        forms = {name: forms_of(text) for name, text in needles.items()}
        codes = re.findall(rb"[0-9]{6}", (self.cage / "codes").read_bytes())
        forms.update((f"one-time password {i}", [code]) for i, code in enumerate(codes))
        found = []
        for place, text in self.places():
            for name, shapes in forms.items():
                own = name == "master-key" and place == str(self.admin_key)
                if not own and any(holds(text, shape) for shape in shapes):
                    found.append(f"{when}: {name} is in {place}")
        return found

    def places(self):
        yield "the authority's log", self.server.text().encode()
        for command, said in self.outputs:
            yield f"what `{command}` said", said.encode()
        for path in sorted(self.top.rglob("*")):
            if path.is_file() and self.cage not in path.parents:
                yield str(path), path.read_bytes()
        for program in filter(None, (self.server, self.agent)):
            for name in ("cmdline", "environ"):
                try:
                    yield f"/proc/…/{name}", pathlib.Path(f"/proc/{program.process.pid}/{name}").read_bytes()
                except OSError:  # hidden, or gone: so it is from others
                    pass

    def check_use(self):
        """A secret that was never sent proves nothing. TCONNECT's travel encrypted."""
        sent = bytes(self.wire.seen)
        unused = [name for name in ("ssi-secret", "chat-password", "alor-password", "sinopac-password", "sinopac-secret",
                                      "std-password", "std-secret")
                  if not any(shape in sent for shape in forms_of(self.planted[name]))]
        watchers = [name for name in ("command", "otp", "browser", "std-browser") if not (self.top / f"{name}.seen").stat().st_size]
        if unused or watchers or len(self.wire.tokens()) < 15:
            raise RuntimeError(f"not used: {unused}, saw nothing: {watchers}, {len(self.wire.tokens())} tokens")

    def run(self):
        self.open_authority()
        self.configure()
        try:
            self.log_in()
            found = self.look("after the logins")
            self.use()
            self.check_use()
            found += self.look("after use")
            with Agent(self.broker) as self.agent:
                self.use()
                if not until(lambda: (self.top / "hook.seen").exists()):
                    raise RuntimeError("the agent never ran its hook")
                found += self.look("with an agent")
                self.agent.kill()
            found += self.look("after the agent was killed")
            self.log_out()
            found += self.look("after the logouts")
        finally:
            self.server.stop()
            self.wire.listener.close()
        return found + self.look("at rest")


def forms_of(text):
    raw = text.encode()
    return {raw, raw.hex().encode(), urllib.parse.quote(text, safe="").encode(), base64.b64encode(raw).rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"=")}


def holds(text, shape):
    if len(shape) > 6:
        return shape in text
    return re.search(rb"(?<![0-9a-fA-F.-])" + shape + rb"(?![0-9a-fA-F])", text) is not None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description="looks for secrets where they must not be")
    parser.add_argument("--bin", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory:
        canary = Canary(options.bin, directory)
        found = canary.run()
        looked = len(canary.planted) + len(canary.wire.tokens())
        places = sum(1 for _ in canary.places())
    print("\n".join(sorted(set(found))) or f"ok: {looked} secrets are in none of {places} places")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
