#!/usr/bin/env python3
"""Our broker against npm oidc-provider: discovery, a login in a browser with PKCE, one on another device,
a client of its own, rotating refresh tokens under twenty programs, and the end of a session.
"""
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import install
from story import HERE, Story, arguments

from person import Person  # noqa: E402
from sandbox import Broker, clean_environment, plain_fetch  # noqa: E402

SECRET = "s3cret & more: 100 % + ="
HOUR = 3600
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
PERSON = HERE.parent / "support/person.py"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Issuer:
    """oracle/issuer.mjs, for as long as it is needed."""

    def __init__(self, packages, clients, **more):
        self.place = tempfile.mkdtemp(prefix="latchkey-")
        shutil.copy(HERE / "oracle/issuer.mjs", self.place)
        os.symlink(packages / "node_modules", f"{self.place}/node_modules")
        environment = dict(clean_environment(self.place), GIVEN=json.dumps({"clients": clients, **more}))
        self.process = subprocess.Popen([packages / "node", "issuer.mjs"], cwd=self.place, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.base = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def seen(self):
        return json.loads(plain_fetch(self.base, "GET", "/seen")[2])

    def drop(self):
        plain_fetch(self.base, "POST", "/drop", "")

    def close(self):
        if self.process.poll() is not None:
            return
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        shutil.rmtree(self.place, ignore_errors=True)


def clients(redirect_uri):
    login = {"redirect_uris": [redirect_uri], "response_types": ["code"]}
    return [
        {"client_id": "native", "token_endpoint_auth_method": "none", "application_type": "native",
         "grant_types": ["authorization_code", "refresh_token", DEVICE], **login},
        {"client_id": "basic", "client_secret": SECRET, "application_type": "native",
         "grant_types": ["authorization_code", "refresh_token"], **login},
        {"client_id": "post", "client_secret": SECRET, "token_endpoint_auth_method": "client_secret_post",
         "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": []},
        {"client_id": "machine", "client_secret": SECRET, "grant_types": ["client_credentials"],
         "redirect_uris": [], "response_types": []},
    ]


def configuration(issuer, redirect_uri, secret_file):
    profiles = {
        "native": 'client_id = "native"\nscope = "openid offline_access"',
        "basic": f'client_id = "basic"\nclient_secret_file = "{secret_file}"\nscope = "openid offline_access"',
        "device": 'client_id = "native"\nscope = "openid offline_access"\nflow = "device"',
        "machine": f'client_id = "machine"\nclient_secret_file = "{secret_file}"\n'
                   'flow = "client_credentials"\nscope = "api"',
        "post": f'client_id = "post"\nclient_secret_file = "{secret_file}"\n'
                'flow = "client_credentials"\nauth_method = "client_secret_post"',
        "wrong": 'client_id = "nobody"\nflow = "client_credentials"\n'
                 f'client_secret_file = "{secret_file}"',
    }
    text = '[vault]\nkey = "file"\n'
    for name, lines in profiles.items():
        text += f'[profiles.{name}]\nprovider = "oauth2"\nissuer = "{issuer}"\nredirect_uri = "{redirect_uri}"\n{lines}\n'
    return text + f'[profiles.slash]\nprovider = "oauth2"\nissuer = "{issuer}/"\nclient_id = "native"\n'


class Stage:
    """The issuer, and a broker whose browser is a program that clicks through its pages."""

    def __init__(self, options, packages, **more):
        self.port = free_port()
        redirect = f"http://127.0.0.1:{self.port}/cb"
        self.place = tempfile.mkdtemp(prefix="latchkey-")
        self.broker = Broker(options.bin, self.place)
        self.issuer = Issuer(packages, self.clients(redirect), **more)
        self.broker.configure(self.configuration(redirect))
        self.browser = {"BROWSER": str(PERSON), "PERSON_LOGIN": "somebody", "PERSON_PASSWORD": "anything",
                        "PATH": os.environ["PATH"]}

    def clients(self, redirect):
        return clients(redirect)

    def configuration(self, redirect):
        return configuration(self.issuer.base, redirect, self.broker.secret_file("secret", SECRET))

    def run(self, *words, **options):
        return self.broker.run(*words, **options)

    def token(self, profile, **options):
        return self.run("token", profile, **options).stdout.strip()

    def grants(self, kind):
        return self.issuer.seen()["grants"].count(kind)

    def close(self):
        self.issuer.close()
        shutil.rmtree(self.place, ignore_errors=True)


def login_in_browser(story, stage, profile):
    done = stage.run("login", profile, extra=stage.browser)
    story.claim(f"{profile}: logs in with code and PKCE", done.returncode == 0, done.stderr)
    before = len(stage.issuer.seen()["requests"])
    token = stage.token(profile)
    story.claim(f"{profile}: prints the token", len(token) > 20, token)
    story.claim(f"{profile}: without asking anybody", len(stage.issuer.seen()["requests"]) == before)
    return token


def twenty_at_once(story, stage, profile, first):
    before = stage.grants("refresh_token")
    tokens = []

    def one():
        tokens.append(stage.token(profile, offset=f"{HOUR - 30}s"))
    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    story.claim(f"{profile}: twenty programs get one token", len(set(tokens)) == 1 and tokens[0], set(tokens))
    story.claim(f"{profile}: and it is a new one", tokens[0] != first)
    story.claim(f"{profile}: by one refresh", stage.grants("refresh_token") == before + 1, stage.issuer.seen()["grants"])


def again_and_again(story, stage, profile):
    tokens = set()
    for hours in range(2, 7):
        tokens.add(stage.token(profile, offset=f"{hours}h"))
    story.claim(f"{profile}: five hours, five tokens", len(tokens) == 5 and "" not in tokens, tokens)


def validate_and_end(story, stage, profile, offset):
    token = stage.token(profile, offset=offset)
    alive = stage.run("validate", profile, offset=offset)
    story.claim(f"{profile}: the issuer says that it is alive", alive.returncode == 0, alive.stderr)
    asked = stage.issuer.seen()["requests"]
    done = stage.run("logout", profile, offset=offset)
    story.claim(f"{profile}: logs out", done.returncode == 0 and "has no way" not in done.stderr, done.stderr)
    new = stage.issuer.seen()["requests"][len(asked):]
    story.claim(f"{profile}: ends both tokens there", new.count("POST /token/revocation") == 2, new)
    status, _, _ = plain_fetch(stage.issuer.base, "GET", "/me", headers={"Authorization": f"Bearer {token}"})
    story.claim(f"{profile}: and the token is dead", status == 401, status)


def on_a_device(story, stage):
    environment = dict(stage.broker.environment)
    process = subprocess.Popen([stage.broker.program, "login", "device"], env=environment, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = []
    for line in process.stderr:
        lines.append(line.strip())
        whole = re.search(r"or open (http\S+)", line)
        if whole:
            person = Person("somebody", "anything")
            kind, text = person.walk(whole[1])
            story.claim("device: the person agrees elsewhere", kind == "page" and "Success" in text, text[-300:])
    story.claim("device: logs in", process.wait(timeout=120) == 0, lines)
    process.stdout.close()
    process.stderr.close()
    story.claim("device: shows the address and the code",
                any(re.search(r"open http://\S+/device on any device and enter the code \w{4}-\w{4}", l) for l in lines),
                lines)
    story.claim("device: and says that it waits", any("waiting for your approval" in l for l in lines), lines)
    first = stage.token("device")
    second = stage.token("device", offset=f"{HOUR}s")
    story.claim("device: renews like any other", first and second and first != second)


def as_itself(story, stage, profile):
    done = stage.run("login", profile)
    story.claim(f"{profile}: logs in without a person", done.returncode == 0, done.stderr)
    tokens = {stage.token(profile, offset=f"{minutes}m") for minutes in range(0, 60, 10)}
    story.claim(f"{profile}: and by itself again when that is over", len(tokens) == 6 and "" not in tokens, tokens)


def refusals(story, stage):
    done = stage.run("login", "wrong")
    story.claim("a client that the issuer does not know: 5", done.returncode == 5, (done.returncode, done.stderr))
    done = stage.run("login", "slash", extra=stage.browser)
    story.claim("an issuer with one letter more: 10", done.returncode == 10 and "another issuer" in done.stderr,
                (done.returncode, done.stderr))
    done = stage.run("token", "basic")
    story.claim("nobody logged in: 3", done.returncode == 3, (done.returncode, done.stderr))


def a_lost_answer(story, stage, profile, offset):
    stage.issuer.drop()
    lost = stage.run("token", profile, offset=offset)
    story.claim("the answer to a refresh is lost: 9", lost.returncode == 9 and not lost.stdout, (lost.returncode, lost.stderr))
    after = stage.run("token", profile, offset=offset)
    story.claim("once, and then 3", after.returncode == 3, (after.returncode, after.stderr))
    login_in_browser(story, stage, profile)


def without_rotation(story, stage):
    login_in_browser(story, stage, "basic")
    for hours in (1, 2, 3):
        stage.token("basic", offset=f"{hours}h")
    seen = stage.issuer.seen()
    story.claim("a refresh token that stays is used again", seen["grants"].count("refresh_token") == 3, seen)
    stage.issuer.drop()
    again = stage.run("token", "basic", offset="4h")
    story.claim("and a lost answer is asked for again", again.returncode == 0, (again.returncode, again.stderr))
    story.claim("and nothing is refused", not stage.issuer.seen()["refused"], stage.issuer.seen()["refused"])


def gone(story, stage):
    token = stage.token("native", offset="6h")
    stage.issuer.close()
    again = stage.run("token", "native", offset="6h")
    story.claim("a token that lives needs no issuer", again.stdout.strip() == token and token, again.stderr)
    dead = stage.run("token", "native", offset="8h")
    story.claim("one that is over does: 6", dead.returncode == 6 and not dead.stdout, (dead.returncode, dead.stderr))


def main():
    options = arguments()
    packages = install.node_packages(options.kit)
    story = Story()
    with contextlib.closing(Stage(options, packages)) as stage:
        refusals(story, stage)
        for profile in ("native", "basic"):
            first = login_in_browser(story, stage, profile)
            twenty_at_once(story, stage, profile, first)
            again_and_again(story, stage, profile)
        on_a_device(story, stage)
        for profile in ("machine", "post"):
            as_itself(story, stage, profile)
        a_lost_answer(story, stage, "basic", "7h")
        validate_and_end(story, stage, "basic", None)
        seen = stage.issuer.seen()
        story.claim("no refresh token was used twice",
                    [r for r in seen["refused"] if "invalid_client" not in r and "authorization_pending" not in r] == [],
                    seen["refused"])
        gone(story, stage)
    with contextlib.closing(Stage(options, packages, rotate=False)) as stage:
        without_rotation(story, stage)
    story.end()


if __name__ == "__main__":
    sys.exit(main())
