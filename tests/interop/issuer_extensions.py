#!/usr/bin/env python3
"""Our broker against npm oidc-provider, where the standard goes beyond codes and secrets: clients that sign
with ES256 and RS256 (private_key_jwt), and authorization requests that are handed in before the browser comes, and
tokens that are bound to a key (DPoP), with nonces and without.
"""
import concurrent.futures
import contextlib
import json
import sys

import install
import issuer
from issuer import login_in_browser, twenty_at_once
from story import Story, arguments

from keys import private_jwk, public_set  # noqa: E402

KEYS = {"es256": private_jwk("ES256", "k-es"), "rs256": private_jwk("RS256", "k-rs")}


class Stage(issuer.Stage):
    """The same, with clients that have keys."""

    def clients(self, redirect):
        login = {"redirect_uris": [redirect], "response_types": ["code"], "application_type": "native",
                 "grant_types": ["authorization_code", "refresh_token"]}
        alone = {"redirect_uris": [], "response_types": [], "grant_types": ["client_credentials"]}
        by_key = {"token_endpoint_auth_method": "private_key_jwt"}
        native = dict(login, client_id="native", token_endpoint_auth_method="none")
        return [native] + [dict(by_key, client_id=f"{kind}-{name}", jwks=public_set(key), **what)
                for name, key in KEYS.items() for kind, what in (("web", login), ("own", alone))]

    def configuration(self, redirect):
        text = '[vault]\nkey = "file"\n'
        for name, more in (("native", ""), ("shy", 'pushed_requests = "demanded"\n'), ("bound", "dpop = true\n")):
            text += (f'[profiles.{name}]\nprovider = "oauth2"\nissuer = "{self.issuer.base}"\nclient_id = "native"\n'
                     f'redirect_uri = "{redirect}"\nscope = "openid offline_access"\n{more}')
        for name in KEYS:
            key = self.broker.secret_file(name, json.dumps(KEYS[name]))
            common = (f'provider = "oauth2"\nissuer = "{self.issuer.base}"\nredirect_uri = "{redirect}"\n'
                      f'auth_method = "private_key_jwt"\nclient_key_file = "{key}"\n')
            text += f'[profiles.web-{name}]\nclient_id = "web-{name}"\nscope = "openid offline_access"\n{common}'
            text += (f'[profiles.own-{name}]\nclient_id = "own-{name}"\nscope = "api"\n'
                     f'flow = "client_credentials"\n{common}')
        return text


def by_key(story, stage, name):
    first = login_in_browser(story, stage, f"web-{name}")
    twenty_at_once(story, stage, f"web-{name}", first)
    alive = stage.run("validate", f"web-{name}", offset="1h")
    story.claim(f"{name}: the issuer says that it lives", alive.returncode == 0, alive.stderr)
    ended = stage.run("revoke", f"web-{name}", offset="1h")
    story.claim(f"{name}: and ends it", ended.returncode == 0, ended.stderr)
    own = {stage.token(f"own-{name}", offset=offset) for offset in (None, "11m")}
    story.claim(f"{name}: tokens of its own", len(own) == 2 and "" not in own, own)


def with_another_key(story, stage):
    stage.broker.secret_file("es256", json.dumps(dict(KEYS["rs256"], kid="k-es")))
    done = stage.run("token", "own-es256", offset="1h")
    story.claim("signed with another key: 5", done.returncode == 5, (done.returncode, done.stderr))


def pushed(story, stage, profile, wanted):
    """One login, and whether its request was handed in beforehand."""
    before = stage.issuer.seen()
    login_in_browser(story, stage, profile)
    seen = stage.issuer.seen()
    pushes = seen["requests"][len(before["requests"]):].count("POST /request")
    asked = seen["asked"][len(before["asked"])]
    story.claim(f"{profile}: {'hands its request in' if wanted else 'asks in the address'}",
                (pushes, asked == "client_id request_uri") == ((1, True) if wanted else (0, False)), (pushes, asked))


def bound(story, stage):
    done = stage.run("login", "bound", extra=stage.browser)
    story.claim("bound: logs in", done.returncode == 0, done.stderr)
    for _ in range(3):
        done = stage.run("refresh", "bound")
        story.claim("bound: refreshes", done.returncode == 0, done.stderr)
    who = stage.run("request", "bound", "GET", "/me")
    story.claim("bound: is let in with a proof", who.returncode == 0 and "somebody" in who.stdout, (who.stdout, who.stderr))
    alive = stage.run("validate", "bound")
    story.claim("bound: the issuer says that it lives", alive.returncode == 0, alive.stderr)
    alone = stage.run("token", "bound")
    story.claim("bound: a token alone is not handed out: 8", alone.returncode == 8 and not alone.stdout, alone.stderr)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        codes = list(pool.map(lambda _: stage.run("refresh", "bound").returncode, range(10)))
    story.claim("bound: ten programs that refresh", codes == [0] * 10, codes)
    seen = stage.issuer.seen()
    refused = [one for one in seen["refused"] if "use_dpop_nonce" not in one]
    story.claim("bound: nothing was refused or revoked", (refused, seen["revoked"]) == ([], 0), (refused, seen["revoked"]))


def unbound(story, stage):
    done = stage.run("login", "bound", extra=stage.browser)
    story.claim("an issuer that binds nothing: 10", done.returncode == 10 and "not bound to our key" in done.stderr,
                (done.returncode, done.stderr))
    again = stage.run("request", "bound", "GET", "/me")
    story.claim("an issuer that binds nothing: nobody is logged in", again.returncode == 3, (again.returncode, again.stderr))


def main():
    options = arguments()
    packages = install.node_packages(options.kit)
    story = Story()
    with contextlib.closing(Stage(options, packages)) as stage:
        for name in KEYS:
            by_key(story, stage, name)
        refused = stage.issuer.seen()["refused"]
        story.claim("nothing was refused", refused == [], refused)
        pushed(story, stage, "web-es256", True)
        pushed(story, stage, "native", True)
        pushed(story, stage, "shy", False)
        with_another_key(story, stage)
    for push, wanted in (("required", True), ("off", False)):
        with contextlib.closing(Stage(options, packages, push=push)) as stage:
            story.claim(f"the issuer's pushed requests: {push}", True)
            for profile in ("native", "shy", "web-rs256"):
                pushed(story, stage, profile, wanted)
    for nonces in (False, True):
        with contextlib.closing(Stage(options, packages, nonces=nonces)) as stage:
            story.claim(f"the issuer wants nonces: {nonces}", True)
            bound(story, stage)
    with contextlib.closing(Stage(options, packages, dpop=False)) as stage:
        unbound(story, stage)
    story.end()


if __name__ == "__main__":
    sys.exit(main())
