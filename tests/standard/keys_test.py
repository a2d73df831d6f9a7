#!/usr/bin/env python3
"""A client that signs instead of showing a secret, our broker and our authority.    // checklist 41

    keys_test.py --bin DIRECTORY [it_...]
"""
import json
import sys

from stage import Stage, holds
from play import play
from keys import private_jwk, public_set


def signing(stage, name, jwk, *words):
    stage.client(name, "--jwks", json.dumps(public_set(jwk)), *words)
    return (f'client_id = "{name}"', 'auth_method = "private_key_jwt"',
            f'client_key_file = "{stage.secret(name + "-key", jwk)}"')


def it_logs_in_renews_asks_and_ends_with_a_key(binaries):
    for alg in ("ES256", "RS256"):
        with Stage(binaries) as stage:
            lines = signing(stage, "signer", private_jwk(alg, "k1"), "--redirect-uri", stage.redirect)
            stage.serve()
            stage.profile("me", *lines, 'scope = "openid offline_access"')
            stage.latchkey("login", "me")
            first = stage.token("me")
            stage.latchkey("refresh", "me")
            holds(f"{alg}: another token", stage.token("me") != first)
            done = stage.latchkey("validate", "me")
            holds(f"{alg}: the authority says that it lives", "is alive" in done.stderr, done.stderr)
            stage.latchkey("revoke", "me")


def it_gets_tokens_of_its_own(binaries):
    with Stage(binaries) as stage:
        lines = signing(stage, "service", private_jwk("ES256", "k1"), "--grant", "client_credentials", "--scope", "read")
        stage.serve()
        stage.profile("me", *lines, 'flow = "client_credentials"', 'scope = "read"')
        holds("a token", stage.token("me"))


def it_is_refused_with_another_key(binaries):
    with Stage(binaries) as stage:
        lines = signing(stage, "service", private_jwk("ES256", "k1"), "--grant", "client_credentials", "--scope", "read")
        stage.serve()
        stage.profile("me", *lines, 'flow = "client_credentials"')
        stage.secret("service-key", private_jwk("RS256", "k1"))
        done = stage.latchkey("token", "me", good=False)
        holds("exit code 5", done.returncode == 5, (done.returncode, done.stderr))


def it_keeps_a_key_that_was_given_at_the_login(binaries):
    with Stage(binaries) as stage:
        key = private_jwk("ES256", "k1")
        client, method, _ = signing(stage, "signer", key, "--redirect-uri", stage.redirect)
        stage.serve()
        stage.profile("me", client, method, 'scope = "openid offline_access"')
        stage.latchkey("login", "me", "--client-key-file", stage.secret("once", key))
        stage.secret("once", "gone")
        stage.latchkey("refresh", "me")


def it_sends_nobody_to_a_browser_whose_key_is_none(binaries):
    with Stage(binaries) as stage:
        lines = signing(stage, "signer", private_jwk("ES256", "k1"), "--redirect-uri", stage.redirect)
        stage.serve()
        stage.profile("me", *lines)
        stage.secret("signer-key", "hunter2")
        done = stage.latchkey("login", "me", good=False)
        holds("exit code 2", done.returncode == 2, (done.returncode, done.stderr))
        holds("says what a key is", "PKCS#8" in done.stderr and "hunter2" not in done.stderr, done.stderr)


if __name__ == "__main__":
    sys.exit(play(globals()))
