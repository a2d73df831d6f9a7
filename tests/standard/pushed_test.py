#!/usr/bin/env python3
"""Authorization requests that are handed in before the browser comes (RFC 9126), our broker and our authority.

    pushed_test.py --bin DIRECTORY [it_...]
"""
import sys

from stage import Stage, holds
from play import play


def logged_in(binaries, pushed_requests, *lines):
    """What the browser was sent to, of a login where the authority has that setting."""
    with Stage(binaries, {"pushed_requests": pushed_requests}) as stage:
        stage.client("native", "--public", "--redirect-uri", stage.redirect)
        stage.serve()
        stage.profile("me", 'client_id = "native"', 'scope = "openid offline_access"', *lines)
        stage.keep_addresses()
        stage.latchkey("login", "me")
        holds("a token", stage.token("me"))
        return stage.addresses()


def it_hands_its_request_in_where_that_is_demanded(binaries):
    for line in ('pushed_requests = "offered"', 'pushed_requests = "demanded"'):
        address = logged_in(binaries, "required", line)
        holds("the address names what was pushed", "request_uri=urn%3A" in address, address)
        holds("and nothing else", "code_challenge" not in address and "scope" not in address, address)


def it_hands_its_request_in_where_that_is_offered(binaries):
    holds("pushed", "request_uri=" in logged_in(binaries, "offered"))


def it_asks_in_the_address_where_that_is_wanted_or_there_is_no_other_way(binaries):
    for offer, line in (("offered", 'pushed_requests = "demanded"'), ("off", 'pushed_requests = "offered"')):
        address = logged_in(binaries, offer, line)
        holds("asked in the address", "code_challenge=" in address and "request_uri=" not in address, address)


if __name__ == "__main__":
    sys.exit(play(globals()))
