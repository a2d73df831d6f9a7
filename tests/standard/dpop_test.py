#!/usr/bin/env python3
"""Logins whose tokens are bound to a key (RFC 9449), our broker and our authority.    // checklist 39

    dpop_test.py --bin DIRECTORY [it_...]
"""
import http.client
import json
import subprocess
import sys

from stage import Stage, holds
from play import play
from keys import private_jwk, public_set

WHO = "/oauth2/userinfo"


def bound(binaries, *lines, nonce=False, **settings):
    stage = Stage(binaries, dict({"dpop_nonce": nonce}, **settings))
    stage.client("native", "--public", "--redirect-uri", stage.redirect)
    stage.serve()
    stage.profile("me", 'client_id = "native"', 'scope = "openid offline_access"', "dpop = true", *lines)
    stage.latchkey("login", "me")
    return stage


def who(stage, profile="me"):
    return json.loads(stage.latchkey("request", profile, "GET", WHO).stdout)["sub"]


def it_proves_its_key_wherever_the_token_goes(binaries):
    for nonce in (False, True):
        with bound(binaries, nonce=nonce) as stage:
            holds(f"nonces {nonce}: userinfo", who(stage) == "ann")
            for _ in range(3):
                stage.latchkey("refresh", "me")
            holds(f"nonces {nonce}: after three refreshes", who(stage) == "ann")
            done = stage.latchkey("validate", "me")
            holds(f"nonces {nonce}: alive", "is alive" in done.stderr, done.stderr)
            stage.latchkey("revoke", "me")


def it_pushes_and_asks_in_the_address(binaries):
    for pushed in ("off", "required"):
        with bound(binaries, nonce=True, pushed_requests=pushed) as stage:
            holds(f"pushed requests {pushed}", who(stage) == "ann")


def it_hands_out_no_token_that_opens_nothing(binaries):
    with bound(binaries) as stage:
        for words in (("token", "me"), ("header", "me"), ("exec", "me", "--", "true"),
                      ("export", "me", stage.place + "/cache.json")):
            done = stage.latchkey(*words, good=False)
            holds(f"{words[0]}: exit code 8", done.returncode == 8, (done.returncode, done.stderr))
            holds(f"{words[0]}: says what to do", "latchkey request me" in done.stderr and not done.stdout, done.stderr)


def it_brings_its_proofs_through_the_proxy(binaries):
    for nonce in (False, True):
        with bound(binaries, nonce=nonce) as stage:
            key = stage.place + "/proxy.key"
            process = subprocess.Popen([stage.broker.program, "proxy", "me", "--listen", "127.0.0.1:0", "--key-file", key],
                                       env=stage.broker.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                port = int(process.stdout.readline().strip().rsplit(":", 1)[1].rstrip("/"))
                with open(key) as file:
                    shown = {"X-Latchkey-Key": file.read().strip()}
                for method in ("GET", "POST", "POST"):
                    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    line.request(method, WHO, headers=shown)
                    answer = line.getresponse()
                    seen = json.loads(answer.read())
                    holds(f"nonces {nonce}: {method}", answer.status == 200 and seen["sub"] == "ann", (answer.status, seen))
                    holds("no nonce comes back", answer.headers["DPoP-Nonce"] is None)
            finally:
                process.terminate()
                process.communicate(timeout=30)


def it_binds_the_tokens_of_a_client_that_signs(binaries):
    with Stage(binaries, {"dpop_nonce": True}) as stage:
        jwk = private_jwk("ES256", "k1")
        stage.client("service", "--jwks", json.dumps(public_set(jwk)), "--redirect-uri", stage.redirect)
        stage.serve()
        stage.profile("me", 'client_id = "service"', 'auth_method = "private_key_jwt"', "dpop = true",
                      f'client_key_file = "{stage.secret("key", jwk)}"', 'scope = "openid offline_access"')
        stage.latchkey("login", "me")
        stage.latchkey("refresh", "me")
        holds("userinfo", who(stage) == "ann")


if __name__ == "__main__":
    sys.exit(play(globals()))
